// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/seq_lock.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

struct Triple {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  std::uint32_t third = 0;
};

TEST(SeqLock, gives_back_what_was_stored_last) {
  SeqLock<Triple> lock({1, 2, 3});
  EXPECT_EQ(lock.load().second, 2u);
  lock.store({4, 5, 6});
  EXPECT_EQ(lock.load().first, 4u);
  EXPECT_EQ(lock.load().second, 5u);
  EXPECT_EQ(lock.load().third, 6u);
}

TEST(SeqLock, begins_with_a_default_value_and_holds_what_is_no_multiple_of_a_word) {
  struct Odd {
    char text[13] = "twelve chars";
  };
  const SeqLock<Odd> lock;
  EXPECT_STREQ(lock.load().text, "twelve chars");
}

TEST(SeqLock, readers_get_whole_values_in_order_while_two_write) {
  constexpr std::uint64_t kWrites = 20'000;
  SeqLock<Triple> lock;
  std::atomic<std::uint64_t> next{0};
  std::atomic<int> writing{2};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t n = 0; n < kWrites; ++n) {
        const std::uint64_t value = next.fetch_add(1) + 1;
        lock.store({value, value * 3, static_cast<std::uint32_t>(value)});
      }
      writing.fetch_sub(1);
    });
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (writing.load() != 0) {
        const Triple seen = lock.load();
        ASSERT_EQ(seen.second, seen.first * 3);
        ASSERT_EQ(seen.third, seen.first);
      }
    });
  }
  threads.clear();
  EXPECT_GT(lock.load().first, 0u);
}

}  // namespace
}  // namespace threadmill
