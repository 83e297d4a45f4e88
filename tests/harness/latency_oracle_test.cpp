// SPDX-License-Identifier: Apache-2.0
#include "harness/latency_oracle.hpp"

#include <gtest/gtest.h>

namespace threadmill {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

RunResult run_with(std::uint64_t stop, std::uint64_t pause, std::uint64_t attach) {
  Latencies latencies;
  latencies.stop.record(stop);
  latencies.pause.record(pause);
  latencies.attach.record(attach);
  latencies.attach.record(0);
  RunResult run;
  run.latencies = latencies_for_report(latencies);
  return run;
}

TEST(LatencyOracle, a_report_has_each_histogram_with_its_buckets) {
  const RunResult run = run_with(100, 200, 300);
  ASSERT_EQ(run.latencies.size(), 3u);
  EXPECT_EQ(run.latencies[0].name, "stop");
  EXPECT_EQ(run.latencies[0].max, 100u);
  EXPECT_EQ(run.latencies[1].name, "pause");
  const Latency& attach = run.latencies[2];
  EXPECT_EQ(attach.name, "attach");
  EXPECT_EQ(attach.count, 2u);
  EXPECT_EQ(attach.p50, 0u);
  EXPECT_EQ(attach.max, 300u);
  ASSERT_EQ(attach.buckets.size(), 2u);
  EXPECT_LE(attach.buckets[1].from, 300u);
  EXPECT_GT(attach.buckets[1].to, 300u);
  EXPECT_EQ(attach.buckets[1].count, 1u);
}

TEST(LatencyOracle, passes_what_is_within_the_limits_and_counts_pauses_and_waits) {
  const Check check = judge_latencies(run_with(kSecond, kSecond, kSecond), {}, {});
  EXPECT_TRUE(check.passed) << check.detail;
  EXPECT_EQ(check.verified, 3u);
  EXPECT_EQ(check.by, CheckedBy::oracle);
}

TEST(LatencyOracle, finds_each_bound_in_time_that_is_broken) {
  const Limits limits;
  const auto beyond = [](Seconds limit) {
    return static_cast<std::uint64_t>(limit.count() * 1e9) + kSecond;
  };
  const Check stop = judge_latencies(run_with(beyond(limits.stop), 0, 0), limits, {});
  EXPECT_FALSE(stop.passed);
  EXPECT_EQ(stop.detail, "stop took 6.0 s at its longest, and the limit is 5 s");
  EXPECT_FALSE(
      judge_latencies(run_with(0, beyond(limits.pause), 0), limits, {}).passed);
  EXPECT_FALSE(
      judge_latencies(run_with(0, 0, beyond(limits.attach())), limits, {}).passed);
}

TEST(LatencyOracle, time_in_which_nothing_ran_is_not_counted) {
  const RunResult run = run_with(60 * kSecond, 0, 0);
  EXPECT_FALSE(judge_latencies(run, {}, Seconds(1)).passed);
  EXPECT_TRUE(judge_latencies(run, {}, Seconds(59)).passed);
}

TEST(LatencyOracle, finds_a_thread_that_was_kept_out_for_more_than_one_pause) {
  RunResult run = run_with(0, 0, 0);
  run.most_pauses_to_attach = Latencies::kMostPausesToAttach;
  EXPECT_TRUE(judge_latencies(run, {}, {}).passed);
  run.most_pauses_to_attach = 2;
  const Check check = judge_latencies(run, {}, {});
  EXPECT_FALSE(check.passed);
  EXPECT_NE(check.detail.find("kept out for 2 pauses"), std::string::npos)
      << check.detail;
}

}  // namespace
}  // namespace threadmill
