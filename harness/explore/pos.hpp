// SPDX-License-Identifier: Apache-2.0
//
// POS: partial order sampling (Yuan, Yang and Gu, CAV 2018). Every pending operation has
// a random priority, and the highest runs. Then the next operation of its thread gets a
// priority, and every pending operation that depends on it gets another one: what lost a
// race begins anew, what had no part in it keeps its place. So the order of each two
// dependent operations is drawn, rather than that of any two.
//
// After a yield everybody's priority is drawn again. Somebody who waits in a loop draws
// often, and would stay before a thread that drew a low priority once.
#pragma once

#include "harness/explore/strategy.hpp"
#include "runtime/base/random.hpp"

namespace threadmill::explore {

class Pos final : public Strategy {
 public:
  explicit Pos(std::uint64_t seed) : seed_(seed) {}

  bool begin() override;
  unsigned pick_thread(const State& state) override;
  unsigned pick(unsigned count, Choice choice) override;
  void executed(unsigned thread, const Operation& operation) override;
  std::string claim(std::uint64_t executions) const override;

 private:
  void draw_priorities(const State& state);

  const std::uint64_t seed_;
  std::uint64_t execution_ = 0;
  Random random_{0};

  // Of the present execution.
  std::array<std::uint64_t, kMaxThreads> priorities_{};  // of pending operations
  unsigned last_thread_ = kNobody;  // kNobody: nothing was executed yet
  Operation last_;                  // what it did
};

}  // namespace threadmill::explore
