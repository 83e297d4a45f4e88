// SPDX-License-Identifier: Apache-2.0
#include "harness/ratio.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

using Values = std::vector<double>;

constexpr std::uint64_t kSeed = 20260131;

// Times of `mean` with that relative deviation, as repetitions of one row have.
Values made(std::mt19937_64& random, std::size_t count, double mean, double deviation) {
  std::lognormal_distribution<double> distribution(std::log(mean), deviation);
  Values values(count);
  for (double& value : values) value = distribution(random);
  return values;
}

// The share of trials in which `holds`.
double rate(std::size_t repetitions,
            double change,
            const std::function<bool(const Ratio&)>& holds) {
  constexpr int kTrials = 2000;
  std::mt19937_64 random(kSeed);
  int held = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    const Values a = made(random, repetitions, 50, 0.02);
    const Values b = made(random, repetitions, 50 * change, 0.02);
    held += holds(ratio_of_samples(a, b)) ? 1 : 0;
  }
  return static_cast<double>(held) / kTrials;
}

TEST(RatioOfSamples, notices_five_percent_in_noise_of_two) {
  const auto slower = [](const Ratio& ratio) { return ratio.is_above(1); };
  EXPECT_GE(rate(10, 1.05, slower), 0.995);
  EXPECT_GE(rate(5, 1.05, slower), 0.8);
}

TEST(RatioOfSamples, gives_a_false_alarm_in_one_of_forty_at_most) {
  for (const std::size_t repetitions : {3u, 5u, 10u, 30u}) {
    const double slower =
        rate(repetitions, 1, [](const Ratio& ratio) { return ratio.is_above(1); });
    const double faster =
        rate(repetitions, 1, [](const Ratio& ratio) { return ratio.is_below(1); });
    // 3 of each have an interval of 90 %; and four deviations of 2,000 trials.
    const double allowed = (repetitions == 3 ? 0.05 : 0.025) + 0.018;
    EXPECT_LE(slower, allowed) << repetitions;
    EXPECT_LE(faster, allowed) << repetitions;
  }
  const auto beyond = [](const Ratio& ratio) { return ratio.is_above(1.05); };
  EXPECT_EQ(rate(10, 1, beyond), 0);
  EXPECT_GE(rate(10, 1.10, beyond), 0.99);
}

TEST(RatioOfSamples, its_interval_holds_the_truth_as_often_as_it_says) {
  const auto covers = [](const Ratio& ratio) {
    return ratio.low <= 1.3 && 1.3 <= ratio.high;
  };
  for (const std::size_t repetitions : {4u, 7u, 26u})
    EXPECT_GE(rate(repetitions, 1.3, covers), 0.94) << repetitions;
}

TEST(RatioOfSamples, is_made_of_the_ratios_of_all_pairs) {
  const Values a = {1.0, 1.7, 2.3, 3.1, 4.9};
  const Values b = {2.0, 2.9, 3.7, 5.3, 6.1};
  Values ratios;
  for (const double x : a) {
    for (const double y : b) ratios.push_back(y / x);
  }
  std::sort(ratios.begin(), ratios.end());
  const Ratio ratio = ratio_of_samples(a, b);
  // Of the 252 arrangements of 5 among 5, 1, 1 and 2 have 0, 1 and 2 pairs in disorder.
  EXPECT_NEAR(ratio.confidence, 1 - 8.0 / 252, 1e-12);
  EXPECT_NEAR(ratio.value, ratios[12], 1e-9);
  EXPECT_NEAR(ratio.low, ratios[2], 1e-9);
  EXPECT_NEAR(ratio.high, ratios[22], 1e-9);
}

TEST(RatioOfSamples, says_nothing_of_what_was_measured_twice) {
  EXPECT_FALSE(ratio_of_samples({1}, {2}).has_interval());
  EXPECT_DOUBLE_EQ(ratio_of_samples({1}, {2}).value, 2);
  EXPECT_FALSE(ratio_of_samples({1, 1.1}, {2, 2.1}).has_interval());
  EXPECT_NEAR(ratio_of_samples({1, 1, 1}, {2, 2, 2}).confidence, 0.9, 1e-12);
}

TEST(RatioOfSamples, takes_many_and_equal_values) {
  const Values a(5000, 3);
  const Values b(5000, 6);
  const Ratio ratio = ratio_of_samples(a, b);
  EXPECT_NEAR(ratio.value, 2, 1e-12);
  EXPECT_NEAR(ratio.low, 2, 1e-12);
  EXPECT_NEAR(ratio.high, 2, 1e-12);
}

TEST(RatioOfPairs, is_their_median_between_two_of_them) {
  const Ratio five = ratio_of_pairs({5, 1, 4, 2, 3});
  EXPECT_DOUBLE_EQ(five.value, 3);
  EXPECT_DOUBLE_EQ(five.low, 1);
  EXPECT_DOUBLE_EQ(five.high, 5);
  EXPECT_NEAR(five.confidence, 0.9375, 1e-12);
  const Ratio ten = ratio_of_pairs({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  EXPECT_DOUBLE_EQ(ten.value, 5.5);
  EXPECT_DOUBLE_EQ(ten.low, 2);
  EXPECT_DOUBLE_EQ(ten.high, 9);
  EXPECT_FALSE(ratio_of_pairs({1, 2, 3, 4}).has_interval());
  EXPECT_DOUBLE_EQ(ratio_of_pairs({7}).value, 7);
}

TEST(RatioOfPairs, does_not_see_a_drift_that_both_had) {
  std::mt19937_64 random(kSeed);
  Values ratios;
  double drift = 1;
  for (int i = 0; i < 10; ++i, drift *= 1.2) {
    const double a = made(random, 1, 50 * drift, 0.02).front();
    const double b = made(random, 1, 52.5 * drift, 0.02).front();
    ratios.push_back(b / a);
  }
  const Ratio ratio = ratio_of_pairs(ratios);
  EXPECT_TRUE(ratio.is_above(1)) << "seed " << kSeed;
  EXPECT_LT(ratio.high, 1.1);
}

TEST(RatioOfMeans, has_the_interval_of_welch) {
  const Ratio ratio = ratio_of_means({100, 2, 10}, {105, 2.1, 10});
  EXPECT_DOUBLE_EQ(ratio.value, 1.05);
  // Equal relative deviations: Student's quantile for 18 degrees of freedom is 2.1009.
  const double reach = std::exp(2.100922 * 0.02 * std::sqrt(2.0 / 10));
  EXPECT_NEAR(ratio.low, 1.05 / reach, 1e-6);
  EXPECT_NEAR(ratio.high, 1.05 * reach, 1e-6);
  EXPECT_FALSE(ratio_of_means({100, 2, 1}, {105, 2, 10}).has_interval());
  EXPECT_FALSE(ratio_of_means({100, -1, 10}, {105, 2, 10}).has_interval());
  EXPECT_TRUE(ratio_of_means({100, 0, 10}, {105, 0, 10}).is_above(1.04));
}

}  // namespace
}  // namespace threadmill
