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

Clock::time_point TimeShare::stop_at(Clock::time_point now) const {
  const Seconds available = end - now;
  const Seconds kept_free = std::min(teardown, available * kMostForTeardown);
  return now + ticks(std::max(available - kept_free, kShortestRun));
}

TimeBudget::TimeBudget(Clock::time_point start,
                       Seconds total,
                       unsigned shares,
                       unsigned lanes)
    : start_(start), total_(total), lanes_(lanes), left_(shares) {}

std::optional<TimeShare> TimeBudget::begin(Clock::time_point now, unsigned shares) {
  const Seconds remaining = start_ + ticks(total_) - now;
  if (left_ == 0 || remaining < -kTooLate) return std::nullopt;
  Seconds in_all_lanes = remaining * lanes_;
  for (const Clock::time_point end : running_) {
    in_all_lanes -= std::max(Seconds(end - now), Seconds(0));
  }
  const Seconds fair = std::min(in_all_lanes * shares / left_, remaining);
  const Seconds length = std::max(fair, kShortestRun);
  left_ -= std::min(shares, left_);
  running_.push_back(now + ticks(length));
  return TimeShare{length, running_.back(), expected_teardown(length)};
}

void TimeBudget::finish(const TimeShare& share,
                        std::optional<Clock::time_point> told_to_stop,
                        Clock::time_point now) {
  const auto lane = std::find(running_.begin(), running_.end(), share.end);
  if (lane != running_.end()) running_.erase(lane);
  if (!told_to_stop) return;
  teardowns_ += std::max(Seconds(now - *told_to_stop), Seconds(0));
  ++seen_;
}

Seconds TimeBudget::expected_teardown(Seconds share) const {
  if (seen_ == 0) return std::min<Seconds>(share * kFirstGuess, kLongestFirstGuess);
  return teardowns_ / seen_;
}

}  // namespace threadmill
