// SPDX-License-Identifier: Apache-2.0
#include "harness/time_budget.hpp"

#include <algorithm>

namespace threadmill {
namespace {

// However little time is left, a workload that begins gets this much: a run of nothing
// could verify nothing.
constexpr Seconds kShortestRun{0.02};

// With nothing seen yet, teardown is taken to be this part of the share, and at most so
// long: a run of one workload shall not end early by more than that.
constexpr double kFirstGuess = 0.05;
constexpr Seconds kLongestFirstGuess{0.3};

// An estimate never takes more than this part of what is left of the share.
constexpr double kMostForTeardown = 0.75;

// Begun this late, a workload would end outside the second that a run may be late.
constexpr Seconds kTooLate{0.5};

Clock::duration ticks(Seconds seconds) {
  return std::chrono::duration_cast<Clock::duration>(seconds);
}

}  // namespace

TimeBudget::TimeBudget(Clock::time_point start, Seconds total, unsigned shares)
    : start_(start), total_(total), left_(shares), share_end_(start) {}

bool TimeBudget::begin(Clock::time_point now, unsigned shares) {
  const Seconds remaining = start_ + ticks(total_) - now;
  if (left_ == 0 || remaining < -kTooLate) return false;
  share_ = std::max(remaining * shares / left_, kShortestRun);
  share_end_ = now + ticks(share_);
  left_ -= std::min(shares, left_);
  return true;
}

Clock::time_point TimeBudget::stop_at(Clock::time_point now) const {
  const Seconds available = share_end_ - now;
  const Seconds teardown = std::min(expected_teardown(), available * kMostForTeardown);
  return now + ticks(std::max(available - teardown, kShortestRun));
}

void TimeBudget::finish(Clock::time_point told_to_stop, Clock::time_point now) {
  teardowns_ += std::max(Seconds(now - told_to_stop), Seconds(0));
  ++seen_;
}

Seconds TimeBudget::expected_teardown() const {
  if (seen_ == 0) return std::min<Seconds>(share_ * kFirstGuess, kLongestFirstGuess);
  return teardowns_ / seen_;
}

}  // namespace threadmill
