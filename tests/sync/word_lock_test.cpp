// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/word_lock.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sync/wait_until.hpp"

namespace threadmill {
namespace {

static_assert(sizeof(WordLock) == 4);

TEST(WordLock, can_be_taken_again_and_again) {
  WordLock lock;
  for (int i = 0; i < 1000; ++i) const WordLockGuard guard(lock);
}

TEST(WordLock, lets_one_thread_in_at_a_time) {
  constexpr int kThreads = 5;
  constexpr int kEach = 10'000;
  WordLock lock;
  int counter = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kEach; ++n) {
          const WordLockGuard guard(lock);
          ++counter;
        }
      });
    }
  }
  EXPECT_EQ(counter, kThreads * kEach);
}

TEST(WordLock, nobody_gets_in_while_it_is_held_and_everybody_afterwards) {
  WordLock lock;
  std::atomic<int> started{0};
  std::atomic<int> inside{0};
  std::vector<std::jthread> threads;
  {
    const WordLockGuard guard(lock);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        started.fetch_add(1);
        const WordLockGuard theirs(lock);
        inside.fetch_add(1);
      });
    }
    wait_until([&] { return started.load() == 4; });
    let_others_run();
    EXPECT_EQ(inside.load(), 0);
  }
  threads.clear();
  EXPECT_EQ(inside.load(), 4);
}

}  // namespace
}  // namespace threadmill
