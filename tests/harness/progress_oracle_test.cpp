// SPDX-License-Identifier: Apache-2.0
#include "harness/progress_oracle.hpp"

#include <gtest/gtest.h>

namespace threadmill {
namespace {

constexpr Seconds kWindow{5};
constexpr std::chrono::milliseconds kStep{100};

// Shows the oracle a sample every 0.1 s for `length`; `sample_at(i)` makes the i-th.
template <class SampleAt>
Check shown(unsigned workers, Seconds length, SampleAt sample_at, double share = 1) {
  Clock::time_point now{};
  ProgressOracle oracle(workers, kWindow, now);
  const auto samples = static_cast<std::uint64_t>(length / Seconds(kStep) + 0.5);
  for (std::uint64_t i = 1; i <= samples; ++i) {
    now += kStep;
    oracle.observe(sample_at(i), now, share);
  }
  return oracle.check();
}

TEST(ProgressOracle, workers_that_all_move_pass_and_every_window_is_counted) {
  const Check check = shown(2, Seconds(20.5), [](std::uint64_t i) {
    return std::vector<WorkerSample>{{i, false}, {2 * i, false}};
  });
  EXPECT_TRUE(check.passed) << check.detail;
  EXPECT_EQ(check.verified, 2u * 4u);
}

TEST(ProgressOracle, a_worker_that_starves_for_a_window_is_named) {
  const Check check = shown(2, Seconds(12), [](std::uint64_t i) {
    return std::vector<WorkerSample>{{i, false}, {i < 10 ? i : 10, false}};
  });
  EXPECT_FALSE(check.passed);
  EXPECT_NE(check.detail.find("worker 1 "), std::string::npos) << check.detail;
  EXPECT_NE(check.detail.find("after 10 operations"), std::string::npos)
      << check.detail;
}

TEST(ProgressOracle, a_worker_that_never_starts_is_named) {
  const Check check = shown(1, Seconds(6), [](std::uint64_t) {
    return std::vector<WorkerSample>{{0, false}};
  });
  EXPECT_FALSE(check.passed);
}

TEST(ProgressOracle, a_worker_without_a_processor_gets_longer) {
  const auto none_moves = [](std::uint64_t) {
    return std::vector<WorkerSample>{{0, false}};
  };
  const Check patient = shown(1, Seconds(45), none_moves, 0.1);
  EXPECT_TRUE(patient.passed) << patient.detail;
  EXPECT_EQ(patient.verified, 0u);
  EXPECT_FALSE(shown(1, Seconds(55), none_moves, 0.1).passed);
}

TEST(ProgressOracle, standing_still_for_less_than_a_window_is_no_failure) {
  const Check check = shown(1, Seconds(20), [](std::uint64_t i) {
    return std::vector<WorkerSample>{{i / 45, false}};  // moves every 4.5 s
  });
  EXPECT_TRUE(check.passed) << check.detail;
}

TEST(ProgressOracle, a_worker_that_has_finished_may_stand_still) {
  const Check check = shown(1, Seconds(20), [](std::uint64_t) {
    return std::vector<WorkerSample>{{7, true}};
  });
  EXPECT_TRUE(check.passed) << check.detail;
  EXPECT_EQ(check.verified, 0u);
}

TEST(ProgressOracle, time_that_nobody_watched_does_not_count) {
  Clock::time_point now{};
  ProgressOracle oracle(1, kWindow, now);
  const std::vector<WorkerSample> sample = {{0, false}};
  oracle.observe(sample, now + std::chrono::hours(1), 1);  // the machine slept
  EXPECT_TRUE(oracle.check().passed);
}

TEST(ProgressOracle, a_run_shorter_than_a_window_verifies_nothing) {
  const Check check = shown(1, Seconds(4), [](std::uint64_t) {
    return std::vector<WorkerSample>{{0, false}};
  });
  EXPECT_TRUE(check.passed);
  EXPECT_EQ(check.verified, 0u);
}

}  // namespace
}  // namespace threadmill
