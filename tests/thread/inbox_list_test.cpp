// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/inbox_list.hpp"

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sync/wait_until.hpp"

namespace threadmill {
namespace {

TEST(InboxList, a_new_list_is_empty) {
  InboxList inbox;
  EXPECT_TRUE(inbox.seems_empty());
  EXPECT_TRUE(inbox.is_empty_after_leaving());
  EXPECT_EQ(inbox.take_all(), nullptr);
}

TEST(InboxList, everything_is_taken_at_once_the_last_push_first) {
  InboxList inbox;
  int objects[3];
  InboxEntry entries[3];
  for (int i = 0; i < 3; ++i) {
    entries[i].object = &objects[i];
    inbox.push(entries[i]);
  }
  EXPECT_FALSE(inbox.seems_empty());
  EXPECT_FALSE(inbox.is_empty_after_leaving());
  InboxEntry* entry = inbox.take_all();
  for (int i = 2; i >= 0; --i) {
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->object, &objects[i]);
    entry = entry->next;
  }
  EXPECT_EQ(entry, nullptr);
  EXPECT_TRUE(inbox.seems_empty());
}

TEST(InboxList, an_overflow_is_reported_once) {
  InboxList inbox;
  EXPECT_FALSE(inbox.take_overflow());
  inbox.note_overflow();
  inbox.note_overflow();
  EXPECT_TRUE(inbox.seems_empty());
  EXPECT_TRUE(inbox.take_overflow());
  EXPECT_FALSE(inbox.take_overflow());
}

// Entries count their takings by plain additions.
class InboxListOf : public testing::TestWithParam<int> {};

TEST_P(InboxListOf, many_pushers_lose_nothing_and_nothing_is_taken_twice) {
  constexpr std::size_t kPushers = 3;
  constexpr std::size_t kEach = 3'000;
  InboxList inbox;
  std::vector<int> takings(kPushers * kEach);
  std::vector<InboxEntry> entries(kPushers * kEach);
  std::atomic<std::size_t> pushing{kPushers};
  const auto take = [&inbox] {
    InboxEntry* entry = inbox.take_all();
    while (entry != nullptr) {
      InboxEntry* next = entry->next;
      ++*static_cast<int*>(entry->object);
      entry = next;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kPushers; ++i) {
      threads.emplace_back([&, i] {
        for (std::size_t n = i * kEach; n < (i + 1) * kEach; ++n) {
          entries[n].object = &takings[n];
          inbox.push(entries[n]);
        }
        pushing.fetch_sub(1);
      });
    }
    for (int i = 0; i < GetParam(); ++i) {
      threads.emplace_back([&] {
        while (pushing.load() != 0) {
          take();
          std::this_thread::yield();
        }
        take();
      });
    }
  }
  EXPECT_TRUE(inbox.is_empty_after_leaving());
  for (const int count : takings) ASSERT_EQ(count, 1);
}

INSTANTIATE_TEST_SUITE_P(Takers, InboxListOf, testing::Values(1, 2));

}  // namespace
}  // namespace threadmill
