// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/atomic.hpp"

#include <cstdint>
#include <new>
#include <thread>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

static_assert(sizeof(Atomic<std::uint8_t>) == 1);
static_assert(sizeof(Atomic<std::uint64_t>) == 8);
static_assert(!std::is_copy_constructible_v<Atomic<int>>);
static_assert(!std::is_convertible_v<int, Atomic<int>>);
static_assert(!std::is_convertible_v<Atomic<int>, int>);

TEST(Atomic, a_new_one_is_zero_or_what_it_was_given) {
  EXPECT_EQ(Atomic<std::uint32_t>().load(relaxed), 0u);
  EXPECT_EQ(Atomic<std::uint32_t>(7).load(relaxed), 7u);
  EXPECT_EQ(Atomic<int*>().load(relaxed), nullptr);
}

// As headers are made: the bytes were last written by atomic stores.
TEST(Atomic, keep_bytes_leaves_the_bytes_as_they_are) {
  alignas(8) unsigned char memory[8];
  auto* before = new (memory) Atomic<std::uint64_t>();
  before->store(0x5a5a5a5a5a5a5a5a, relaxed);
  auto* after = new (memory) Atomic<std::uint64_t>(KeepBytes{});
  EXPECT_EQ(after->load(relaxed), 0x5a5a5a5a5a5a5a5au);
}

TEST(Atomic, changes_return_the_value_before) {
  Atomic<std::uint32_t> word(0b1100);
  EXPECT_EQ(word.exchange(0b0110, relaxed), 0b1100u);
  EXPECT_EQ(word.fetch_or(0b0001, relaxed), 0b0110u);
  EXPECT_EQ(word.fetch_and(0b0011, relaxed), 0b0111u);
  EXPECT_EQ(word.fetch_add(5, relaxed), 0b0011u);
  EXPECT_EQ(word.fetch_sub(6, relaxed), 8u);
  EXPECT_EQ(word.load(relaxed), 2u);
}

TEST(Atomic, cas_strong_changes_an_expected_value_and_reloads_another) {
  Atomic<std::uint32_t> word(1);
  std::uint32_t expected = 1;
  EXPECT_TRUE(word.cas_strong(expected, 2, acq_rel));
  EXPECT_EQ(expected, 1u);
  EXPECT_FALSE(word.cas_strong(expected, 3, acq_rel));
  EXPECT_EQ(expected, 2u);
  EXPECT_EQ(word.load(relaxed), 2u);
}

TEST(Atomic, cas_never_changes_an_unexpected_value) {
  Atomic<std::uint32_t> word(1);
  std::uint32_t expected = 9;
  EXPECT_FALSE(word.cas(expected, 3, seq_cst));
  EXPECT_EQ(expected, 1u);
  while (!word.cas(expected, 3, seq_cst)) EXPECT_EQ(expected, 1u);
  EXPECT_EQ(word.load(relaxed), 3u);
}

TEST(Atomic, concurrent_additions_are_all_counted) {
  constexpr std::uint64_t kEach = 10'000;
  Atomic<std::uint64_t> added;
  Atomic<std::uint64_t> swapped;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (std::uint64_t n = 0; n < kEach; ++n) {
          added.fetch_add(1, relaxed);
          std::uint64_t value = swapped.load(relaxed);
          while (!swapped.cas(value, value + 1, relaxed)) {
          }
        }
      });
    }
  }
  EXPECT_EQ(added.load(relaxed), 4 * kEach);
  EXPECT_EQ(swapped.load(relaxed), 4 * kEach);
}

TEST(Atomic, a_release_store_carries_plain_data_to_an_acquire_load) {
  for (int round = 0; round < 100; ++round) {
    int data = 0;
    Atomic<bool> ready;
    std::jthread writer([&] {
      data = round + 1;
      ready.store(true, release);
    });
    while (!ready.load(acquire)) std::this_thread::yield();
    EXPECT_EQ(data, round + 1);
  }
}

}  // namespace
}  // namespace threadmill
