// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/retire_budget.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/memory/held.hpp"
#include "runtime/thread/qsbr.hpp"
#include "runtime/thread/safepoint.hpp"
#include "tests/memory/memory_world.hpp"
#include "tests/thread/companion.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kBatchBytes = RetireList::kBatchBytes;
constexpr RetireLimits kSmall{.per_slot = 3 * kBatchBytes, .in_all = 6 * kBatchBytes};

void retire_one(std::size_t bytes) {
  retire(*current(), buffer_allocate(bytes), bytes);
}

class RetireBudgetTest : public MemoryTest {
 protected:
  RetireBudgetTest() : MemoryTest(std::size_t{1} << 30, kSmall) {}

  [[nodiscard]] std::size_t held_here() { return self().retired->bytes(); }
  // Nobody else retires.
  [[nodiscard]] std::size_t held_in_all() {
    std::size_t sum = 0;
    world().for_each_slot([&sum](Slot& slot) { sum += slot.retired->bytes(); });
    return sum;
  }
  [[nodiscard]] std::uint32_t pauses() { return world().pause_word.load(relaxed) / 2; }
};

TEST_F(RetireBudgetTest, the_most_bytes_are_those_of_all_lists_at_a_time) {
  RetireBudget budget;
  budget.add(5);
  budget.add(7);
  budget.subtract(5);
  budget.add(1);
  EXPECT_EQ(budget.most_bytes(), 12u);
}

TEST_F(RetireBudgetTest, a_limit_is_exceeded_by_a_byte_more) {
  RetireBudget budget({.per_slot = 100, .in_all = 1000});
  EXPECT_FALSE(budget.is_exceeded_by(100));
  EXPECT_TRUE(budget.is_exceeded_by(101));
  budget.add(1000);
  EXPECT_FALSE(budget.is_exceeded_by(1));
  budget.add(1);
  EXPECT_TRUE(budget.is_exceeded_by(1));
}

TEST_F(RetireBudgetTest, within_it_nobody_is_stopped_for_a_reader_that_lags) {
  Companion reader(world());
  for (int i = 0; i < 3; ++i) {
    retire_one(kBatchBytes);
    safepoint();
  }
  EXPECT_EQ(held_here(), 3 * kBatchBytes);
  EXPECT_EQ(pauses(), 0u);
}

TEST_F(RetireBudgetTest, over_it_a_lone_thread_frees_without_a_pause) {
  for (int i = 0; i < 5; ++i) retire_one(kBatchBytes);
  EXPECT_EQ(held_here(), 5 * kBatchBytes);
  safepoint();
  EXPECT_EQ(held_here(), 0u);
  EXPECT_EQ(pauses(), 0u);
}

// The epoch stays as it is, and still the holder looks again (gh-133136).
TEST_F(RetireBudgetTest, what_a_reader_left_is_freed_at_the_next_safepoint) {
  Companion reader(world());
  retire_one(kBatchBytes);
  safepoint();
  EXPECT_EQ(held_here(), kBatchBytes);
  reader.poll();
  const std::uint64_t epoch = world().epoch.load(relaxed);
  safepoint();
  EXPECT_EQ(held_here(), 0u);
  EXPECT_EQ(world().epoch.load(relaxed), epoch);
}

TEST_F(RetireBudgetTest, a_holder_that_was_detached_looks_again) {
  Companion reader(world());
  retire_one(kBatchBytes);
  { const Detached away; }
  EXPECT_EQ(held_here(), kBatchBytes);
  reader.poll();
  safepoint();
  EXPECT_EQ(held_here(), 0u);
}

TEST_F(RetireBudgetTest, over_it_a_reader_that_lags_is_stopped) {
  Companion reader(world());
  std::atomic<bool> over{false};
  reader.start([&over] {
    wait_until([&over] { return over.load(); });
    wait_until(
        [] { return (current()->state.load(relaxed) & slot_state::kSuspended) != 0; });
    safepoint();
  });
  for (int i = 0; i < 4; ++i) retire_one(kBatchBytes);
  EXPECT_EQ(held_here(), 4 * kBatchBytes);
  over.store(true);
  safepoint();
  EXPECT_EQ(held_here(), 0u);
  EXPECT_EQ(pauses(), 1u);
  reader.wait();
}

TEST_F(RetireBudgetTest, what_exited_threads_left_counts_in_all) {
  {
    // They run at the same time, so none inherits the slot of another.
    Companion reader(world());
    std::vector<std::unique_ptr<Companion>> leaving;
    for (int i = 0; i < 3; ++i) leaving.push_back(std::make_unique<Companion>(world()));
    for (auto& thread : leaving) {
      thread->run([] {
        retire_one(kBatchBytes);
        retire_one(kBatchBytes);
      });
    }
    leaving.clear();
    EXPECT_EQ(held_in_all(), kSmall.in_all);
    retire_one(kBatchBytes);  // beyond what all may hold
    reader.start([] {
      wait_until([] {
        return (current()->state.load(relaxed) & slot_state::kSuspended) != 0;
      });
      safepoint();
    });
    safepoint();
    reader.wait();
  }
  const HeldMemory held = measure_held_memory(self());
  EXPECT_EQ(held.retired_bytes, 0u);
  EXPECT_EQ(held.most_retired_in_all, kSmall.in_all + kBatchBytes);
  EXPECT_LE(held.most_retired_in_all, held.may_retire_in_all);
}

// B1 and B2, while readers come to a safepoint as they please.
TEST_F(RetireBudgetTest, no_list_is_beyond_it_whatever_threads_do) {
  constexpr std::uint64_t kSeed = 79;
  constexpr int kSteps = 4000 * kEffort;
  constexpr std::size_t kLargest = 2 * kBatchBytes;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::atomic<int> beyond{0};
  {
    const Detached while_they_run;
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        Random random(mix_seed(kSeed, t));
        if (enter(world()) == nullptr) return;
        for (int step = 0; step < kSteps; ++step) {
          if (random.below(500) == 0) {
            leave();
            if (enter(world()) == nullptr) return;
          }
          if (t < 3) retire_one(1 + random.below(random.below(kLargest) + 1));
          if (current()->retired->bytes() > kSmall.per_slot + kLargest) ++beyond;
          if (t == 3 && random.below(8) != 0) continue;  // a reader that lags
          safepoint();
          if (current()->retired->bytes() > kSmall.per_slot) ++beyond;
        }
        leave();
      });
    }
  }
  EXPECT_EQ(beyond, 0);
  const HeldMemory held = measure_held_memory(self());
  EXPECT_LE(held.most_retired_in_slot, held.may_retire_in_slot);
  EXPECT_LE(held.most_retired_in_all, held.may_retire_in_all);
  EXPECT_GT(held.most_retired_in_all, kBatchBytes);
}

}  // namespace
}  // namespace threadmill
