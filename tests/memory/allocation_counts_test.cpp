// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/allocation_counts.hpp"

#include <array>
#include <cstdint>

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"

namespace threadmill {
namespace {

TEST(AllocationCounts, nothing_is_counted_at_first) {
  const AllocationCounts counts;
  for (std::uint16_t type = 0; type < AllocationCounts::kTypes; ++type) {
    EXPECT_EQ(counts.of(type).made, 0u);
    EXPECT_EQ(counts.of(type).ended_bytes, 0u);
  }
}

TEST(AllocationCounts, what_is_alive_is_what_was_made_less_what_has_ended) {
  AllocationCounts counts;
  counts.note_made(7, 48);
  counts.note_made(7, 64);
  counts.note_ended(7, 48);
  EXPECT_EQ(counts.of(7).live(), 1u);
  EXPECT_EQ(counts.of(7).live_bytes(), 64u);
}

TEST(AllocationCounts, one_heap_may_free_what_another_has_made) {
  AllocationCounts maker;
  AllocationCounts freer;
  maker.note_made(3, 32);
  freer.note_ended(3, 32);
  AllocationCount sum = maker.of(3);
  sum += freer.of(3);
  EXPECT_EQ(sum.made, 1u);
  EXPECT_EQ(sum.live(), 0u);
  EXPECT_EQ(sum.live_bytes(), 0u);
}

TEST(AllocationCounts, types_are_kept_apart_whatever_their_numbers) {
  constexpr std::uint64_t kSeed = 89;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Random random(kSeed);
  AllocationCounts counts;
  std::array<std::uint64_t, AllocationCounts::kTypes> made{};
  for (int i = 0; i < 20'000; ++i) {
    const auto type = static_cast<std::uint16_t>(random.below(made.size()));
    counts.note_made(type, 16);
    ++made[type];
  }
  for (std::uint16_t type = 0; type < made.size(); ++type)
    ASSERT_EQ(counts.of(type).made_bytes, made[type] * 16) << type;
  EXPECT_EQ(counts.lost(), 0u);
}

}  // namespace
}  // namespace threadmill
