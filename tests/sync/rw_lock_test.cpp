// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/rw_lock.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sync/wait_until.hpp"

namespace threadmill {
namespace {

// Clang follows a lock through neither EXPECT_TRUE nor a lambda.
bool try_to_write(RwLock& lock) TM_NO_THREAD_SAFETY_ANALYSIS { return lock.try_lock(); }
bool try_to_read(RwLock& lock) TM_NO_THREAD_SAFETY_ANALYSIS {
  return lock.try_lock_shared();
}
void stop_writing(RwLock& lock) TM_NO_THREAD_SAFETY_ANALYSIS { lock.unlock(); }
void stop_reading(RwLock& lock) TM_NO_THREAD_SAFETY_ANALYSIS { lock.unlock_shared(); }

template <class Body>
void write(RwLock& lock, Body body) {
  lock.lock();
  body();
  lock.unlock();
}
template <class Body>
void read(RwLock& lock, Body body) {
  lock.lock_shared();
  body();
  lock.unlock_shared();
}

TEST(RwLock, many_read_or_one_writes) {
  RwLock lock;
  EXPECT_TRUE(try_to_read(lock));
  EXPECT_TRUE(try_to_read(lock));
  EXPECT_FALSE(try_to_write(lock));
  stop_reading(lock);
  EXPECT_FALSE(try_to_write(lock));
  stop_reading(lock);
  EXPECT_TRUE(try_to_write(lock));
  EXPECT_FALSE(try_to_read(lock));
  EXPECT_FALSE(try_to_write(lock));
  stop_writing(lock);
  EXPECT_TRUE(try_to_read(lock));
  stop_reading(lock);
}

// Statement tC28, as far as it can be seen from outside: two readers, a writer that waits
// for both, and a reader that waits for the writer.
TEST(RwLock, a_waiting_writer_keeps_new_readers_out_and_is_next) {
  RwLock lock;
  std::atomic<bool> wrote{false};
  std::atomic<bool> stop{false};
  ASSERT_TRUE(try_to_read(lock));
  ASSERT_TRUE(try_to_read(lock));
  std::jthread writer([&] {
    write(lock, [&] {
      wrote.store(true);
      wait_until([&] { return stop.load(); });
    });
  });
  wait_until([&] {
    if (!try_to_read(lock)) return true;
    stop_reading(lock);
    return false;
  });
  std::jthread reader([&] { read(lock, [&] { EXPECT_TRUE(wrote.load()); }); });
  stop_reading(lock);
  let_others_run();
  EXPECT_FALSE(wrote.load());
  stop_reading(lock);
  wait_until([&] { return wrote.load(); });
  EXPECT_FALSE(try_to_read(lock));
  stop.store(true);
  writer.join();
  reader.join();
  EXPECT_TRUE(try_to_write(lock));
  stop_writing(lock);
}

// Readers that overlap all the time: without a bound the writer would never come in.
TEST(RwLock, a_writer_comes_in_between_readers_that_never_pause) {
  RwLock lock;
  std::atomic<bool> written{false};
  std::vector<std::jthread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!written.load()) {
        read(lock, [] { std::this_thread::yield(); });
      }
    });
  }
  for (int i = 0; i < 20; ++i) write(lock, [] {});
  written.store(true);
}

TEST(RwLock, readers_see_whole_updates_and_none_is_lost) {
  constexpr int kWriters = 3;
  constexpr int kEach = 2000;
  RwLock lock;
  int first = 0;
  int second = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kWriters; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kEach; ++n) {
          write(lock, [&] {
            ++first;
            ++second;
          });
          read(lock, [&] { EXPECT_EQ(first, second); });
        }
      });
    }
  }
  EXPECT_EQ(first, kWriters * kEach);
}

TEST(RwLock, sleeps_in_the_way_that_it_is_told) {
  RwLock lock;
  std::atomic<int> asleep{0};
  const auto counting = [&](auto sleep) {
    asleep.fetch_add(1);
    sleep();
  };
  ASSERT_TRUE(try_to_write(lock));
  {
    const std::jthread writer([&]() TM_NO_THREAD_SAFETY_ANALYSIS {
      lock.lock(counting);
      lock.unlock();
    });
    const std::jthread reader([&]() TM_NO_THREAD_SAFETY_ANALYSIS {
      lock.lock_shared(counting);
      lock.unlock_shared();
    });
    wait_until([&] { return asleep.load() == 2; });
    stop_writing(lock);
  }
  EXPECT_EQ(asleep.load(), 2);
}

}  // namespace
}  // namespace threadmill
