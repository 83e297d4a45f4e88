// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/histogram.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"

namespace threadmill {
namespace {

struct Bucket {
  std::uint64_t from;
  std::uint64_t to;
  std::uint64_t count;
};

std::vector<Bucket> buckets_of(const Histogram& histogram) {
  std::vector<Bucket> buckets;
  histogram.for_each_bucket(
      [&](std::uint64_t from, std::uint64_t to, std::uint64_t count) {
        buckets.push_back({from, to, count});
      });
  return buckets;
}

TEST(Histogram, of_nothing_has_no_bucket_and_zero_for_all) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.max(), 0u);
  EXPECT_EQ(histogram.percentile(50), 0u);
  EXPECT_TRUE(buckets_of(histogram).empty());
}

TEST(Histogram, puts_each_value_into_a_bucket_that_holds_it_and_is_an_eighth_wide) {
  Random random(7);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = random.next() >> (24 + random.below(40));
    Histogram histogram;
    histogram.record(value);
    const std::vector<Bucket> buckets = buckets_of(histogram);
    ASSERT_EQ(buckets.size(), 1u);
    ASSERT_LE(buckets[0].from, value);
    ASSERT_GT(buckets[0].to, value);
    ASSERT_LE(buckets[0].to - buckets[0].from, 1 + value / 8) << value;
  }
}

TEST(Histogram, buckets_meet_without_gap_or_overlap) {
  Histogram histogram;
  for (std::uint64_t value = 0; value < 100'000; ++value) histogram.record(value);
  std::uint64_t next = 0;
  std::uint64_t total = 0;
  for (const Bucket& bucket : buckets_of(histogram)) {
    EXPECT_EQ(bucket.from, next);
    next = bucket.to;
    total += bucket.count;
  }
  EXPECT_EQ(total, 100'000u);
}

TEST(Histogram, percentiles_are_within_a_sixteenth_of_the_exact_ones) {
  Random random(11);
  Histogram histogram;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(random.next() >> (30 + random.below(30)));
    histogram.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double percent : {0.1, 10.0, 50.0, 90.0, 99.0, 99.9}) {
    const auto rank = static_cast<std::size_t>(percent / 100 * 20'000 + 0.5) - 1;
    const auto exact = static_cast<double>(values[rank]);
    const auto said = static_cast<double>(histogram.percentile(percent));
    EXPECT_NEAR(said, exact, exact / 16 + 1) << percent;
  }
  EXPECT_EQ(histogram.max(), values.back());
  EXPECT_LE(histogram.percentile(100), histogram.max());
}

TEST(Histogram, a_value_beyond_its_range_counts_in_the_last_bucket_and_is_the_maximum) {
  Histogram histogram;
  histogram.record(~std::uint64_t{0} - 1);
  histogram.record(3);
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_EQ(histogram.max(), ~std::uint64_t{0} - 1);
  EXPECT_EQ(histogram.percentile(100), histogram.max());
  EXPECT_EQ(histogram.percentile(50), 3u);
  EXPECT_EQ(buckets_of(histogram).back().to, ~std::uint64_t{0});
}

TEST(Histogram, merged_ones_are_the_histogram_of_all_values) {
  Random random(3);
  Histogram all;
  Histogram parts[3];
  for (int i = 0; i < 3000; ++i) {
    const std::uint64_t value = random.below(1'000'000);
    all.record(value);
    parts[i % 3].record(value);
  }
  Histogram merged;
  for (const Histogram& part : parts) merged.merge(part);
  EXPECT_EQ(merged.count(), all.count());
  EXPECT_EQ(merged.max(), all.max());
  const std::vector<Bucket> expected = buckets_of(all);
  const std::vector<Bucket> found = buckets_of(merged);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_EQ(found[i].count, expected[i].count);
}

}  // namespace
}  // namespace threadmill
