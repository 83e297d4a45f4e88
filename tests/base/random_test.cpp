// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/random.hpp"

#include <array>
#include <cstdint>
#include <set>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

TEST(Random, split_mix_gives_the_published_numbers) {
  std::uint64_t state = 1234567;
  EXPECT_EQ(split_mix(state), 6457827717110365317u);
  EXPECT_EQ(split_mix(state), 3203168211198807973u);
  EXPECT_EQ(split_mix(state), 9817491932198370423u);
}

// The authors' splitmix64.c and xoshiro256starstar.c, seeded with 0.
TEST(Random, xoshiro_gives_the_published_numbers) {
  Random random(0);
  EXPECT_EQ(random.next(), 0x99ec5f36cb75f2b4u);
  EXPECT_EQ(random.next(), 0xbf6e1f784956452au);
  EXPECT_EQ(random.next(), 0x1a5f849d4933e6e0u);
}

TEST(Random, a_seed_repeats_its_numbers_and_another_does_not) {
  Random first(7);
  Random again(7);
  Random other(8);
  int equal = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t number = first.next();
    EXPECT_EQ(number, again.next());
    equal += number == other.next();
  }
  EXPECT_EQ(equal, 0);
}

TEST(Random, below_stays_below_for_small_large_and_zero_bounds) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(random.below(0), 0u);
    EXPECT_EQ(random.below(1), 0u);
    EXPECT_LT(random.below(3), 3u);
    EXPECT_LT(random.below(~std::uint64_t{0}), ~std::uint64_t{0});
  }
}

TEST(Random, below_is_uniform) {
  constexpr std::uint64_t kBound = 10;
  constexpr int kEach = 10'000;
  std::array<int, kBound> counts{};
  Random random(2);
  for (std::uint64_t i = 0; i < kBound * kEach; ++i) ++counts[random.below(kBound)];
  // The deviation of one count is about 95.
  for (const int count : counts) EXPECT_NEAR(count, kEach, 500);
}

TEST(Random, every_bit_is_set_half_of_the_time) {
  constexpr int kNumbers = 10'000;
  std::array<int, 64> set{};
  Random random(3);
  for (int i = 0; i < kNumbers; ++i) {
    const std::uint64_t number = random.next();
    for (unsigned bit = 0; bit < 64; ++bit) set[bit] += (number >> bit) & 1;
  }
  // The deviation of one count is 50.
  for (const int count : set) EXPECT_NEAR(count, kNumbers / 2, 300);
}

TEST(Random, unit_covers_zero_to_one_without_one) {
  Random random(4);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double number = random.unit();
    EXPECT_GE(number, 0.0);
    EXPECT_LT(number, 1.0);
    sum += number;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(Random, seeds_of_nearby_streams_are_all_different) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (std::uint64_t stream = 0; stream < 100; ++stream)
      seeds.insert(mix_seed(seed, stream));
  }
  EXPECT_EQ(seeds.size(), 100u * 100u);
}

// Two streams that shared a bit pattern would differ in far fewer than half of the bits.
TEST(Random, neighbouring_streams_share_half_of_their_bits) {
  int different = 0;
  for (std::uint64_t stream = 0; stream < 1000; ++stream) {
    Random one(mix_seed(5, stream));
    Random next(mix_seed(5, stream + 1));
    different += __builtin_popcountll(one.next() ^ next.next());
  }
  EXPECT_NEAR(different / 1000.0, 32.0, 1.0);
}

}  // namespace
}  // namespace threadmill
