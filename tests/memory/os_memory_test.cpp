// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/os_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

bool is_zero(const char* memory, std::size_t bytes) {
  return std::all_of(memory, memory + bytes, [](char c) { return c == 0; });
}

TEST(OsMemory, a_range_is_aligned_zero_and_writable_to_its_ends) {
  for (std::size_t alignment = 4096; alignment <= 4 * kMiB; alignment *= 4) {
    auto* range = static_cast<char*>(os_reserve(kMiB, alignment));
    ASSERT_NE(range, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(range) % alignment, 0u);
    EXPECT_TRUE(is_zero(range, kMiB));
    std::memset(range, 1, kMiB);
    os_release(range, kMiB);
  }
}

TEST(OsMemory, ranges_that_are_in_use_do_not_overlap) {
  constexpr int kRanges = 8;
  char* ranges[kRanges];
  for (int i = 0; i < kRanges; ++i) {
    ranges[i] = static_cast<char*>(os_reserve(kMiB, kMiB));
    ASSERT_NE(ranges[i], nullptr);
    std::memset(ranges[i], i + 1, kMiB);
  }
  for (int i = 0; i < kRanges; ++i) {
    EXPECT_EQ(std::count(ranges[i], ranges[i] + kMiB, static_cast<char>(i + 1)),
              static_cast<std::ptrdiff_t>(kMiB));
    os_release(ranges[i], kMiB);
  }
}

TEST(OsMemory, discarded_memory_reads_zero_and_its_neighbours_stay) {
  auto* range = static_cast<char*>(os_reserve(kMiB, 4096));
  ASSERT_NE(range, nullptr);
  std::memset(range, 7, kMiB);
  os_discard(range + 4096, 8192);
  EXPECT_EQ(range[4095], 7);
  EXPECT_TRUE(is_zero(range + 4096, 8192));
  EXPECT_EQ(range[4096 + 8192], 7);
  range[4096] = 1;
  os_release(range, kMiB);
}

TEST(OsMemory, more_than_there_is_gives_null) {
  EXPECT_EQ(os_reserve(std::numeric_limits<std::size_t>::max() / 4, 4096), nullptr);
}

}  // namespace
}  // namespace threadmill
