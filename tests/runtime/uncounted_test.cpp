// SPDX-License-Identifier: Apache-2.0
//
// Objects that end in collections only: deferred ones, which stacks refer to without
// counting, and distributed ones, which every thread counts by itself.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"
#include "runtime/runtime.hpp"
#include "tests/thread/lets_others_run.hpp"

namespace threadmill {
namespace {

std::atomic<int> deaths{0};

struct Hot : Object {
  ~Hot() { deaths.fetch_add(1); }
  static constexpr const char* kTypeName = "hot";
  static void traverse(Hot& self, const FieldVisitor& visit) { visit(self.next); }
  Field<Object> next;
};

// Stores itself in `nest` as it is finalized.
struct Phoenix : Object {
  static constexpr const char* kTypeName = "hot-phoenix";
  static void traverse(Phoenix& self, const FieldVisitor& visit) { visit(self.nest); }
  static void finalize(Phoenix& self) {
    const Ref<Hot> nest = self.nest.load();
    nest->next.store(Ref<Object>::share(&self));
  }
  Field<Hot> nest;
};

// Stays on a stack as it is finalized.
struct Climber : Object {
  static constexpr const char* kTypeName = "climber";
  static void traverse(Climber&, const FieldVisitor&) {}
  static void finalize(Climber& self) { *perch = &self; }
  static inline Deferred<Climber>* perch = nullptr;
};

// What many threads use, as its type says.
struct Popular : Object {
  static constexpr const char* kTypeName = "popular";
  static constexpr bool kDistributesCounts = true;
};

class UncountedTest : public testing::Test {
 protected:
  UncountedTest() {
    runtime_->gc().disable();
    deaths.store(0);
  }
  std::uint64_t collect(unsigned generation = kOldest) {
    return runtime_->gc().collect(generation).collected;
  }
  void expect_sound(const std::vector<Object*>& roots) {
    const HeapReport report = runtime_->verify(roots);
    EXPECT_EQ(report.violations, 0u) << report.message;
  }

  const std::unique_ptr<Runtime> runtime_ = Runtime::create();
  const Attached here_{*runtime_};
};

TEST_F(UncountedTest, a_deferred_object_ends_in_the_next_collection_and_not_before) {
  auto object = make<Hot>();
  ASSERT_TRUE(defer_counts(*object));
  expect_sound({object.get()});
  EXPECT_EQ(collect(), 0u);
  object.reset();
  EXPECT_EQ(deaths.load(), 0);
  expect_sound({});
  EXPECT_EQ(collect(), 1u);
  EXPECT_EQ(deaths.load(), 1);
}

TEST_F(UncountedTest, what_a_stack_refers_to_is_kept_and_all_that_it_reaches) {
  auto object = make<Hot>();
  object->next.store(make<Hot>());
  ASSERT_TRUE(defer_counts(*object));
  {
    const Deferred<Hot> handle(object);
    object.reset();
    EXPECT_EQ(collect(0), 0u);
    EXPECT_EQ(collect(), 0u);
    EXPECT_EQ(deaths.load(), 0);
    expect_sound({});
  }
  EXPECT_EQ(collect(), 2u);
  EXPECT_EQ(deaths.load(), 2);
}

TEST_F(UncountedTest, the_stack_of_a_detached_thread_is_looked_at) {
  auto object = make<Hot>();
  ASSERT_TRUE(defer_counts(*object));
  std::atomic<int> stage{0};
  std::thread other([&] {
    const Attached there(*runtime_);
    const Deferred<Hot> handle(object);
    stage.store(1);
    const Detached while_waiting;
    while (stage.load() < 2) rest();
  });
  while (stage.load() < 1) {
    safepoint();
    rest();
  }
  object.reset();
  EXPECT_EQ(collect(), 0u);
  EXPECT_EQ(deaths.load(), 0);
  stage.store(2);
  {
    const Detached while_waiting;
    other.join();
  }
  EXPECT_EQ(collect(), 1u);
}

TEST_F(UncountedTest, a_deferred_ring_is_collected) {
  auto first = make<Hot>();
  auto second = make<Hot>();
  first->next.store(second);
  second->next.store(first);
  ASSERT_TRUE(defer_counts(*first));
  ASSERT_TRUE(defer_counts(*second));
  second.reset();
  EXPECT_EQ(collect(), 0u);
  first.reset();
  EXPECT_EQ(collect(), 2u);
  EXPECT_EQ(deaths.load(), 2);
}

TEST_F(UncountedTest, a_resurrected_object_stays_deferred_or_distributed) {
  for (const bool distributes : {false, true}) {
    const auto nest = make<Hot>();
    auto phoenix = make<Phoenix>();
    phoenix->nest.store(nest);
    ASSERT_TRUE(distributes ? distribute(*phoenix) : defer_counts(*phoenix));
    const Weak<Phoenix> weak(phoenix);
    phoenix.reset();
    EXPECT_EQ(collect(), 0u);
    Ref<Object> saved = nest->next.exchange(nullptr);
    ASSERT_NE(saved, nullptr);
    EXPECT_EQ(is_distributed(*saved), distributes);
    EXPECT_EQ(is_deferred(*saved), !distributes);
    EXPECT_EQ(refcount(*saved), 1);
    expect_sound({nest.get(), saved.get(), weak.reference().get()});
    EXPECT_EQ(collect(), 0u);
    saved.reset();
    EXPECT_EQ(collect(), 1u);
    EXPECT_TRUE(weak.expired());
  }
}

// The second pause looks at stacks, too.
TEST_F(UncountedTest, a_finalizer_may_leave_the_object_on_a_stack) {
  auto climber = make<Climber>();
  ASSERT_TRUE(defer_counts(*climber));
  {
    Deferred<Climber> perch;
    Climber::perch = &perch;
    climber.reset();
    EXPECT_EQ(collect(), 0u);
    ASSERT_TRUE(perch);
    EXPECT_TRUE(runtime_->gc().is_finalized(*perch));
    EXPECT_EQ(refcount(*perch), 0);
    EXPECT_EQ(collect(), 0u);
  }
  EXPECT_EQ(collect(), 1u);
}

TEST_F(UncountedTest, a_tuple_that_is_deferred_stays_tracked) {
  auto tuple = make<Tuple>(std::initializer_list<Ref<Object>>{make<Int>(1'000'000)});
  ASSERT_TRUE(defer_counts(*tuple));
  EXPECT_EQ(collect(), 0u);
  EXPECT_TRUE(runtime_->gc().is_tracked(*tuple));
  tuple.reset();
  EXPECT_EQ(collect(), 1u);
}

TEST_F(UncountedTest, a_distributed_object_ends_in_the_next_collection_and_not_before) {
  auto object = make<Hot>();
  const Weak<Hot> weak(object);
  ASSERT_TRUE(distribute(*object));
  expect_sound({object.get(), weak.reference().get()});
  EXPECT_EQ(collect(), 0u);
  object.reset();
  EXPECT_FALSE(weak.expired());
  expect_sound({weak.reference().get()});
  EXPECT_EQ(collect(), 1u);
  EXPECT_TRUE(weak.expired());
}

TEST_F(UncountedTest, what_exited_threads_have_counted_counts) {
  constexpr int kReferences = 100;
  auto object = make<Hot>();
  ASSERT_TRUE(distribute(*object));
  {
    const Detached while_waiting;
    std::thread([&] {
      const Attached there(*runtime_);
      for (int i = 0; i < kReferences; ++i) incref(*object);
    }).join();
  }
  for (int i = 0; i < kReferences; ++i) decref(*object);
  EXPECT_EQ(refcount(*object), 1);
  incref(*object);
  EXPECT_EQ(collect(), 0u);
  expect_sound({object.get(), object.get()});
  decref(*object);
  object.reset();
  EXPECT_EQ(collect(), 1u);
}

TEST_F(UncountedTest, ids_of_collected_objects_are_used_again) {
  for (int round = 0; round < 3; ++round) {
    std::vector<Ref<Hot>> objects(kMostDistributed);
    for (Ref<Hot>& object : objects) {
      object = make<Hot>();
      ASSERT_TRUE(distribute(*object));
    }
    objects.clear();
    EXPECT_EQ(collect(), kMostDistributed);
    EXPECT_EQ(collect(), 0u);  // the pause after which the ids are free
  }
}

TEST_F(UncountedTest,
       a_count_that_threads_fight_over_is_distributed_if_its_type_says_so) {
  if constexpr (kRefcount != Refcount::biased)
    GTEST_SKIP() << "an add loses to nobody, and so notices no fight";
  constexpr int kThreads = 4;
  Ref<Popular> object = make<Popular>();
  {
    const Detached while_waiting;
    std::thread([&] {
      const Attached there(*runtime_);
      incref(*object);
    }).join();
  }
  Popular* raw = object.release();
  decref(*raw);  // nobody owns it
  ASSERT_EQ(refcount(*raw), 1);
  std::vector<std::thread> threads;
  std::atomic<bool> over{false};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      const Attached there(*runtime_);
      while (!over.load()) {
        for (int i = 0; i < 1000; ++i) {
          incref(*raw);
          decref(*raw);
        }
        if (is_distributed(*raw) || std::chrono::steady_clock::now() > deadline)
          over.store(true);
        safepoint();
      }
    });
  }
  {
    const Detached while_waiting;
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(refcount(*raw), 1);
  const bool is_fought_over = is_distributed(*raw);
  decref(*raw);
  if (!is_fought_over) GTEST_SKIP() << "on one processor no thread loses to another";
  EXPECT_EQ(collect(), 1u);
}

// Threads take, pass on and drop references of all three kinds while one collects.
TEST_F(UncountedTest, collections_end_no_object_that_is_used) {
  constexpr int kThreads = 3;
  constexpr int kRounds = 3000;
  const std::uint64_t seed = 20261125;
  SCOPED_TRACE(seed);
  const auto board = make<Hot>();
  std::vector<std::thread> threads;
  std::atomic<int> running{kThreads};
  std::atomic<int> wrong{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const Attached there(*runtime_);
      Random random(mix_seed(seed, static_cast<std::uint64_t>(t)));
      for (int i = 0; i < kRounds; ++i) {
        const Deferred<Object> seen(board->next);
        safepoint();
        if (seen && cast<Hot>(seen.ref()) == nullptr) wrong.fetch_add(1);
        const std::uint64_t choice = random.below(8);
        if (choice < 3) {
          auto made = make<Hot>();
          if (choice == 0) (void)defer_counts(*made);
          if (choice == 1) (void)try_distribute(*made);
          board->next.store(made);
        } else if (choice == 3) {
          board->next.store(seen.ref());
        } else if (choice == 4) {
          board->next.store(nullptr);
        }
      }
      running.fetch_sub(1);
    });
  }
  while (running.load() > 0) (void)collect(static_cast<unsigned>(running.load() % 3));
  {
    const Detached while_waiting;
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(wrong.load(), 0);
  board->next.store(nullptr);
  (void)collect();
  expect_sound({board.get()});
  EXPECT_EQ(runtime_->live_objects(), 1u);
}

}  // namespace
}  // namespace threadmill
