// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/arena.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/memory/size_class.hpp"
#include "tests/memory/memory_world.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

// Of an arena that nobody has taken a page from: its base is its first page.
char* base_of(Arena& arena) { return reinterpret_cast<char*>(arena.take_page()); }

// How many bytes the arena got, seen from outside.
std::size_t size_of(const Arena& arena, const char* base) {
  std::size_t bytes = 0;
  while (arena.may_be_block(base + bytes + sizeof(Page))) bytes += kPageBytes;
  return bytes;
}

TEST(Arena, gives_the_pages_it_has_and_then_null) {
  constexpr std::size_t kPages = 5;
  Arena arena(kPages * kPageBytes);
  ASSERT_TRUE(arena.is_open());
  std::set<Page*> pages;
  for (std::size_t i = 0; i < kPages; ++i) {
    Page* page = arena.take_page();
    ASSERT_NE(page, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(page) % kPageBytes, 0u);
    EXPECT_TRUE(pages.insert(page).second);
    std::memset(static_cast<void*>(page), 0xff, kPageBytes);
  }
  EXPECT_EQ(arena.take_page(), nullptr);
  EXPECT_EQ(arena.take_page(), nullptr);
  EXPECT_EQ(arena.pages_in_use(), kPages);
}

TEST(Arena, a_given_page_can_be_taken_from_a_full_arena) {
  Arena arena(3 * kPageBytes);
  Page* pages[3];
  for (Page*& page : pages) page = arena.take_page();
  arena.give_page(*pages[1]);
  EXPECT_EQ(arena.pages_in_use(), 2u);
  EXPECT_EQ(arena.take_page(), pages[1]);
  EXPECT_EQ(arena.take_page(), nullptr);
  EXPECT_EQ(arena.pages_in_use(), 3u);
}

TEST(Arena, every_given_page_comes_back_once) {
  constexpr std::size_t kPages = 8;
  Arena arena(kPages * kPageBytes);
  std::set<Page*> before;
  for (std::size_t i = 0; i < kPages; ++i) before.insert(arena.take_page());
  for (Page* page : before) arena.give_page(*page);
  EXPECT_EQ(arena.pages_in_use(), 0u);
  std::set<Page*> after;
  for (std::size_t i = 0; i < kPages; ++i) after.insert(arena.take_page());
  EXPECT_EQ(after, before);
  EXPECT_EQ(arena.take_page(), nullptr);
}

TEST(Arena, given_pages_are_preferred_to_fresh_ones) {
  Arena arena(16 * kPageBytes);
  Page* first = arena.take_page();
  Page* second = arena.take_page();
  arena.give_page(*first);
  EXPECT_EQ(arena.take_page(), first);
  arena.give_page(*second);
  EXPECT_EQ(arena.take_page(), second);
}

TEST(Arena, a_given_page_costs_no_more_than_its_first_4_kib) {
  Arena arena(kPageBytes);
  char* page = base_of(arena);
  std::memset(page, 0xff, kPageBytes);
  arena.give_page(*reinterpret_cast<Page*>(page));
  ASSERT_EQ(base_of(arena), page);
  EXPECT_TRUE(
      std::all_of(page + 4096, page + kPageBytes, [](char c) { return c == 0; }));
}

TEST(Arena, its_size_is_a_whole_number_of_pages_and_at_least_one) {
  const std::size_t asked[] = {
      0, 1, kPageBytes - 1, kPageBytes, kPageBytes + 1, 2 * kPageBytes - 1};
  for (const std::size_t bytes : asked) {
    Arena arena(bytes);
    EXPECT_NE(arena.take_page(), nullptr) << bytes;
    EXPECT_EQ(arena.take_page(), nullptr) << bytes;
  }
}

TEST(Arena, a_block_may_start_at_granules_of_the_arena_behind_a_page_header) {
  Arena arena(4 * kPageBytes);
  char* base = base_of(arena);
  for (std::size_t page = 0; page < 4; ++page) {
    for (std::size_t offset = 0; offset < kPageBytes; ++offset) {
      const bool expected = offset >= sizeof(Page) && offset % 8 == 0;
      ASSERT_EQ(arena.may_be_block(base + page * kPageBytes + offset), expected)
          << page << " " << offset;
    }
  }
}

TEST(Arena, no_block_is_outside) {
  Arena arena(4 * kPageBytes);
  char* base = base_of(arena);
  int local = 0;
  EXPECT_FALSE(arena.may_be_block(nullptr));
  EXPECT_FALSE(arena.may_be_block(&local));
  EXPECT_FALSE(arena.may_be_block(base - 8));
  EXPECT_TRUE(arena.may_be_block(base + 4 * kPageBytes - 8));
  EXPECT_FALSE(arena.may_be_block(base + 4 * kPageBytes));
  EXPECT_FALSE(arena.may_be_block(base + 4 * kPageBytes + sizeof(Page)));
}

TEST(Arena, every_block_of_every_class_may_be_one_and_has_a_place) {
  Arena arena(2 * kPageBytes);
  alignas(Heap) char heap_place[sizeof(Heap)];
  ASSERT_NE(arena.take_page(), nullptr);
  Page* page = arena.take_page();
  ASSERT_NE(page, nullptr);
  std::set<std::uint32_t> places;
  for (std::uint32_t size_class = 0; size_class < kSizeClasses; ++size_class) {
    prepare_page(*page, *reinterpret_cast<Heap*>(&heap_place), size_class);
    places.clear();
    for (std::uint32_t i = 0; i < page->block_count; ++i) {
      void* block = page->block(i);
      ASSERT_TRUE(arena.may_be_block(block));
      const std::uint32_t place = arena.place_of(block);
      ASSERT_NE(place, 0u);
      ASSERT_TRUE(places.insert(place).second);
      ASSERT_EQ(arena.block_at(place), block);
    }
  }
}

TEST(Arena, the_last_place_of_the_greatest_arena_has_31_bits) {
  Arena arena(4 * Arena::kMaxBytes);
  ASSERT_TRUE(arena.is_open());
  char* base = base_of(arena);
  // A system with less address space has smaller places.
  if (!arena.may_be_block(base + Arena::kMaxBytes - 8)) GTEST_SKIP();
  EXPECT_FALSE(arena.may_be_block(base + Arena::kMaxBytes + sizeof(Page)));
  const std::uint32_t last = arena.place_of(base + Arena::kMaxBytes - 8);
  EXPECT_EQ(last, (1u << 31) - 1);
  EXPECT_EQ(arena.block_at(last), base + Arena::kMaxBytes - 8);
}

// In a process of its own: leaves it `spare` bytes of address space.
void limit_address_space(std::size_t spare) {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const std::size_t used = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const rlimit limit{used + spare, used + spare};
  if (setrlimit(RLIMIT_AS, &limit) != 0) std::_Exit(2);
}

TEST(ArenaDeathTest, a_system_that_refuses_much_may_grant_less) {
  EXPECT_EXIT(
      {
        limit_address_space(700 * kMiB);
        Arena arena(1024 * kMiB);
        if (!arena.is_open()) std::_Exit(3);
        const std::size_t bytes = size_of(arena, base_of(arena));
        if (bytes != 512 * kMiB) std::_Exit(4);
        std::size_t pages = 1;
        while (pages < 100 && arena.take_page() != nullptr) ++pages;
        std::_Exit(pages == 100 ? 0 : 5);
      },
      testing::ExitedWithCode(0), "");
}

TEST(ArenaDeathTest, without_any_address_space_it_is_not_open_and_gives_nothing) {
  EXPECT_EXIT(
      {
        limit_address_space(0);
        Arena arena(1024 * kMiB);
        const bool none = !arena.is_open() && arena.take_page() == nullptr &&
                          arena.pages_in_use() == 0 && !arena.may_be_block(nullptr) &&
                          !arena.may_be_block(&arena);
        std::_Exit(none ? 0 : 3);
      },
      testing::ExitedWithCode(0), "");
}

// Each thread marks the pages it has; two with the same page would see it.
TEST(Arena, no_page_is_given_to_two_threads) {
  constexpr std::uint64_t kSeed = 41;
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kPages = 12;
  constexpr int kSteps = 1500 * kEffort;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Arena arena(kPages * kPageBytes);
  std::atomic<int> broken{0};
  std::atomic<std::size_t> kept{0};
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        const char mark = static_cast<char>(i + 1);
        Random random(mix_seed(kSeed, i));
        std::vector<char*> mine;
        for (int step = 0; step < kSteps; ++step) {
          if (mine.empty() || random.below(2) == 0) {
            auto* page = reinterpret_cast<char*>(arena.take_page());
            if (page == nullptr) continue;
            std::memset(page, mark, 8192);
            mine.push_back(page);
          } else {
            std::swap(mine[random.below(mine.size())], mine.back());
            if (std::count(mine.back(), mine.back() + 8192, mark) != 8192) ++broken;
            arena.give_page(*reinterpret_cast<Page*>(mine.back()));
            mine.pop_back();
          }
        }
        kept += mine.size();
      });
    }
  }
  EXPECT_EQ(broken, 0);
  EXPECT_EQ(arena.pages_in_use(), kept);
  std::size_t left = 0;
  while (arena.take_page() != nullptr) ++left;
  EXPECT_EQ(left, kPages - kept);
}

}  // namespace
}  // namespace threadmill
