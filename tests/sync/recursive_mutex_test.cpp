// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/recursive_mutex.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sync/wait_until.hpp"

namespace threadmill {
namespace {

constexpr std::uint32_t kMe = 1;
constexpr std::uint32_t kOther = 2;

// Statement tC29.
TEST(RecursiveMutex, counts_its_levels_and_knows_its_owner) {
  RecursiveMutex mutex;
  EXPECT_FALSE(mutex.is_held_by(kMe));
  mutex.lock(kMe);
  EXPECT_TRUE(mutex.is_held_by(kMe));
  EXPECT_FALSE(mutex.is_held_by(kOther));
  mutex.lock(kMe);
  EXPECT_TRUE(mutex.try_lock(kMe));
  EXPECT_EQ(mutex.level(), 3u);
  mutex.unlock(kMe);
  mutex.unlock(kMe);
  EXPECT_TRUE(mutex.is_held_by(kMe));
  EXPECT_EQ(mutex.level(), 1u);
  mutex.unlock(kMe);
  EXPECT_FALSE(mutex.is_held_by(kMe));
}

TEST(RecursiveMutex, keeps_others_out_until_the_last_level_is_left) {
  RecursiveMutex mutex;
  mutex.lock(kMe);
  mutex.lock(kMe);
  std::atomic<bool> waits{false};
  std::atomic<bool> entered{false};
  const std::jthread other([&] {
    EXPECT_FALSE(mutex.try_lock(kOther));
    mutex.lock(kOther, [&](auto sleep) {
      waits.store(true);
      sleep();
    });
    entered.store(true);
    mutex.unlock(kOther);
  });
  wait_until([&] { return waits.load(); });
  mutex.unlock(kMe);
  let_others_run();
  EXPECT_FALSE(entered.load());
  mutex.unlock(kMe);
}

TEST(RecursiveMutex, excludes_threads_at_any_level) {
  constexpr std::uint32_t kThreads = 4;
  constexpr int kEach = 3000;
  RecursiveMutex mutex;
  int counter = 0;
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t self = 1; self <= kThreads; ++self) {
      threads.emplace_back([&, self] {
        for (int n = 0; n < kEach; ++n) {
          mutex.lock(self);
          ++counter;
          mutex.lock(self);
          ++counter;
          mutex.unlock(self);
          mutex.unlock(self);
        }
      });
    }
  }
  EXPECT_EQ(counter, 2 * static_cast<int>(kThreads) * kEach);
}

TEST(RecursiveMutexDeathTest, unlock_by_a_thread_that_does_not_hold_it_dies) {
  RecursiveMutex mutex;
  EXPECT_DEATH(mutex.unlock(kMe), "recursive-mutex-held");
  mutex.lock(kMe);
  EXPECT_DEATH(mutex.unlock(kOther), "recursive-mutex-held");
  mutex.unlock(kMe);
}

}  // namespace
}  // namespace threadmill
