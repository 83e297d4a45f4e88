// SPDX-License-Identifier: Apache-2.0
//
// Random walk: every runnable thread is equally likely at every step. Good for many
// threads of like length; orders that keep a long thread waiting for many steps in a row
// are exponentially rare.
#pragma once

#include "harness/explore/strategy.hpp"
#include "runtime/base/random.hpp"

namespace threadmill::explore {

// The choices that are not about threads, as all random strategies draw them: half of
// the loads read the newest message, the others any.
[[nodiscard]] unsigned draw(Random& random, unsigned count, Choice choice);

// One of the threads in `set`, each equally likely.
[[nodiscard]] unsigned draw_thread(Random& random, ThreadSet set);

// "no failure in 100 executions: ... below 3 % at 95 %"
[[nodiscard]] std::string rule_of_three(std::uint64_t executions);

class RandomWalk final : public Strategy {
 public:
  explicit RandomWalk(std::uint64_t seed) : seed_(seed) {}

  bool begin() override;
  unsigned pick_thread(const State& state) override;
  unsigned pick(unsigned count, Choice choice) override;
  std::string claim(std::uint64_t executions) const override;

 private:
  const std::uint64_t seed_;
  std::uint64_t execution_ = 0;
  Random random_{0};
};

}  // namespace threadmill::explore
