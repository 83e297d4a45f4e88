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
//   lanes      so many workloads run at once, each in a lane of its own
//
// Points in time come in as arguments: it never looks at a clock.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

namespace threadmill {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

// What one workload gets.
struct TimeShare {
  Seconds length{0};
  Clock::time_point end;
  Seconds teardown{0};  // estimated, to be kept free before `end`

  // When its workers are to be told to stop; `now` is when they start.
  [[nodiscard]] Clock::time_point stop_at(Clock::time_point now) const;
};

class TimeBudget {
 public:
  // `shares`: of all workloads together.
  TimeBudget(Clock::time_point start,
             Seconds total,
             unsigned shares,
             unsigned lanes = 1);

  // The next workload begins, in a free lane. Empty: no time is left for it.
  [[nodiscard]] std::optional<TimeShare> begin(Clock::time_point now,
                                               unsigned shares = 1);

  // The workload is over; `told_to_stop` is when its teardown began; empty: it had none.
  void finish(const TimeShare& share,
              std::optional<Clock::time_point> told_to_stop,
              Clock::time_point now);

 private:
  [[nodiscard]] Seconds expected_teardown(Seconds share) const;

  const Clock::time_point start_;
  const Seconds total_;
  const unsigned lanes_;
  unsigned left_;                           // shares of workloads that have not begun
  std::vector<Clock::time_point> running_;  // the ends of the shares that are in use
  Seconds teardowns_{0};                    // sum of those seen
  unsigned seen_ = 0;
};

}  // namespace threadmill
