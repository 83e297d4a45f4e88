// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/global_lock.hpp"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sync/wait_until.hpp"

namespace threadmill {
namespace {

TEST(GlobalLockTest, one_thread_at_a_time_has_it) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 5000;
  GlobalLock lock;
  int counter = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kRounds; ++i) {
          lock.lock();
          ++counter;
          lock.unlock();
        }
      });
    }
  }
  EXPECT_EQ(counter, kThreads * kRounds);
}

TEST(GlobalLockTest, nobody_else_gets_what_is_held) {
  GlobalLock lock;
  ASSERT_TRUE(lock.try_lock());
  EXPECT_FALSE(lock.try_lock());
  lock.unlock();
  EXPECT_TRUE(lock.try_lock());
}

TEST(GlobalLockTest, who_has_waited_for_an_interval_asks_and_the_holder_hands_over) {
  GlobalLock lock;
  lock.set_interval(1'000'000);
  lock.lock();
  EXPECT_FALSE(lock.is_asked_for());
  std::atomic<bool> had_it{false};
  const std::jthread other([&] {
    lock.lock();
    had_it = true;
    lock.unlock();
  });
  wait_until([&] { return lock.is_asked_for(); });
  EXPECT_FALSE(had_it);
  lock.hand_over();
  EXPECT_TRUE(had_it);
  EXPECT_FALSE(lock.is_asked_for());
  EXPECT_FALSE(lock.try_lock());
  lock.unlock();
}

TEST(GlobalLockTest, who_asks_for_an_earlier_turn_asks_for_nothing) {
  GlobalLock lock;
  lock.lock();
  const std::uint32_t seen = lock.word();
  lock.unlock();
  lock.ask(seen);
  lock.lock();
  lock.ask(seen);
  EXPECT_FALSE(lock.is_asked_for());
  lock.ask(lock.word());
  EXPECT_TRUE(lock.is_asked_for());
  lock.forget_waiting();
  EXPECT_FALSE(lock.is_asked_for());
  lock.unlock();
}

TEST(GlobalLockTest, threads_that_never_let_go_by_themselves_all_have_their_turns) {
  constexpr int kThreads = 3;
  constexpr int kTurns = 20;
  GlobalLock lock;
  lock.set_interval(100'000);
  std::atomic<int> finished{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        lock.lock();
        for (int handed = 0; handed < kTurns && finished == 0;) {
          if (!lock.is_asked_for()) continue;
          lock.hand_over();
          ++handed;
        }
        ++finished;
        lock.unlock();
      });
    }
  }
  EXPECT_EQ(finished, kThreads);
}

}  // namespace
}  // namespace threadmill
