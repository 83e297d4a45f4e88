// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/retire.hpp"

#include <atomic>
#include <cstring>
#include <deque>
#include <memory>
#include <new>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/thread/qsbr.hpp"
#include "runtime/thread/safepoint.hpp"
#include "tests/memory/memory_world.hpp"
#include "tests/thread/companion.hpp"

namespace {
thread_local bool no_memory_for_batches = false;
}

// What a list takes its batches from; a test says when there is none. Weak, because the
// sanitizers that bring their own do not let it be replaced.
[[gnu::weak]] void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  if (no_memory_for_batches) return nullptr;
  try {
    return ::operator new(bytes);
  } catch (...) {
    return nullptr;
  }
}

namespace threadmill {
namespace {

constexpr std::size_t kBatchBytes = RetireList::kBatchBytes;

class NoMemoryForBatches {
 public:
  NoMemoryForBatches() { no_memory_for_batches = true; }
  ~NoMemoryForBatches() { no_memory_for_batches = false; }

  NoMemoryForBatches(const NoMemoryForBatches&) = delete;
  NoMemoryForBatches& operator=(const NoMemoryForBatches&) = delete;

  static bool can_be_had() {
    const NoMemoryForBatches scope;
    void* memory = ::operator new(1, std::nothrow);
    ::operator delete(memory);
    return memory == nullptr;
  }
};

class RetireTest : public MemoryTest {
 protected:
  RetireList& retired() { return *self().retired; }

  [[nodiscard]] std::uint64_t epoch() { return world().epoch.load(relaxed); }

  // A batch is closed by an advance of the epoch.
  bool add_closes_batch(std::size_t bytes) {
    const std::uint64_t before = epoch();
    add(bytes);
    return epoch() != before;
  }

  // Returns the buffer, which holds `bytes` times the number of this call.
  unsigned char* add(std::size_t bytes) {
    auto* buffer = static_cast<unsigned char*>(buffer_allocate(bytes));
    std::memset(buffer, ++added_, bytes);
    EXPECT_TRUE(retired().add(buffer, bytes));
    return buffer;
  }

  // A quiescent point of this thread, with a look at the goals.
  void pass_quiescent_point() {
    note_quiescent(self());
    retired().free_reached();
  }

  unsigned char added_ = 0;
};

TEST_F(RetireTest, bytes_are_those_that_were_added) {
  EXPECT_EQ(retired().bytes(), 0u);
  add(100);
  EXPECT_EQ(retired().bytes(), 100u);
  add(2 * kBatchBytes);
  EXPECT_EQ(retired().bytes(), 100u + 2 * kBatchBytes);
  add(1);
  EXPECT_EQ(retired().bytes(), 101u + 2 * kBatchBytes);
}

TEST_F(RetireTest, a_batch_is_closed_at_its_bytes_and_not_before) {
  EXPECT_TRUE(add_closes_batch(kBatchBytes));
  EXPECT_FALSE(add_closes_batch(kBatchBytes - 1));
  EXPECT_TRUE(add_closes_batch(1));
  EXPECT_FALSE(add_closes_batch(kBatchBytes / 2));
  EXPECT_TRUE(add_closes_batch(kBatchBytes));
}

TEST_F(RetireTest, a_batch_is_closed_when_it_is_full_and_not_before) {
  std::vector<int> lengths;
  for (int batch = 0; batch < 3; ++batch) {
    int length = 1;
    while (!add_closes_batch(1)) {
      ++length;
      ASSERT_LT(length, 1000);
    }
    lengths.push_back(length);
  }
  EXPECT_GT(lengths[0], 1);
  EXPECT_EQ(lengths[1], lengths[0]);
  EXPECT_EQ(lengths[2], lengths[0]);
}

TEST_F(RetireTest, the_slot_knows_whether_something_is_retired) {
  EXPECT_FALSE(self().has_retired);
  add(1);
  EXPECT_TRUE(self().has_retired);
  add(kBatchBytes);
  EXPECT_TRUE(self().has_retired);
  pass_quiescent_point();
  EXPECT_FALSE(self().has_retired);
  add(1);
  retired().free_all();
  EXPECT_FALSE(self().has_retired);
}

TEST_F(RetireTest,
       a_closed_batch_is_freed_at_the_next_quiescent_point_of_a_lone_thread) {
  add(kBatchBytes);
  retired().free_reached();
  EXPECT_EQ(retired().bytes(), kBatchBytes);
  safepoint();
  EXPECT_EQ(retired().bytes(), 0u);
}

TEST_F(RetireTest, an_open_batch_waits_however_many_quiescent_points_pass) {
  const unsigned char* buffer = add(100);
  for (int i = 0; i < 5; ++i) {
    (void)advance_epoch(world());
    pass_quiescent_point();
  }
  EXPECT_EQ(retired().bytes(), 100u);
  EXPECT_TRUE(self().has_retired);
  EXPECT_EQ(buffer[99], 1);
}

TEST_F(RetireTest, nothing_is_freed_before_an_attached_slot_has_reached_the_goal) {
  Companion other(world());
  const unsigned char* first = add(1000);
  const unsigned char* second = add(kBatchBytes);
  for (int i = 0; i < 5; ++i) {
    pass_quiescent_point();
    ASSERT_EQ(retired().bytes(), 1000 + kBatchBytes);
    ASSERT_TRUE(self().has_retired);
    ASSERT_EQ(first[999], 1);
    ASSERT_EQ(second[kBatchBytes - 1], 2);
  }
  other.poll();
  retired().free_reached();
  EXPECT_EQ(retired().bytes(), 0u);
}

TEST_F(RetireTest, a_quiescent_point_before_the_batch_was_closed_does_not_count) {
  Companion other(world());
  add(kBatchBytes / 2);
  (void)advance_epoch(world());  // so that the poll sees something new
  other.poll();
  add(kBatchBytes / 2);
  pass_quiescent_point();
  EXPECT_EQ(retired().bytes(), kBatchBytes);
  other.poll();
  retired().free_reached();
  EXPECT_EQ(retired().bytes(), 0u);
}

TEST_F(RetireTest, batches_are_freed_when_each_reaches_its_own_goal) {
  Companion other(world());
  add(kBatchBytes);
  add(kBatchBytes + 1);
  pass_quiescent_point();
  other.poll();
  add(kBatchBytes + 2);
  add(7);
  pass_quiescent_point();
  EXPECT_EQ(retired().bytes(), kBatchBytes + 2 + 7);
  other.poll();
  pass_quiescent_point();
  EXPECT_EQ(retired().bytes(), 7u);
  add(kBatchBytes);
  other.poll();
  pass_quiescent_point();
  EXPECT_EQ(retired().bytes(), 0u);
}

TEST_F(RetireTest, a_detached_slot_holds_nothing_back) {
  Companion other(world());
  std::atomic<bool> away{false};
  std::atomic<bool> back{false};
  other.start([&] {
    const Detached detached;
    away.store(true);
    wait_until([&] { return back.load(); });
  });
  wait_until([&] { return away.load(); });
  add(kBatchBytes);
  pass_quiescent_point();
  EXPECT_EQ(retired().bytes(), 0u);
  back.store(true);
  other.wait();
}

TEST_F(RetireTest, free_all_frees_open_and_closed_batches_whatever_their_goals) {
  Companion other(world());
  add(kBatchBytes);
  add(kBatchBytes);
  add(3);
  retired().free_all();
  EXPECT_EQ(retired().bytes(), 0u);
  EXPECT_FALSE(self().has_retired);
  retired().free_all();
  EXPECT_EQ(retired().bytes(), 0u);
  // The list goes on as a new one.
  add(kBatchBytes);
  add(5);
  pass_quiescent_point();
  EXPECT_EQ(retired().bytes(), kBatchBytes + 5);
  other.poll();
  retired().free_reached();
  EXPECT_EQ(retired().bytes(), 5u);
}

TEST_F(RetireTest, the_next_holder_of_a_slot_inherits_what_is_left) {
  Slot* slot;
  {
    Companion first(world());
    slot = &first.slot();
    first.run([this] { add(10); });
  }
  EXPECT_EQ(slot->retired->bytes(), 10u);
  EXPECT_TRUE(slot->has_retired);
  Companion second(world());
  ASSERT_EQ(&second.slot(), slot);
  second.run([this] { add(kBatchBytes); });
  EXPECT_EQ(slot->retired->bytes(), 10 + kBatchBytes);
  safepoint();
  second.poll();
  EXPECT_EQ(slot->retired->bytes(), 0u);
}

// What is left is freed with the world: LeakSanitizer would see it.
TEST_F(RetireTest, a_world_may_end_with_retired_buffers) {
  add(kBatchBytes);
  add(50);
  EXPECT_EQ(retired().bytes(), kBatchBytes + 50);
}

// More than AddressSanitizer's quarantine in all.
TEST_F(RetireTest, freed_buffers_are_used_again) {
  constexpr std::size_t kBytes = 4 * kBatchBytes;
  constexpr std::size_t kRounds = 2048;
  std::set<void*> addresses;
  for (std::size_t i = 0; i < kRounds; ++i) {
    void* buffer = buffer_allocate(kBytes);
    ASSERT_NE(buffer, nullptr);
    addresses.insert(buffer);
    retire(self(), buffer, kBytes);
    safepoint();
    ASSERT_EQ(retired().bytes(), 0u);
  }
  EXPECT_LT(addresses.size(), kRounds);
}

TEST_F(RetireTest, without_memory_for_a_batch_the_caller_keeps_the_buffer) {
  if (!NoMemoryForBatches::can_be_had()) GTEST_SKIP();
  void* buffer = buffer_allocate(64);
  {
    const NoMemoryForBatches scope;
    EXPECT_FALSE(retired().add(buffer, 64));
  }
  EXPECT_EQ(retired().bytes(), 0u);
  EXPECT_FALSE(self().has_retired);
  buffer_free(buffer, 64);
}

TEST_F(RetireTest, without_memory_for_a_batch_retiring_stops_the_world_once) {
  if (!NoMemoryForBatches::can_be_had()) GTEST_SKIP();
  Companion other(world());
  auto* buffer = static_cast<unsigned char*>(buffer_allocate(64));
  std::memset(buffer, 9, 64);
  const std::uint32_t pauses = world().pause_word.load(relaxed);
  other.start([buffer] {
    wait_until(
        [] { return (current()->state.load(relaxed) & slot_state::kSuspended) != 0; });
    let_others_run();
    EXPECT_EQ(buffer[63], 9) << "freed before this thread stopped";
    safepoint();
  });
  {
    const NoMemoryForBatches scope;
    retire(self(), buffer, 64);
  }
  other.wait();
  EXPECT_EQ(world().pause_word.load(relaxed), pauses + 2);
  EXPECT_EQ(retired().bytes(), 0u);
}

TEST_F(RetireTest, without_memory_for_a_batch_the_buffer_is_freed_all_the_same) {
  if (!NoMemoryForBatches::can_be_had()) GTEST_SKIP();
  constexpr std::size_t kRounds = 1000;
  std::set<void*> addresses;
  for (std::size_t i = 0; i < kRounds; ++i) {
    void* buffer = buffer_allocate(kBatchBytes);
    ASSERT_NE(buffer, nullptr);
    addresses.insert(buffer);
    const NoMemoryForBatches scope;
    retire(self(), buffer, kBatchBytes);
  }
  EXPECT_LT(addresses.size(), kRounds);
}

// The list is compared with a model that knows of each closed batch its goal.
TEST_F(RetireTest, bytes_are_those_whose_goal_is_ahead_whatever_threads_do) {
  constexpr std::uint64_t kSeed = 71;
  constexpr int kSteps = 3000 * kEffort;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  struct Batch {
    std::size_t bytes;
    std::uint64_t goal;
  };
  Random random(kSeed);
  Companion first(world());
  Companion second(world());
  std::deque<Batch> closed;
  std::size_t open = 0;
  std::uint64_t seen[3] = {epoch(), epoch(), epoch()};
  const auto everybody_saw = [&seen](std::uint64_t goal) {
    return seen[0] >= goal && seen[1] >= goal && seen[2] >= goal;
  };
  for (int step = 0; step < kSteps; ++step) {
    switch (random.below(8)) {
      case 0:
        first.poll();
        seen[1] = epoch();
        break;
      case 1:
        second.poll();
        seen[2] = epoch();
        break;
      case 2:
        if (random.below(50) == 0) {
          retired().free_all();
          closed.clear();
          open = 0;
        } else {
          pass_quiescent_point();
          seen[0] = epoch();
          while (!closed.empty() && everybody_saw(closed.front().goal))
            closed.pop_front();
        }
        break;
      default: {
        const std::size_t bytes = 1 + random.below(random.below(4) == 0 ? 60'000 : 500);
        const bool closes = add_closes_batch(bytes);
        open += bytes;
        ASSERT_TRUE(closes || open < kBatchBytes);
        if (closes) closed.push_back({std::exchange(open, 0), epoch()});
      }
    }
    std::size_t expected = open;
    for (const Batch& batch : closed) expected += batch.bytes;
    ASSERT_EQ(retired().bytes(), expected) << "step " << step;
  }
}

// Readers follow a pointer to a buffer without a lock and look at it twice; the writer
// retires what it unlinks and fills new buffers in its place.
TEST_F(RetireTest, no_reader_sees_a_buffer_change) {
  constexpr std::uint64_t kSeed = 73;
  constexpr int kReplacements = 600 * kEffort;
  constexpr std::size_t kBytes = kBatchBytes / 2;  // two close a batch
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  const auto make = [](int n) {
    auto* buffer = static_cast<int*>(buffer_allocate(kBytes));
    for (std::size_t i = 0; i < kBytes / sizeof(int); i += 16) buffer[i] = n;
    return buffer;
  };
  std::atomic<int*> shared{make(0)};
  std::atomic<bool> done{false};
  std::atomic<int> broken{0};
  {
    const Detached while_they_run;
    std::vector<std::jthread> readers;
    for (std::uint64_t r = 0; r < 3; ++r) {
      readers.emplace_back([&, r] {
        Random random(mix_seed(kSeed, r));
        if (enter(world()) == nullptr) return;
        while (!done.load(std::memory_order_relaxed)) {
          const int* buffer = shared.load(std::memory_order_acquire);
          const std::size_t at = random.below(kBytes / sizeof(int) / 16) * 16;
          const int before = buffer[0];
          if (random.below(4) == 0) std::this_thread::yield();
          if (buffer[at] != before || buffer[0] != before) ++broken;
          if (random.below(16) == 0) {
            const Detached away;
          } else if (random.below(2) == 0) {
            safepoint();
          }
        }
        leave();
      });
    }
    if (enter(world()) == nullptr) return;
    Random random(mix_seed(kSeed, 9));
    for (int n = 1; n <= kReplacements; ++n) {
      int* unlinked = shared.exchange(make(n), std::memory_order_acq_rel);
      retire(*current(), unlinked, kBytes);
      if (random.below(2) == 0) safepoint();
      if (random.below(8) == 0) std::this_thread::yield();
    }
    leave();
    done.store(true);
  }
  EXPECT_EQ(broken, 0);
  buffer_free(shared.load(), kBytes);
}

}  // namespace
}  // namespace threadmill
