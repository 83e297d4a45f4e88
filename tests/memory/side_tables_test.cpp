// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/side_tables.hpp"

#include <cstdint>

#include <gtest/gtest.h>

#include "runtime/memory/os_memory.hpp"

namespace threadmill {
namespace {

std::uintptr_t address(const void* table) {
  return reinterpret_cast<std::uintptr_t>(table);
}

// Whatever the size of the arena: only whole pages of the system's are given back.
TEST(SideTables, what_is_given_back_of_a_page_is_zero_and_of_its_neighbours_nothing) {
  for (const std::uint32_t pages : {4U, 5U, 6U, 7U, 33U}) {
    const std::size_t bytes = pages * kPageBytes;
    char* const arena = static_cast<char*>(os_reserve(bytes, kPageBytes));
    ASSERT_NE(arena, nullptr);
    {
      SideTables side;
      ASSERT_TRUE(side.open(arena, bytes));
      const std::uint32_t granules = pages * SideTables::kGranulesPerPage;
      for (std::uint32_t granule = 0; granule < granules; ++granule) {
        side.narrow()[granule] = 1;
        side.wide()[granule] = 1;
        side.colours_of(granule) = {.white = 1, .grey = 1};
      }
      side.discard(1);
      for (std::uint32_t granule = 0; granule < granules; ++granule) {
        const bool is_given_back = granule / SideTables::kGranulesPerPage == 1;
        ASSERT_EQ(side.narrow()[granule], is_given_back ? 0 : 1)
            << pages << ' ' << granule;
        ASSERT_EQ(side.wide()[granule], is_given_back ? 0U : 1U)
            << pages << ' ' << granule;
        ASSERT_EQ(side.colours_of(granule).white, 1U);
      }
    }
    os_release(arena, bytes);
  }
}

// Large pages of the system's take whole pages of 2 MiB.
TEST(SideTables, large_pages_fit_behind_the_beginning_of_a_table) {
  constexpr std::size_t kBytes = std::size_t{256} << 20;
  char* const arena = static_cast<char*>(os_reserve(kBytes, kPageBytes));
  ASSERT_NE(arena, nullptr);
  {
    SideTables side;
    ASSERT_TRUE(side.open(arena, kBytes));
    EXPECT_EQ(address(side.narrow()) % (2U << 20), 1U << 20);
    EXPECT_EQ(address(side.colours()) % (2U << 20), 1U << 20);
  }
  os_release(arena, kBytes);
}

}  // namespace
}  // namespace threadmill
