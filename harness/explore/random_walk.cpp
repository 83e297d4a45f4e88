// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/random_walk.hpp"

#include <bit>

#include <fmt/format.h>

namespace threadmill::explore {

unsigned draw(Random& random, unsigned count, Choice choice) {
  switch (choice) {
    case Choice::value:
    case Choice::place:
      if (random.below(2) == 0) return 0;
      return static_cast<unsigned>(random.below(count));
    case Choice::spurious:
      return random.below(8) == 0 ? 1 : 0;
    case Choice::memory:
      return random.below(16) == 0 ? 1 : 0;
    case Choice::sleeper:
      break;
  }
  return static_cast<unsigned>(random.below(count));
}

namespace {

// std::popcount calls a function where the processor's instruction is not assumed.
unsigned size_of(ThreadSet set) {
  unsigned bits = set;
  bits = (bits & 0x55) + (bits >> 1 & 0x55);
  bits = (bits & 0x33) + (bits >> 2 & 0x33);
  return (bits & 0x0f) + (bits >> 4);
}

}  // namespace

unsigned draw_thread(Random& random, ThreadSet set) {
  unsigned left = set;
  if ((left & (left - 1)) != 0) {
    for (auto skip = random.below(size_of(set)); skip > 0; --skip) left &= left - 1;
  }
  return static_cast<unsigned>(std::countr_zero(left));
}

std::string rule_of_three(std::uint64_t executions) {
  return fmt::format(
      "what fails in {:.2g} of executions or more would have been seen "
      "(95 %, rule of three, {} executions)",
      3.0 / static_cast<double>(executions == 0 ? 1 : executions), executions);
}

bool RandomWalk::begin() {
  random_ = Random(mix_seed(seed_, execution_++));
  return true;
}

unsigned RandomWalk::pick_thread(const State& state) {
  return draw_thread(random_, state.runnable);
}

unsigned RandomWalk::pick(unsigned count, Choice choice) {
  return draw(random_, count, choice);
}

std::string RandomWalk::claim(std::uint64_t executions) const {
  return rule_of_three(executions);
}

}  // namespace threadmill::explore
