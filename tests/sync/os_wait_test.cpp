// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/os_wait.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

void sleep_while_zero(const Atomic<std::uint32_t>& word) {
  while (word.load(acquire) == 0) os_wait(word, 0);
}

TEST(OsWait, does_not_sleep_when_the_word_holds_another_value) {
  const Atomic<std::uint32_t> word(2);
  os_wait(word, 1);
}

TEST(OsWait, a_wake_up_without_sleepers_does_nothing) {
  const Atomic<std::uint32_t> word;
  os_wake_one(word);
  os_wake_all(word);
}

TEST(OsWait, wake_all_wakes_everybody) {
  for (int round = 0; round < 50; ++round) {
    Atomic<std::uint32_t> word;
    std::vector<std::jthread> sleepers;
    for (int i = 0; i < 4; ++i) sleepers.emplace_back([&] { sleep_while_zero(word); });
    std::this_thread::yield();
    word.store(1, release);
    os_wake_all(word);
  }
}

TEST(OsWait, wake_one_wakes_one_after_the_other) {
  for (int round = 0; round < 50; ++round) {
    Atomic<std::uint32_t> word;
    std::vector<std::jthread> sleepers;
    for (int i = 0; i < 4; ++i) {
      sleepers.emplace_back([&] {
        sleep_while_zero(word);
        os_wake_one(word);
      });
    }
    std::this_thread::yield();
    word.store(1, release);
    os_wake_one(word);
  }
}

}  // namespace
}  // namespace threadmill
