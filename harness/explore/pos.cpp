// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/pos.hpp"

#include "harness/explore/random_walk.hpp"

namespace threadmill::explore {

bool Pos::begin() {
  random_ = Random(mix_seed(seed_, execution_++));
  last_thread_ = kNobody;
  return true;
}

unsigned Pos::pick_thread(const State& state) {
  draw_priorities(state);
  unsigned highest = kNobody;
  for (unsigned t = 0; t < state.threads; ++t) {
    if ((state.runnable >> t & 1) == 0) continue;
    if (highest == kNobody || priorities_[t] > priorities_[highest]) highest = t;
  }
  return highest;
}

// Only now is it known what the thread that ran last does next.
void Pos::draw_priorities(const State& state) {
  const bool all = last_thread_ == kNobody || last_.op == Op::yield;
  for (unsigned t = 0; t < state.threads; ++t) {
    if (all || t == last_thread_ || are_dependent(state.pending[t], last_))
      priorities_[t] = random_.next();
  }
}

unsigned Pos::pick(unsigned count, Choice choice) {
  return draw(random_, count, choice);
}

void Pos::executed(unsigned thread, const Operation& operation) {
  last_thread_ = thread;
  last_ = operation;
}

std::string Pos::claim(std::uint64_t executions) const {
  return rule_of_three(executions);
}

}  // namespace threadmill::explore
