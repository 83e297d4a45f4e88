// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/stop_the_world.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/base/config.hpp"
#include "runtime/base/random.hpp"
#include "tests/thread/companion.hpp"
#include "tests/thread/counting_world.hpp"

namespace threadmill {
namespace {

using namespace slot_state;

bool is_suspended(const Slot& slot) {
  return (slot.state.load(relaxed) & kSuspended) != 0;
}
bool waits_to_attach(const Slot& slot) {
  return (slot.state.load(relaxed) & kWaiter) != 0;
}

using StopTheWorldTest = WorldTest;

TEST_F(StopTheWorldTest, an_attached_thread_stops_at_its_next_safepoint) {
  std::atomic<bool> done{false};
  int steps = 0;
  Companion other(world());
  other.start([&] {
    while (!done.load()) {
      ++steps;
      safepoint();
    }
  });
  for (int round = 0; round < 50; ++round) {
    const StoppedWorld pause(self());
    EXPECT_TRUE(is_suspended(other.slot()));
    EXPECT_FALSE(is_attached(other.slot().state.load(relaxed)));
    const int before = steps;
    std::this_thread::yield();
    EXPECT_EQ(steps, before);
  }
  done.store(true);
}

TEST_F(StopTheWorldTest, the_stopper_stays_attached_and_knows_it) {
  {
    const StoppedWorld pause(self());
    EXPECT_EQ(self().state.load(relaxed), kAttached);
    EXPECT_TRUE(self().stopped_the_world);
    EXPECT_TRUE(world().stopped.load(relaxed));
  }
  EXPECT_EQ(self().state.load(relaxed), kAttached);
  EXPECT_FALSE(self().stopped_the_world);
  EXPECT_FALSE(world().stopped.load(relaxed));
}

TEST_F(StopTheWorldTest, vacant_slots_are_suspended_too_and_let_go) {
  Slot* vacant;
  {
    const Companion visitor(world());
    vacant = &visitor.slot();
  }
  {
    const StoppedWorld pause(self());
    EXPECT_EQ(vacant->state.load(relaxed), kVacant | kSuspended);
  }
  EXPECT_EQ(vacant->state.load(relaxed), kVacant);
}

TEST_F(StopTheWorldTest, a_detached_thread_is_not_waited_for) {
  std::atomic<bool> away{false};
  std::atomic<bool> back{false};
  Companion other(world());
  other.start([&] {
    const Detached detached;
    away.store(true);
    wait_until([&] { return back.load(); });
  });
  wait_until([&] { return away.load(); });
  for (int i = 0; i < 10; ++i) {
    const StoppedWorld pause(self());
    EXPECT_EQ(other.slot().state.load(relaxed), kDetached | kSuspended);
  }
  EXPECT_EQ(other.slot().state.load(relaxed), kDetached);
  back.store(true);
}

TEST_F(StopTheWorldTest, a_thread_that_blocks_after_the_request_counts_as_stopped) {
  std::atomic<bool> ready{false};
  std::atomic<bool> paused{false};
  Companion other(world());
  other.start([&] {
    ready.store(true);
    wait_until([&] { return is_suspended(*current()); });
    const Detached detached;
    wait_until([&] { return paused.load(); });
  });
  wait_until([&] { return ready.load(); });
  const StoppedWorld pause(self());
  paused.store(true);
}

TEST_F(StopTheWorldTest, a_thread_that_leaves_after_the_request_counts_as_stopped) {
  Slot* slot = nullptr;
  std::atomic<bool> ready{false};
  std::jthread other([&] {
    ASSERT_NE(enter(world()), nullptr);
    slot = current();
    ready.store(true);
    wait_until([&] { return is_suspended(*current()); });
    leave();
  });
  wait_until([&] { return ready.load(); });
  const StoppedWorld pause(self());
  EXPECT_EQ(slot->state.load(relaxed), kVacant | kSuspended);
}

TEST_F(StopTheWorldTest, a_detached_thread_waits_for_the_end_of_the_pause) {
  Companion other(world());
  Slot& slot = other.slot();
  for (int round = 0; round < 50; ++round) {
    std::atomic<bool> away{false};
    std::atomic<bool> come_back{false};
    std::atomic<bool> is_back{false};
    other.start([&] {
      {
        const Detached detached;
        away.store(true);
        wait_until([&] { return come_back.load(); });
      }
      is_back.store(true);
    });
    wait_until([&] { return away.load(); });
    {
      const StoppedWorld pause(self());
      come_back.store(true);
      wait_until([&] {
        return waits_to_attach(slot) || is_attached(slot.state.load(relaxed));
      });
      EXPECT_EQ(slot.state.load(relaxed), kDetached | kSuspended | kWaiter);
      EXPECT_FALSE(is_back.load());
    }
    // The starter attached it.
    EXPECT_EQ(slot.state.load(relaxed), kAttached);
    other.wait();
    EXPECT_TRUE(is_back.load());
  }
}

// A thread that is seen waiting in one pause has run before the next one, however short
// the time between the two.
class Visitors {
 public:
  Visitors(World& world, int count) {
    visitors_ = std::vector<Visitor>(static_cast<std::size_t>(count));
    for (Visitor& visitor : visitors_) {
      threads_.emplace_back([this, &visitor, &world] {
        const Visit visit(world);
        visitor.slot.store(current());
        while (!done_.load()) {
          // It waits to attach in safepoint() or at the end of `away`; either way the
          // next thing it does once it is let in is to count.
          ++visitor.attached;
          safepoint();
          ++visitor.attached;
          const Detached away;
        }
      });
    }
    for (Visitor& visitor : visitors_)
      wait_until([&] { return visitor.slot.load() != nullptr; });
  }
  ~Visitors() { done_.store(true); }

  // In a pause, by whomever.
  void expect_that_all_got_in() {
    for (Visitor& visitor : visitors_) {
      EXPECT_GT(visitor.attached, visitor.attached_before);
      visitor.attached_before = visitor.attached;
      wait_until([&] { return waits_to_attach(*visitor.slot.load()); });
    }
  }

 private:
  struct Visitor {
    std::atomic<Slot*> slot{nullptr};
    int attached = 0;         // its thread counts
    int attached_before = 0;  // what the last pause saw
  };

  std::vector<Visitor> visitors_;
  std::atomic<bool> done_{false};
  std::vector<std::jthread> threads_;
};

TEST_F(StopTheWorldTest, back_to_back_pauses_keep_nobody_out) {
  Visitors visitors(world(), 3);
  for (int round = 0; round < 100; ++round) {
    const StoppedWorld pause(self());
    visitors.expect_that_all_got_in();
  }
}

TEST_F(StopTheWorldTest, back_to_back_pauses_of_two_threads_keep_nobody_out) {
  Visitors visitors(world(), 2);
  Companion other(world());
  const auto pause_often = [&] {
    for (int round = 0; round < 100; ++round) {
      const StoppedWorld pause(*current());
      visitors.expect_that_all_got_in();
    }
  };
  other.start(pause_often);
  pause_often();
  const Detached while_waiting;
  other.wait();
}

TEST_F(StopTheWorldTest, a_new_thread_waits_for_the_end_of_the_pause) {
  for (int round = 0; round < 50; ++round) {
    CountingWorld fresh;
    std::atomic<bool> started{false};
    std::atomic<bool> entered{false};
    std::jthread newcomer;
    const Detached from_the_other_world;
    const Visit visit(fresh.world());
    if (round % 2 == 0) {  // a vacant slot waits for the newcomer
      const Companion visitor(fresh.world());
    }
    {
      const StoppedWorld pause(*current());
      newcomer = std::jthread([&] {
        started.store(true);
        const Visit theirs(fresh.world());
        entered.store(true);
      });
      wait_until([&] { return started.load(); });
      let_others_run();
      EXPECT_FALSE(entered.load());
    }
    const Detached while_waiting;
    newcomer.join();
    EXPECT_TRUE(entered.load());
    EXPECT_EQ(fresh.world().slot_count(), 2u);
  }
}

TEST_F(StopTheWorldTest, pauses_of_many_threads_at_once_all_complete_one_by_one) {
  constexpr int kThreads = 4;
  constexpr int kEach = 100;
  int pauses = 0;
  {
    const Detached while_they_run;
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        const Visit visit(world());
        for (int n = 0; n < kEach; ++n) {
          const StoppedWorld pause(*current());
          ++pauses;
        }
      });
    }
  }
  EXPECT_EQ(pauses, kThreads * kEach);
}

// Threads come, go, detach and poll at random; each counts its steps, by plain additions,
// and in a pause nobody takes one.
TEST_F(StopTheWorldTest, nobody_runs_while_the_world_is_stopped) {
  constexpr std::uint64_t kSeed = 51;
  constexpr std::size_t kThreads = 5;
  constexpr int kPauses = 200;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::vector<int> steps(kThreads);
  std::atomic<bool> done{false};
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      Random random(mix_seed(kSeed, i));
      auto visit = std::make_unique<Visit>(world());
      while (!done.load()) {
        ++steps[i];
        switch (random.below(8)) {
          case 0: {
            const Detached away;
            if (random.below(2) == 0) std::this_thread::yield();
            break;
          }
          case 1:
            visit.reset();
            visit = std::make_unique<Visit>(world());
            break;
          case 2:
            if (random.below(8) == 0) const StoppedWorld pause(*current());
            break;
          default:
            safepoint();
        }
      }
    });
  }
  for (int pause_number = 0; pause_number < kPauses; ++pause_number) {
    const StoppedWorld pause(self());
    world().for_each_slot([this](Slot& slot) {
      if (&slot == &self()) return;
      EXPECT_TRUE(is_suspended(slot));
      EXPECT_FALSE(is_attached(slot.state.load(relaxed)));
    });
    const std::vector<int> before = steps;
    for (int i = 0; i < 3; ++i) std::this_thread::yield();
    EXPECT_EQ(steps, before);
  }
  done.store(true);
  const Detached while_waiting;
  threads.clear();
}

TEST_F(StopTheWorldTest, what_was_pushed_to_a_suspended_slot_is_taken_at_the_start) {
  Slot* vacant;
  {
    const Companion visitor(world());
    vacant = &visitor.slot();
  }
  Letter letter;
  {
    const StoppedWorld pause(self());
    letter.send(*vacant);
    EXPECT_EQ(letter.taken(), 0);
  }
  EXPECT_EQ(letter.taken(), 1);
}

// Who asks for the stop lock next would have suspended the slot again otherwise.
TEST_F(StopTheWorldTest, it_is_taken_while_nobody_else_can_stop_the_world) {
  Slot* vacant;
  {
    const Companion visitor(world());
    vacant = &visitor.slot();
  }
  Letter letter;
  std::optional<StoppedWorld> pause(self());
  std::thread next([&] {
    const Visit visit(world());
    const StoppedWorld its_pause(*current());
    EXPECT_EQ(letter.taken(), 1);
  });
  letter.send(*vacant);
  pause.reset();
  {
    const Detached for_next;
    next.join();
  }
  EXPECT_EQ(letter.taken(), 1);
}

TEST_F(StopTheWorldTest, a_start_helps_nobody_who_has_no_letters) {
  { const Companion visitor(world()); }
  { const StoppedWorld pause(self()); }
  EXPECT_EQ(counting_.helped, 0);
}

TEST(StopTheWorldDeathTest, a_pause_inside_a_pause_dies) {
  if constexpr (kChecks >= 1) {
    CountingWorld counting;
    const Visit visit(counting.world());
    const StoppedWorld pause(*current());
    const auto stop_again = []() TM_NO_THREAD_SAFETY_ANALYSIS {
      const StoppedWorld inner(*current());  // clang's analysis refuses it, too
    };
    EXPECT_DEATH(stop_again(), "pause-not-nested");
  }
}

TEST(StopTheWorldDeathTest, detaching_in_ones_own_pause_dies) {
  if constexpr (kChecks >= 1) {
    CountingWorld counting;
    const Visit visit(counting.world());
    const StoppedWorld pause(*current());
    EXPECT_DEATH((void)detach(), "stopper-stays-attached");
  }
}

}  // namespace
}  // namespace threadmill
