// SPDX-License-Identifier: Apache-2.0
#include "harness/throughput.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

RunResult run_of(double seconds, std::uint64_t operations) {
  RunResult run;
  run.seconds = seconds;
  run.operations = operations;
  return run;
}

// 100 operations a second, looked at ten times a second.
Throughput steady(std::uint64_t samples) {
  Throughput throughput;
  for (std::uint64_t i = 1; i <= samples; ++i)
    throughput.note(static_cast<double>(i) / 10, i * 10);
  return throughput;
}

TEST(Throughput, keeps_every_sample_of_a_short_run_between_its_start_and_its_end) {
  const auto points = steady(9).of(run_of(1, 100));
  ASSERT_EQ(points.size(), 11u);
  EXPECT_EQ(points.front().seconds, 0);
  EXPECT_EQ(points.front().operations, 0u);
  EXPECT_EQ(points[3].operations, 30u);
  EXPECT_EQ(points.back().seconds, 1);
  EXPECT_EQ(points.back().operations, 100u);
}

TEST(Throughput, of_a_run_of_any_length_is_evenly_spread_and_has_a_bound) {
  for (const std::uint64_t samples : {237u, 238u, 239u, 240u, 1000u, 100'000u}) {
    const double end = static_cast<double>(samples + 1) / 10;
    const auto points = steady(samples).of(run_of(end, samples * 10 + 10));
    EXPECT_LE(points.size(), Throughput::kMost) << samples;
    EXPECT_GE(points.size(), Throughput::kMost / 2) << samples;
    const double step = points[1].seconds;
    for (std::size_t i = 1; i + 1 < points.size(); ++i) {
      ASSERT_NEAR(points[i].seconds, step * static_cast<double>(i), 1e-6) << samples;
    }
    EXPECT_LE(points.back().seconds - points[points.size() - 2].seconds, step + 1e-6);
  }
}

TEST(Throughput, leaves_out_what_a_damaged_process_may_say) {
  Throughput throughput = steady(3);
  throughput.note(std::numeric_limits<double>::quiet_NaN(), 1000);
  throughput.note(0.2, 1000);
  throughput.note(0.5, 20);
  EXPECT_EQ(throughput.of(run_of(0.4, 40)).size(), 5u);
}

TEST(Throughput, ends_with_the_run_even_if_it_was_looked_at_later) {
  const auto points = steady(12).of(run_of(1, 95));
  ASSERT_EQ(points.size(), 11u);
  EXPECT_EQ(points[9].seconds, 0.9);
  EXPECT_EQ(points.back().operations, 95u);
}

TEST(Throughput, of_a_run_that_never_began_is_empty) {
  EXPECT_TRUE(Throughput().of(run_of(-1, 0)).empty());
  EXPECT_EQ(steady(2).of(run_of(-1, 0)).size(), 3u) << "what is known of one that died";
}

}  // namespace
}  // namespace threadmill
