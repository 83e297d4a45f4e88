// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/mutex.hpp"

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sync/wait_until.hpp"

namespace threadmill {
namespace {

constexpr int kFree = 0;
constexpr int kLocked = 1;
constexpr int kLockedAndParked = 3;
constexpr int kLockedAndStarved = 7;  // a sleeper was woken too often in vain

// The mutex as others see it: one byte.
int byte_of(const Mutex& mutex) {
  auto& byte = const_cast<std::uint8_t&>(reinterpret_cast<const std::uint8_t&>(mutex));
  return std::atomic_ref(byte).load();
}

// Clang follows a lock through neither EXPECT_TRUE nor a death test.
bool try_to_lock(Mutex& mutex) TM_NO_THREAD_SAFETY_ANALYSIS { return mutex.try_lock(); }
void unlock(Mutex& mutex) TM_NO_THREAD_SAFETY_ANALYSIS { mutex.unlock(); }

TEST(Mutex, the_byte_is_one_while_it_is_locked) {
  Mutex mutex;
  EXPECT_EQ(byte_of(mutex), kFree);
  EXPECT_FALSE(mutex.is_locked());
  {
    const MutexGuard guard(mutex);
    EXPECT_EQ(byte_of(mutex), kLocked);
    EXPECT_TRUE(mutex.is_locked());
  }
  EXPECT_EQ(byte_of(mutex), kFree);
  EXPECT_FALSE(mutex.is_locked());
}

TEST(Mutex, the_byte_is_three_while_somebody_sleeps_and_zero_at_the_end) {
  Mutex mutex;
  bool entered = false;
  std::jthread sleeper;
  {
    const MutexGuard guard(mutex);
    sleeper = std::jthread([&] {
      const MutexGuard theirs(mutex);
      entered = true;
    });
    wait_until([&] { return byte_of(mutex) == kLockedAndParked; });
    EXPECT_FALSE(entered);
  }
  sleeper.join();
  EXPECT_TRUE(entered);
  EXPECT_EQ(byte_of(mutex), kFree);
}

TEST(Mutex, try_lock_succeeds_only_on_a_free_mutex) {
  Mutex mutex;
  EXPECT_TRUE(try_to_lock(mutex));
  EXPECT_FALSE(try_to_lock(mutex));
  EXPECT_EQ(byte_of(mutex), kLocked);
  std::jthread([&] { EXPECT_FALSE(try_to_lock(mutex)); }).join();
  unlock(mutex);
  EXPECT_TRUE(try_to_lock(mutex));
  unlock(mutex);
}

TEST(Mutex, try_lock_does_not_disturb_sleepers) {
  Mutex mutex;
  std::jthread sleeper;
  {
    const MutexGuard guard(mutex);
    sleeper = std::jthread([&] { const MutexGuard theirs(mutex); });
    wait_until([&] { return byte_of(mutex) == kLockedAndParked; });
    EXPECT_FALSE(try_to_lock(mutex));
    EXPECT_EQ(byte_of(mutex), kLockedAndParked);
  }
  sleeper.join();
  EXPECT_EQ(byte_of(mutex), kFree);
}

TEST(Mutex, sleeps_in_the_way_that_it_is_told_and_only_if_it_must) {
  Mutex mutex;
  std::atomic<int> asleep{0};
  const auto counting = [&](auto sleep) {
    asleep.fetch_add(1);
    sleep();
  };
  std::jthread sleeper;
  {
    const MutexGuard guard(mutex);
    sleeper = std::jthread([&]() TM_NO_THREAD_SAFETY_ANALYSIS {
      mutex.lock(counting);
      mutex.unlock();
      mutex.lock(counting);
      mutex.unlock();
    });
    wait_until([&] { return asleep.load() == 1; });
  }
  sleeper.join();
  EXPECT_EQ(asleep.load(), 1);
  EXPECT_EQ(byte_of(mutex), kFree);
}

// M3: a holder that comes back at once, before whoever it wakes is there, is let in
// kPatience times; then it has to wait.
TEST(Mutex, a_sleeper_is_not_overtaken_for_ever) {
  Mutex mutex;
  std::atomic<bool> served{false};
  std::atomic<bool> done{false};
  ASSERT_TRUE(try_to_lock(mutex));
  const std::jthread sleeper([&] {
    const MutexGuard theirs(mutex);
    served.store(true);
    wait_until([&] { return done.load(); });
  });
  bool starved = false;
  while (!served.load()) {
    wait_until([&] { return byte_of(mutex) != kLocked || served.load(); });
    starved = byte_of(mutex) == kLockedAndStarved;
    unlock(mutex);
    if (starved) break;
    while (!try_to_lock(mutex) && !served.load()) std::this_thread::yield();
  }
  if (starved) {
    // Nobody but the sleeper is let in.
    EXPECT_FALSE(try_to_lock(mutex));
    wait_until([&] { return served.load(); });
  }
  EXPECT_FALSE(try_to_lock(mutex));
  done.store(true);
}

TEST(Mutex, five_threads_count_to_fifty_thousand_and_leave_it_free) {
  constexpr int kThreads = 5;
  constexpr int kEach = 10'000;
  Mutex mutex;
  int counter = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kEach; ++n) {
          const MutexGuard guard(mutex);
          ++counter;
        }
      });
    }
  }
  EXPECT_EQ(counter, kThreads * kEach);
  EXPECT_EQ(byte_of(mutex), kFree);
}

// Every holder lets the next one fall asleep, so that each handover wakes somebody.
TEST(Mutex, no_sleeper_is_forgotten) {
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  Mutex mutex;
  int counter = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kEach; ++n) {
          const MutexGuard guard(mutex);
          ++counter;
          std::this_thread::yield();
        }
      });
    }
  }
  EXPECT_EQ(counter, kThreads * kEach);
  EXPECT_EQ(byte_of(mutex), kFree);
}

// Neighbours in an array share a bucket line or not: each is a lock of its own.
TEST(Mutex, neighbouring_bytes_are_independent) {
  Mutex mutexes[8];
  const MutexGuard guard(mutexes[3]);
  for (int i = 0; i < 8; ++i) {
    if (i == 3) continue;
    EXPECT_TRUE(try_to_lock(mutexes[i])) << i;
    unlock(mutexes[i]);
  }
  EXPECT_EQ(byte_of(mutexes[3]), kLocked);
}

TEST(MutexDeathTest, unlock_of_an_unlocked_mutex_dies) {
  Mutex mutex;
  EXPECT_DEATH(unlock(mutex), "mutex-held");
}

}  // namespace
}  // namespace threadmill
