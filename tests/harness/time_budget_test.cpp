// SPDX-License-Identifier: Apache-2.0
#include "harness/time_budget.hpp"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

using std::chrono::milliseconds;

// What a workload costs besides its running.
struct Cost {
  milliseconds prepare;
  milliseconds teardown;
};

// Plays a whole run on a clock of its own; returns how long it took.
Seconds play(Seconds total, const std::vector<Cost>& costs, unsigned* count = nullptr) {
  const Clock::time_point start{};
  Clock::time_point now = start;
  TimeBudget budget(start, total, static_cast<unsigned>(costs.size()));
  for (const Cost& cost : costs) {
    const std::optional<TimeShare> share = budget.begin(now);
    if (!share) break;
    if (count != nullptr) ++*count;
    now += cost.prepare;
    const Clock::time_point stop = share->stop_at(now);
    EXPECT_GT(stop, now) << "a workload that begins runs for some time";
    now = stop + cost.teardown;
    budget.finish(*share, stop, now);
  }
  return now - start;
}

// The share of a workload that begins so long after the start; nothing if it gets none.
TimeShare begun(TimeBudget& budget, Seconds at, unsigned shares = 1) {
  const auto ticks = std::chrono::duration_cast<Clock::duration>(at);
  const std::optional<TimeShare> share =
      budget.begin(Clock::time_point{} + ticks, shares);
  EXPECT_TRUE(share.has_value());
  return share.value_or(TimeShare{});
}

TEST(TimeBudget, shares_are_equal_when_nothing_costs_anything) {
  TimeBudget budget(Clock::time_point{}, Seconds(10), 4);
  EXPECT_DOUBLE_EQ(begun(budget, Seconds(0)).length.count(), 2.5);
}

TEST(TimeBudget, a_workload_with_three_shares_gets_three_times_as_much) {
  const Clock::time_point start{};
  TimeBudget budget(start, Seconds(10), 5);
  const TimeShare first = begun(budget, Seconds(0));
  EXPECT_DOUBLE_EQ(first.length.count(), 2);
  budget.finish(first, first.end, first.end);
  const TimeShare second = begun(budget, Seconds(2), 3);
  EXPECT_DOUBLE_EQ(second.length.count(), 6);
  budget.finish(second, second.end, second.end);
  EXPECT_DOUBLE_EQ(begun(budget, Seconds(8)).length.count(), 2);
  EXPECT_FALSE(budget.begin(start + std::chrono::seconds(10)));
}

TEST(TimeBudget, what_runs_at_once_shares_the_time_of_all_lanes) {
  TimeBudget budget(Clock::time_point{}, Seconds(9), 3, 2);
  const TimeShare first = begun(budget, Seconds(0));
  const TimeShare second = begun(budget, Seconds(0));
  EXPECT_DOUBLE_EQ(first.length.count(), 6);
  EXPECT_DOUBLE_EQ(second.length.count(), 6);
  budget.finish(first, first.end, first.end);
  EXPECT_DOUBLE_EQ(begun(budget, Seconds(6)).length.count(), 3) << "all that is left";
}

TEST(TimeBudget, one_workload_cannot_use_more_than_one_lane) {
  TimeBudget budget(Clock::time_point{}, Seconds(9), 1, 4);
  EXPECT_DOUBLE_EQ(begun(budget, Seconds(0)).length.count(), 9);
}

TEST(TimeBudget, ten_seconds_of_eleven_workloads_end_within_a_second) {
  const std::vector<Cost> costs(11, {milliseconds(80), milliseconds(150)});
  EXPECT_NEAR(play(Seconds(10), costs).count(), 10, 0.5);
}

TEST(TimeBudget, one_expensive_workload_is_paid_by_the_later_ones) {
  std::vector<Cost> costs(8, {milliseconds(10), milliseconds(20)});
  costs[3] = {milliseconds(900), milliseconds(1800)};
  EXPECT_NEAR(play(Seconds(10), costs).count(), 10, 0.7);
}

TEST(TimeBudget, steep_teardowns_are_learned_before_the_last_workload) {
  const std::vector<Cost> costs(10, {milliseconds(100), milliseconds(2500)});
  EXPECT_NEAR(play(Seconds(60), costs).count(), 60, 1);
}

TEST(TimeBudget, a_tiny_budget_still_runs_each_workload_for_a_moment) {
  unsigned count = 0;
  const std::vector<Cost> costs(11, {milliseconds(1), milliseconds(1)});
  EXPECT_LT(play(Seconds(0.001), costs, &count).count(), 1);
  EXPECT_EQ(count, 11u);
}

TEST(TimeBudget, workloads_that_would_end_too_late_do_not_begin) {
  unsigned count = 0;
  const std::vector<Cost> costs(5, {milliseconds(0), milliseconds(2000)});
  (void)play(Seconds(1), costs, &count);
  EXPECT_EQ(count, 1u);
}

}  // namespace
}  // namespace threadmill
