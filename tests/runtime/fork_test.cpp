// SPDX-License-Identifier: Apache-2.0
//
// Runtime::fork(): what the child finds. It says so by its exit status, since a failed
// expectation of a child is nobody's.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/config.hpp"
#include "runtime/runtime.hpp"
#include "tests/thread/lets_others_run.hpp"

namespace threadmill {
namespace {

template <class T>
Ref<T> create() {
  Ref<T> made = make<T>();
  EXPECT_TRUE(made);
  return made;
}

// How `judge` ends in the child: 0 if it says true. Whoever hangs is killed by SIGALRM.
[[noreturn]] void be_child(const std::function<bool()>& judge) {
  (void)std::signal(SIGALRM, SIG_DFL);
  alarm(60);
  _exit(judge() ? 0 : 1);
}

// True: the child said true.
bool ended_well(pid_t child) {
  const Detached waiting;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  EXPECT_FALSE(WIFSIGNALED(status)) << "signal " << WTERMSIG(status);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class ForkTest : public ::testing::Test {
 protected:
  bool child_says(const std::function<bool()>& judge) {
    const pid_t child = runtime().fork();
    if (child == 0) be_child(judge);
    EXPECT_GT(child, 0);
    return child > 0 && ended_well(child);
  }

  [[nodiscard]] Runtime& runtime() { return *runtime_; }
  [[nodiscard]] std::uint32_t state_of(SlotId slot) {
    return runtime_->thread_state(slot).state;
  }
  [[nodiscard]] bool is_whole(std::vector<Object*> handles) {
    return runtime_->verify(handles).violations == 0;
  }

 private:
  std::unique_ptr<Runtime> runtime_ = Runtime::create();
  Attached here_{*runtime_};
};

// A thread that is in the runtime until the end of its scope.
class Other {
 public:
  Other(Runtime& runtime, std::function<void()> body) : runtime_(runtime) {
    const Detached waiting;
    thread_ = std::thread([this, body] {
      const Attached here(runtime_);
      slot_ = current()->id;
      body();
    });
    wait_for_others([this] { return slot_ != 0; });
  }
  ~Other() {
    const Detached waiting;
    may_end_ = true;
    thread_.join();
  }
  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;

  [[nodiscard]] SlotId slot() const { return slot_; }
  [[nodiscard]] bool may_end() const { return may_end_; }

 private:
  Runtime& runtime_;
  std::atomic<SlotId> slot_{0};
  std::atomic<bool> may_end_{false};
  std::thread thread_;
};

TEST_F(ForkTest, the_child_has_the_objects_and_goes_on) {
  auto list = create<List>();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(list->append(make<Int>(i)));
  EXPECT_TRUE(child_says([&] {
    if (!is_whole({list.get()}) || list->size() != 100) return false;
    auto ring = make<List>();
    if (!ring->append(ring)) return false;
    ring.reset();
    if (runtime().gc().collect().collected != 1) return false;
    return list->append(make<Int>(100)) && runtime().live_objects() == 102;
  }));
  EXPECT_EQ(list->size(), 100u);
  EXPECT_TRUE(runtime().gc().collect().completed);
}

TEST_F(ForkTest, in_the_child_the_slots_of_other_threads_are_vacant) {
  std::atomic<Other*> attached{nullptr};
  std::atomic<Other*> blocked{nullptr};
  Other first(runtime(), [&] {
    wait_for_others([&] { return attached.load() != nullptr; });
    while (!attached.load()->may_end()) safepoint();
  });
  attached = &first;
  Other second(runtime(), [&] {
    const Detached away;
    wait_for_others(
        [&] { return blocked.load() != nullptr && blocked.load()->may_end(); });
  });
  blocked = &second;
  EXPECT_TRUE(child_says([&] {
    // Twice: a thread that is not there would have to stop for a pause.
    for (int i = 0; i < 2; ++i) {
      if (!runtime().gc().collect().completed) return false;
    }
    // Who has the slot next does not sleep in the runtime, as the thread that was stopped
    // in a pause did: else end() would wait for it for ever.
    return !current()->world.slot(first.slot()).sleeps_inside &&
           state_of(first.slot()) == slot_state::kVacant &&
           state_of(second.slot()) == slot_state::kVacant;
  }));
}

TEST_F(ForkTest, what_was_queued_to_other_threads_is_merged_in_the_child) {
  TM_NEEDS_PARALLEL_THREADS();
  Ref<List> theirs;
  std::atomic<bool> made{false};
  std::atomic<Other*> owner{nullptr};
  Other thread(runtime(), [&] {
    theirs = make<List>();
    made = true;
    wait_for_others([&] { return owner.load() != nullptr; });
    // Attached, and asked to stop before it looks at its inbox.
    wait_for_others(
        [&] { return (current()->state.load(relaxed) & slot_state::kSuspended) != 0; });
    safepoint();
    while (!owner.load()->may_end()) safepoint();
  });
  wait_for_others([&] { return made.load(); });
  theirs.reset();  // queued
  owner = &thread;
  EXPECT_TRUE(child_says([&] { return runtime().live_objects() == 0; }));
}

TEST_F(ForkTest, a_mutex_that_a_stopped_thread_got_is_free_in_the_child) {
  TM_NEEDS_PARALLEL_THREADS();
  const auto object = create<List>();
  std::atomic<Other*> waiter{nullptr};
  Other thread(runtime(), [&] {
    wait_for_others([&] { return waiter.load() != nullptr; });
    const CriticalSection theirs(*object);
    while (!waiter.load()->may_end()) safepoint();
  });
  const auto waits = [&] {
    return runtime().thread_state(thread.slot()).waits_for == WaitReason::section;
  };
  std::optional<CriticalSection> mine(std::in_place, *object);
  waiter = &thread;
  wait_for_others(waits);
  ASSERT_TRUE(runtime().before_fork());
  mine.reset();
  // It sleeps for the mutex, or is about to, and gets it while the world is stopped.
  wait_for_others([&] { return object->lock.is_locked(); });
  const pid_t child = fork();
  if (child == 0) {
    be_child([&] {
      runtime().after_fork_in_child();
      if (object->lock.is_locked()) return false;
      return object->append(make<Int>(1)) && is_whole({object.get()});
    });
  }
  runtime().after_fork_in_parent();
  EXPECT_TRUE(ended_well(child));
}

TEST_F(ForkTest, sections_of_the_forking_thread_stay_its_own) {
  const auto object = create<List>();
  const CriticalSection section(*object);
  EXPECT_TRUE(child_says([&] { return object->lock.is_locked(); }));
  EXPECT_TRUE(object->lock.is_locked());
}

TEST_F(ForkTest, whoever_waits_for_a_turn_is_forgotten_in_the_child) {
  std::atomic<bool> over{false};
  std::vector<std::unique_ptr<Other>> threads;
  for (int i = 0; i < 3; ++i) {
    threads.push_back(std::make_unique<Other>(runtime(), [&, i] {
      while (!over) {
        if (i == 0)
          (void)runtime().gc().collect();
        else
          (void)runtime().live_objects();
      }
    }));
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(child_says([&] {
      return runtime().gc().collect().completed && runtime().live_objects() == 0;
    }));
  }
  over = true;
}

TEST_F(ForkTest, the_child_starts_threads) {
  if (kThreadSanitizer)
    GTEST_SKIP() << "ThreadSanitizer has no threads in such a child";
  const auto list = create<List>();
  std::atomic<Other*> other{nullptr};
  Other thread(runtime(), [&] {
    wait_for_others([&] { return other.load() != nullptr; });
    while (!other.load()->may_end()) safepoint();
  });
  other = &thread;
  EXPECT_TRUE(child_says([&] {
    {
      const Detached waiting;
      std::vector<std::jthread> threads;
      for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
          const Attached here(runtime());
          for (int i = 0; i < 100; ++i) (void)list->append(make<Int>(i));
          (void)runtime().gc().collect();
        });
      }
    }
    return list->size() == 300 && is_whole({list.get()});
  }));
}

struct Forks : Object {
  static constexpr const char* kTypeName = "forks";
  static void traverse(Forks& self, const FieldVisitor& visit) { visit(self.itself); }
  static void finalize(Forks& self) {
    *self.result = self.runtime->fork();
    *self.error = errno;
  }

  Forks(Runtime* its_runtime, pid_t* its_result, int* its_error)
      : runtime(its_runtime), result(its_result), error(its_error) {}

  Field<Forks> itself;
  Runtime* runtime;
  pid_t* result;
  int* error;
};

TEST_F(ForkTest, user_code_of_a_collection_cannot_fork) {
  pid_t result = 0;
  int error = 0;
  {
    const auto ring = make<Forks>(&runtime(), &result, &error);
    ASSERT_TRUE(ring);
    ring->itself.store(ring);
  }
  EXPECT_EQ(runtime().gc().collect().collected, 1u);
  EXPECT_EQ(result, -1);
  EXPECT_EQ(error, EDEADLK);
}

}  // namespace
}  // namespace threadmill
