// SPDX-License-Identifier: Apache-2.0
#include "harness/time_budget.hpp"

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
Seconds play(Seconds total, const std::vector<Cost>& costs, unsigned* begun = nullptr) {
  const Clock::time_point start{};
  Clock::time_point now = start;
  TimeBudget budget(start, total, static_cast<unsigned>(costs.size()));
  for (const Cost& cost : costs) {
    if (!budget.begin(now)) break;
    if (begun != nullptr) ++*begun;
    now += cost.prepare;
    const Clock::time_point stop = budget.stop_at(now);
    EXPECT_GT(stop, now) << "a workload that begins runs for some time";
    now = stop + cost.teardown;
    budget.finish(stop, now);
  }
  return now - start;
}

TEST(TimeBudget, shares_are_equal_when_nothing_costs_anything) {
  TimeBudget budget(Clock::time_point{}, Seconds(10), 4);
  ASSERT_TRUE(budget.begin(Clock::time_point{}));
  EXPECT_DOUBLE_EQ(budget.share().count(), 2.5);
}

TEST(TimeBudget, a_workload_with_three_shares_gets_three_times_as_much) {
  const Clock::time_point start{};
  TimeBudget budget(start, Seconds(10), 5);
  ASSERT_TRUE(budget.begin(start));
  EXPECT_DOUBLE_EQ(budget.share().count(), 2);
  ASSERT_TRUE(budget.begin(start + std::chrono::seconds(2), 3));
  EXPECT_DOUBLE_EQ(budget.share().count(), 6);
  ASSERT_TRUE(budget.begin(start + std::chrono::seconds(8)));
  EXPECT_DOUBLE_EQ(budget.share().count(), 2);
  EXPECT_FALSE(budget.begin(start + std::chrono::seconds(10)));
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
  unsigned begun = 0;
  const std::vector<Cost> costs(11, {milliseconds(1), milliseconds(1)});
  EXPECT_LT(play(Seconds(0.001), costs, &begun).count(), 1);
  EXPECT_EQ(begun, 11u);
}

TEST(TimeBudget, workloads_that_would_end_too_late_do_not_begin) {
  unsigned begun = 0;
  const std::vector<Cost> costs(5, {milliseconds(0), milliseconds(2000)});
  (void)play(Seconds(1), costs, &begun);
  EXPECT_EQ(begun, 1u);
}

}  // namespace
}  // namespace threadmill
