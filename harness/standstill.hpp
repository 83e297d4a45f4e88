// SPDX-License-Identifier: Apache-2.0
//
// Standstill: proof that threads wait for each other, and not just for a processor. A
// busy machine makes threads slow, but then they are runnable; threads that sleep, were
// not once woken, and live in a process in which all the others sleep as well, have
// nobody left who could wake them.
//
// Like the progress oracle it only counts time that it has watched.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <vector>

#include "harness/time_budget.hpp"

namespace threadmill {

class Standstill {
 public:
  // `threads`: those that should move. The caller's own is left out of account.
  void observe(std::span<const pid_t> threads, Clock::time_point now);

  // For how long they have stood still up to the last observation.
  [[nodiscard]] Seconds lasted() const { return lasted_; }

 private:
  struct Trace {
    pid_t thread = 0;
    std::uint64_t switches = 0;  // how often it gave up or lost its processor

    bool operator==(const Trace&) const = default;
  };

  [[nodiscard]] static std::vector<Trace> traces_of(std::span<const pid_t> threads);

  std::vector<Trace> traces_;
  Clock::time_point last_;
  Seconds lasted_{0};
};

}  // namespace threadmill
