// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/parking_lot.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sync/wait_until.hpp"

namespace threadmill {
namespace {

using Word = Atomic<std::uint8_t>;

// A thread that sleeps on `word` from the end of the constructor until it is unparked.
class Sleeper {
 public:
  explicit Sleeper(const Word& word, QueueEnd place = QueueEnd::back)
      : thread_([this, &word, place] {
          // The question is asked under the bucket's lock, which is given up only when
          // this thread is in the queue.
          const ParkResult result = detail::park_slow(
              word.address(),
              [](void* self) noexcept {
                static_cast<Sleeper*>(self)->asked_.store(true);
                return true;
              },
              this, place);
          EXPECT_EQ(result, ParkResult::woken);
          awake_.store(true);
        }) {
    wait_until([this] { return asked_.load(); });
  }

  [[nodiscard]] bool is_awake() const { return awake_.load(); }
  void wait() {
    wait_until([this] { return is_awake(); });
  }

 private:
  std::atomic<bool> asked_{false};
  std::atomic<bool> awake_{false};
  std::jthread thread_;
};

struct Answer {
  bool unparked;
  bool more;
};

Answer unpark(const Word& word) {
  std::optional<Answer> answer;
  unpark_one(word, [&](bool unparked, bool more) { answer = {unparked, more}; });
  EXPECT_TRUE(answer.has_value());  // the word's owner is always asked
  return *answer;
}

// The bucket that parking_lot.cpp takes: the top byte of a product.
std::size_t bucket_of(const Word& word) {
  return (reinterpret_cast<std::uintptr_t>(word.address()) * 0x9e3779b97f4a7c15u) >> 56;
}

// Two words of `words` in one bucket, which 257 words must have.
std::pair<const Word*, const Word*> neighbours(const std::vector<Word>& words) {
  std::vector<const Word*> seen(256);
  for (const Word& word : words) {
    const Word*& other = seen[bucket_of(word)];
    if (other != nullptr) return {other, &word};
    other = &word;
  }
  return {nullptr, nullptr};
}

TEST(ParkingLot, a_word_with_another_value_is_not_slept_on) {
  const Word word(1);
  EXPECT_EQ(park(word, std::uint8_t{2}), ParkResult::changed);
}

TEST(ParkingLot, a_parked_thread_sleeps_until_it_is_woken) {
  const Word word(1);
  std::atomic<bool> awake{false};
  std::jthread sleeper([&] {
    EXPECT_EQ(park(word, std::uint8_t{1}), ParkResult::woken);
    awake.store(true);
  });
  let_others_run();
  EXPECT_FALSE(awake.load());
  wait_until([&] { return unpark(word).unparked; });
  sleeper.join();
  EXPECT_TRUE(awake.load());
}

TEST(ParkingLot, unparking_without_sleepers_finds_nobody) {
  const Word word;
  const Answer answer = unpark(word);
  EXPECT_FALSE(answer.unparked);
}

TEST(ParkingLot, the_longest_sleeper_is_woken_first) {
  const Word word;
  Sleeper first(word);
  Sleeper second(word);
  Sleeper third(word);

  Answer answer = unpark(word);
  EXPECT_TRUE(answer.unparked);
  EXPECT_TRUE(answer.more);
  first.wait();
  let_others_run();
  EXPECT_FALSE(second.is_awake());
  EXPECT_FALSE(third.is_awake());

  answer = unpark(word);
  EXPECT_TRUE(answer.unparked);
  EXPECT_TRUE(answer.more);
  second.wait();
  let_others_run();
  EXPECT_FALSE(third.is_awake());

  EXPECT_TRUE(unpark(word).unparked);
  third.wait();
  EXPECT_FALSE(unpark(word).unparked);
}

TEST(ParkingLot, who_joins_at_the_front_is_woken_next) {
  const Word word;
  Sleeper only(word, QueueEnd::front);
  Sleeper behind(word);
  Sleeper before(word, QueueEnd::front);
  EXPECT_TRUE(unpark(word).more);
  before.wait();
  EXPECT_TRUE(unpark(word).more);
  only.wait();
  EXPECT_FALSE(behind.is_awake());
  EXPECT_TRUE(unpark(word).unparked);
  behind.wait();
}

TEST(ParkingLot, two_addresses_in_one_bucket_are_independent) {
  const std::vector<Word> words(257);
  const auto [left, right] = neighbours(words);
  ASSERT_NE(left, nullptr);
  Sleeper left_first(*left);
  Sleeper right_first(*right);
  Sleeper left_second(*left);
  Sleeper right_second(*right);

  EXPECT_TRUE(unpark(*right).more);
  right_first.wait();
  EXPECT_TRUE(unpark(*right).unparked);
  right_second.wait();
  EXPECT_FALSE(unpark(*right).unparked);
  let_others_run();
  EXPECT_FALSE(left_first.is_awake());
  EXPECT_FALSE(left_second.is_awake());

  EXPECT_TRUE(unpark(*left).more);
  left_first.wait();
  EXPECT_FALSE(left_second.is_awake());
  // The last of the queue went from its middle; the next joins behind the rest.
  Sleeper left_third(*left);
  EXPECT_TRUE(unpark(*left).more);
  left_second.wait();
  EXPECT_FALSE(left_third.is_awake());
  EXPECT_TRUE(unpark(*left).unparked);
  left_third.wait();
}

TEST(ParkingLot, the_last_of_a_queue_can_leave_before_the_others) {
  const std::vector<Word> words(257);
  const auto [left, right] = neighbours(words);
  ASSERT_NE(left, nullptr);
  Sleeper left_first(*left);
  Sleeper right_first(*right);
  EXPECT_TRUE(unpark(*right).unparked);
  right_first.wait();
  Sleeper right_second(*right);
  EXPECT_TRUE(unpark(*right).unparked);
  right_second.wait();
  EXPECT_TRUE(unpark(*left).unparked);
  left_first.wait();
}

// Each thread waits for its turn and passes it on; a lost wake-up would never end. The
// word changes before the unparking in one direction, and inside it in the other.
TEST(ParkingLot, ping_pong_loses_no_wake_up) {
  constexpr int kRounds = 5'000;
  constexpr std::uint8_t kPing = 0;
  constexpr std::uint8_t kPong = 1;
  Word turn(kPing);
  int passed = 0;
  std::jthread pong([&] {
    for (int round = 0; round < kRounds; ++round) {
      while (turn.load(acquire) != kPong) park(turn, kPing);
      ++passed;
      turn.store(kPing, release);
      unpark_one(turn, [](bool, bool) {});
    }
  });
  for (int round = 0; round < kRounds; ++round) {
    while (turn.load(acquire) != kPing) park(turn, kPong);
    ++passed;
    unpark_one(turn, [&](bool, bool) { turn.store(kPong, release); });
  }
  pong.join();
  EXPECT_EQ(passed, 2 * kRounds);
}

// A token goes round; all sleep on the same word, and each wakes the next sleeper as long
// as there is one.
TEST(ParkingLot, a_chain_of_wake_ups_reaches_everybody) {
  constexpr int kRounds = 100;
  constexpr int kThreads = 6;
  for (int round = 0; round < kRounds; ++round) {
    Word gate;
    std::atomic<int> through{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        while (gate.load(acquire) == 0) park(gate, std::uint8_t{0});
        unpark_one(gate, [](bool, bool) {});
        through.fetch_add(1);
      });
    }
    if (round % 2 == 0) let_others_run();
    gate.store(1, release);
    unpark_one(gate, [](bool, bool) {});
    threads.clear();
    EXPECT_EQ(through.load(), kThreads);
  }
}

}  // namespace
}  // namespace threadmill
