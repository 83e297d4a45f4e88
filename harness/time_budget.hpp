// SPDX-License-Identifier: Apache-2.0
//
// TimeBudget: keeps a whole run within its --seconds, however many workloads it has.
//
//   share      what is left, divided by the shares of the workloads that are left; one
//              that has to get through an input before it can say anything has several
//   teardown   what a workload costs after its workers were told to stop: their return,
//              checks, release. Unknown beforehand, so it is estimated by the mean of
//              those seen; a workload that took longer takes it from the later ones.
//
// Points in time come in as arguments: it never looks at a clock.
#pragma once

#include <chrono>

namespace threadmill {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

class TimeBudget {
 public:
  // `shares`: of all workloads together.
  TimeBudget(Clock::time_point start, Seconds total, unsigned shares);

  // The next workload begins. False: no time is left for it.
  [[nodiscard]] bool begin(Clock::time_point now, unsigned shares = 1);

  // When the workers of this workload are to be told to stop; `now` is when they start.
  [[nodiscard]] Clock::time_point stop_at(Clock::time_point now) const;

  // The workload is over; `told_to_stop` is when its teardown began.
  void finish(Clock::time_point told_to_stop, Clock::time_point now);

  [[nodiscard]] Seconds share() const { return share_; }  // of the workload that began
  [[nodiscard]] Clock::time_point start() const { return start_; }
  [[nodiscard]] Seconds total() const { return total_; }

 private:
  [[nodiscard]] Seconds expected_teardown() const;

  const Clock::time_point start_;
  const Seconds total_;
  unsigned left_;  // shares of workloads that have not begun
  Seconds share_{0};
  Clock::time_point share_end_;
  Seconds teardowns_{0};  // sum of those seen
  unsigned seen_ = 0;
};

}  // namespace threadmill
