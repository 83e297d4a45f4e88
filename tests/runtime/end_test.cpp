// SPDX-License-Identifier: Apache-2.0
//
// Runtime::end(): threads that are still in the runtime stop for good. These threads never
// exit, so nobody joins them, and what they use outlives them: it is leaked on purpose, or
// static.
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/runtime.hpp"
#include "runtime/thread/ending.hpp"
#include "tests/thread/lets_others_run.hpp"

namespace threadmill {
namespace {

// What a thread that stops for good and its test share. Never freed.
struct Meeting {
  std::atomic<bool> is_in{false};
  std::atomic<bool> may_come_back{false};
  std::atomic<bool> has_come_back{false};
  std::atomic<std::uint64_t> steps{0};
};

Meeting& new_meeting() {
  static std::atomic<Meeting*> last;  // reachable, for LeakSanitizer
  struct Chained : Meeting {
    Meeting* before;
  };
  auto* made = new Chained;
  made->before = last.exchange(made);
  return *made;
}

// In a thread of its own, attached to `runtime`.
void start(Runtime& runtime, std::function<void()> body) {
  std::thread([&runtime, body = std::move(body)] {
    const Attached here(runtime);
    if (here) body();
  }).detach();
}

struct Finalized : Object {
  static constexpr const char* kTypeName = "finalized";
  static void traverse(Finalized& self, const FieldVisitor& visit) {
    visit(self.itself);
  }
  static void finalize(Finalized& self) { ++*self.count; }

  explicit Finalized(int* its_count) : count(its_count) {}

  Field<Finalized> itself;
  int* count;
};

class EndTest : public ::testing::Test {
 protected:
  [[nodiscard]] Runtime& runtime() { return *runtime_; }

  // Ends it, leaves it, and destroys it. What was left.
  std::uint64_t end_and_destroy() {
    const std::uint64_t left = runtime_->end();
    here_.reset();
    runtime_.reset();
    return left;
  }

  // So many more threads have stopped for good than before this test.
  void wait_until_stopped(std::uint32_t threads) {
    wait_for_others([&] { return stopped_for_good() - before_ == threads; });
  }

 private:
  const std::uint32_t before_ = stopped_for_good();
  std::unique_ptr<Runtime> runtime_ = Runtime::create();
  std::optional<Attached> here_{std::in_place, *runtime_};
};

TEST_F(EndTest, finalizers_run_and_nothing_is_left) {
  int finalized = 0;
  for (int i = 0; i < 10; ++i) {
    const auto ring = make<Finalized>(&finalized);
    ASSERT_TRUE(ring);
    ring->itself.store(ring);
    if (i == 0) {
      ASSERT_TRUE(runtime().gc().roots()->append(ring));
    }
  }
  EXPECT_FALSE(runtime().is_ending());
  EXPECT_EQ(runtime().end(), 0u);
  EXPECT_TRUE(runtime().is_ending());
  EXPECT_EQ(finalized, 10);
}

TEST_F(EndTest, what_handles_keep_alive_is_left) {
  const auto list = make<List>();
  ASSERT_TRUE(list->append(make<Int>(1)));
  EXPECT_EQ(runtime().end(), 2u);
}

TEST_F(EndTest, nobody_comes_in_any_more) {
  runtime().end();
  bool came_in = true;
  {
    const Detached waiting;
    std::thread([&] {
      const Attached here(runtime());
      came_in = static_cast<bool>(here);
    }).join();
  }
  EXPECT_FALSE(came_in);
}

TEST_F(EndTest, nobody_comes_in_when_the_ender_has_left) {
  const Detached from_the_other;
  const auto runtime = Runtime::create();
  {
    const Attached here(*runtime);
    runtime->end();
  }
  const Attached here(*runtime);
  EXPECT_FALSE(here);
}

TEST_F(EndTest, a_running_thread_stops_at_its_next_safepoint) {
  Meeting& meeting = new_meeting();
  start(runtime(), [&meeting] {
    for (;;) {
      ++meeting.steps;
      safepoint();
    }
  });
  wait_for_others([&] { return meeting.steps != 0; });
  end_and_destroy();
  wait_until_stopped(1);
  const std::uint64_t steps = meeting.steps;
  let_others_go_on();
  EXPECT_EQ(meeting.steps, steps);
}

TEST_F(EndTest, a_blocked_thread_stops_as_it_wants_to_attach) {
  Meeting& meeting = new_meeting();
  start(runtime(), [&meeting] {
    {
      const Detached away;
      meeting.is_in = true;
      wait_for_others([&] { return meeting.may_come_back.load(); });
    }
    meeting.has_come_back = true;
  });
  wait_for_others([&] { return meeting.is_in.load(); });
  end_and_destroy();
  meeting.may_come_back = true;
  wait_until_stopped(1);
  EXPECT_FALSE(meeting.has_come_back);
}

TEST_F(EndTest, a_blocked_thread_may_come_before_the_runtime_is_destroyed) {
  Meeting& meeting = new_meeting();
  start(runtime(), [&meeting] {
    {
      const Detached away;
      meeting.is_in = true;
      wait_for_others([&] { return meeting.may_come_back.load(); });
    }
    meeting.has_come_back = true;
  });
  wait_for_others([&] { return meeting.is_in.load(); });
  runtime().end();
  meeting.may_come_back = true;
  wait_until_stopped(1);
  EXPECT_FALSE(meeting.has_come_back);
}

TEST_F(EndTest, threads_that_never_pass_a_safepoint_of_their_own_stop_too) {
  Meeting& detaches = new_meeting();
  Meeting& collects = new_meeting();
  Meeting& counts = new_meeting();
  start(runtime(), [&detaches] {
    for (;;) {
      const Detached passing;
      ++detaches.steps;
    }
  });
  Runtime* its = &runtime();
  start(runtime(), [&collects, its] {
    for (;; ++collects.steps) (void)its->gc().collect();
  });
  start(runtime(), [&counts, its] {
    for (;; ++counts.steps) (void)its->live_objects();
  });
  {
    const Detached waiting;  // they stop the world
    wait_for_others([&] {
      return detaches.steps != 0 && collects.steps != 0 && counts.steps != 0;
    });
  }
  end_and_destroy();
  wait_until_stopped(3);
}

TEST_F(EndTest, who_waits_for_a_section_stops_with_it_let_go) {
  TM_NEEDS_PARALLEL_THREADS();
  // Of the runtime, not of the thread.
  auto* object = make<List>().release();
  Meeting& holder = new_meeting();
  Meeting& waiter = new_meeting();
  start(runtime(), [&holder, object] {
    const CriticalSection section(*object);
    holder.is_in = true;
    wait_for_others([&] { return holder.may_come_back.load(); });
    for (;;) safepoint();
  });
  wait_for_others([&] { return holder.is_in.load(); });
  std::atomic<SlotId> slot{0};
  start(runtime(), [&waiter, &slot, object] {
    slot = current()->id;
    const CriticalSection section(*object);
    waiter.is_in = true;
    for (;;) safepoint();
  });
  wait_for_others([&] {
    return slot != 0 && runtime().thread_state(slot).waits_for == WaitReason::section;
  });
  holder.may_come_back = true;
  EXPECT_EQ(runtime().end(), 1u);
  EXPECT_FALSE(object->lock.is_locked());
  wait_until_stopped(2);
}

std::atomic<int> deaths;

// Its destructor may never end.
struct Stops : Object {
  static constexpr const char* kTypeName = "stops";
  static void traverse(Stops& self, const FieldVisitor& visit) { visit(self.next); }
  ~Stops() {
    ++deaths;
    while (stops) safepoint();
  }

  Field<Stops> next;
  bool stops = false;
};

TEST_F(EndTest, what_a_stopped_thread_was_about_to_end_is_ended) {
  deaths = 0;
  Meeting& meeting = new_meeting();
  start(runtime(), [&meeting] {
    auto first = make<Stops>();
    auto second = make<Stops>();
    first->next.store(second);
    second.reset();
    first->stops = true;
    meeting.is_in = true;
    first.reset();  // the second waits on the list of dying objects
  });
  wait_for_others([&] { return deaths != 0; });
  runtime().end();
  EXPECT_EQ(deaths, 2);
  wait_until_stopped(1);
}

}  // namespace
}  // namespace threadmill
