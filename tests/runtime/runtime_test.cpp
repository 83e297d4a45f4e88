// SPDX-License-Identifier: Apache-2.0
#include "runtime/runtime.hpp"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/assert.hpp"
#include "runtime/base/config.hpp"
#include "runtime/base/random.hpp"

namespace threadmill {
namespace {

TEST(RuntimeTest, can_be_made_and_ended_any_number_of_times) {
  for (int i = 0; i < 50; ++i) {
    const auto runtime = Runtime::create();
    ASSERT_TRUE(runtime);
    const Attached here(*runtime);
    auto list = make<List>();
    for (int n = 0; n < 100; ++n) ASSERT_TRUE(list->append(make<Int>(n)));
    EXPECT_EQ(runtime->live_objects(), 101u);
  }
}

TEST(RuntimeTest, frees_what_is_left_when_it_ends) {
  // LeakSanitizer sees the buffers if it does not.
  const auto runtime = Runtime::create();
  const Attached here(*runtime);
  auto list = make<List>();
  ASSERT_TRUE(list->append(list));
  ASSERT_TRUE(list->append(make<Str>(std::string(5000, 'x'))));
}

TEST(RuntimeTest, frees_what_stands_beside_pages_that_a_thread_left_when_it_ends) {
  // LeakSanitizer sees the heads of weak references if it does not. This thread may look at
  // the pages, so they are not given back at once.
  const auto runtime = Runtime::create();
  const Attached here(*runtime);
  const Detached waiting;
  std::thread([&] {
    const Attached there(*runtime);
    std::vector<Ref<List>> lists;
    for (int i = 0; i < 5000; ++i) {
      lists.push_back(make<List>());
      ASSERT_TRUE(WeakReference::create(*lists.back()));
    }
  }).join();
}

struct LeavesAsItDies : Object {
  static constexpr const char* kTypeName = "leaver";
  ~LeavesAsItDies() { leave(); }
};

TEST(RuntimeDeathTest, a_destructor_may_not_leave) {
  const auto runtime = Runtime::create();
  const Attached here(*runtime);
  EXPECT_DEATH((void)make<LeavesAsItDies>(), "leave-not-in-user-code-of-deaths");
}

TEST(RuntimeTest, two_runtimes_are_independent) {
  const auto first = Runtime::create();
  const auto second = Runtime::create();
  std::thread other([&] {
    const Attached there(*second);
    auto list = make<List>();
    EXPECT_EQ(second->live_objects(), 1u);
  });
  {
    const Attached here(*first);
    EXPECT_EQ(first->live_objects(), 0u);
  }
  other.join();
}

TEST(RuntimeTest, several_threads_may_make_runtimes_at_once) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 10; ++i) EXPECT_TRUE(Runtime::create());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(RuntimeTest, a_failed_check_describes_the_object) {
  EXPECT_DEATH(
      {
        const auto runtime = Runtime::create();
        const Attached here(*runtime);
        auto list = make<List>();
        check_failed_object("rule", "broken", list.get(), "f", 1);
      },
      "rule: broken; object 0x[0-9a-f]+ .owner (1, local 1, shared 0 plain|0, local 0, "
      "shared 1 merged), type list.");
}

TEST(RuntimeTest, none_is_the_same_everywhere_in_a_runtime) {
  const auto runtime = Runtime::create();
  const Attached here(*runtime);
  const Ref<Object> mine = none();
  EXPECT_EQ(mine, none());
  EXPECT_EQ(refcount(*mine), kImmortalRefcount);
  EXPECT_EQ(runtime->live_objects(), 0u);
}

TEST(RuntimeTest, a_small_arena_runs_out_of_memory_as_a_value) {
  const auto runtime = Runtime::create({.arena_bytes = 4 * kPageBytes});
  ASSERT_TRUE(runtime);
  const Attached here(*runtime);
  std::vector<Ref<Object>> kept;
  for (;;) {
    Ref<Object> object = make<Int>(1);
    if (!object) break;
    kept.push_back(std::move(object));
    ASSERT_LT(kept.size(), 100000u);
  }
  // Nothing is lost: what dies makes room again.
  const std::size_t held = kept.size();
  kept.resize(held / 2);
  (void)runtime->gc().collect();  // what sanitizer builds hold in quarantine, too
  for (std::size_t i = kept.size(); i < held; ++i) {
    kept.push_back(make<Int>(2));
    ASSERT_TRUE(kept.back());
  }
}

TEST(RuntimeTest, cycles_are_collected_when_the_heap_grows) {
  const auto runtime = Runtime::create();
  const Attached here(*runtime);
  constexpr std::uint64_t kRings = 700'000;
  for (std::uint64_t i = 0; i < kRings; ++i) {
    auto list = make<List>();
    ASSERT_TRUE(list->append(list));
    if (runtime->gc().collections() > 0) return;
  }
  FAIL() << "no automatic collection after " << kRings << " rings";
}

struct Bulky : Object {
  static constexpr const char* kTypeName = "bulky";
  static void traverse(Bulky& self, const FieldVisitor& visit) { visit(self.itself); }
  Field<Bulky> itself;
  char payload[900];
};

TEST(RuntimeTest, a_heap_whose_growth_is_all_garbage_stays_small) {
  const auto runtime = Runtime::create();
  const Attached here(*runtime);
  constexpr int kRings = 100'000;  // about 1600 pages
  std::uint64_t most = 0;
  for (int i = 0; i < kRings; ++i) {
    auto ring = make<Bulky>();
    ASSERT_TRUE(ring);
    ring->itself.store(ring);
    most = std::max(most, runtime->page_bytes());
  }
  EXPECT_GT(runtime->gc().collections(), 3u);
  EXPECT_LT(most, 300 * kPageBytes);
}

TEST(RuntimeTest, automatic_collection_can_be_switched_off) {
  const auto runtime = Runtime::create();
  const Attached here(*runtime);
  Gc gc = runtime->gc();
  EXPECT_TRUE(gc.is_enabled());
  gc.disable();
  EXPECT_FALSE(gc.is_enabled());
  EXPECT_TRUE(gc.collect().completed);
  gc.enable();
  EXPECT_TRUE(gc.is_enabled());
}

class RuntimeMisuseTest : public testing::Test {
 protected:
  void SetUp() override {
    if (kChecks < 1) GTEST_SKIP() << "this build has no asserts";
  }
};

TEST_F(RuntimeMisuseTest, an_object_used_while_detached_is_noticed) {
  EXPECT_DEATH(
      {
        const auto runtime = Runtime::create();
        const Attached here(*runtime);
        auto list = make<List>();
        const Detached away;
        (void)list->size();
      },
      "objects-need-attachment: an object is used by a thread that is not attached");
}

TEST_F(RuntimeMisuseTest, a_handle_that_outlives_its_runtime_is_noticed) {
  EXPECT_DEATH(
      {
        Ref<List> kept;
        {
          const auto runtime = Runtime::create();
          const Attached here(*runtime);
          kept = make<List>();
        }
        kept.reset();
      },
      "objects-need-attachment");
}

TEST_F(RuntimeMisuseTest, an_object_of_another_runtime_is_noticed) {
  EXPECT_DEATH(
      {
        const auto first = Runtime::create();
        const auto second = Runtime::create();
        Ref<List> list;
        {
          const Attached here(*first);
          list = make<List>();
        }
        const Attached there(*second);
        (void)list->size();
      },
      "pointer-into-arena");
}

TEST(RuntimeMisuseAlwaysTest, a_runtime_that_ends_under_a_detached_thread_is_noticed) {
  EXPECT_DEATH(
      {
        auto runtime = Runtime::create();
        const Attached here(*runtime);
        const Detached away;
        runtime.reset();
      },
      "runtime-outlives-threads");
}

TEST(RuntimeMisuseAlwaysTest, attaching_twice_is_noticed) {
  EXPECT_DEATH(
      {
        const auto runtime = Runtime::create();
        const Attached here(*runtime);
        const Attached again(*runtime);
      },
      "one-world-per-thread");
}

struct SelfRing : Object {
  static constexpr const char* kTypeName = "self-ring";
  static void traverse(SelfRing& self, const FieldVisitor& visit) { visit(self.next); }
  Field<SelfRing> next;
};

struct FinalizedRing : SelfRing {
  static constexpr const char* kTypeName = "finalized self-ring";
  static void finalize(FinalizedRing& /*self*/) {}
};

TEST(FullArena, is_collected_before_memory_is_refused) {
  const auto runtime = Runtime::create({.arena_bytes = 16 * kPageBytes});
  ASSERT_NE(runtime, nullptr);
  const Attached here(*runtime);
  ASSERT_TRUE(here);
  for (int i = 0; i < 100'000; ++i) {
    const auto ring = make<SelfRing>();
    ASSERT_TRUE(ring) << i;
    ring->next.store(ring);
  }
  EXPECT_GT(runtime->gc().collections(), 0u);
}

// Each block that is free is used before all are looked at, or a program that lives at the
// edge of its memory would pay for a collection with every object.
TEST(FullArena, is_not_collected_for_each_block) {
  if (kReusesLate) GTEST_SKIP() << "blocks come back from quarantine by collections";
  const auto runtime = Runtime::create({.arena_bytes = 16 * kPageBytes});
  ASSERT_NE(runtime, nullptr);
  const Attached here(*runtime);
  ASSERT_TRUE(here);
  std::vector<Ref<Object>> alive;
  while (auto ring = make<SelfRing>()) alive.push_back(std::move(ring));
  const std::uint64_t before = runtime->gc().collections();
  EXPECT_GT(before, 0u);
  Random random(1);
  for (int i = 0; i < 10'000; ++i) {
    Ref<Object>& one = alive[random.below(alive.size())];
    one.reset();
    one = make<SelfRing>();
    ASSERT_TRUE(one) << i;
  }
  EXPECT_LE(runtime->gc().collections() - before, 2u);
}

// One to find the trash, one if user code ran meanwhile, and of a full collection that has
// found some one to give its pages back.
TEST(Pauses, of_a_collection) {
  const auto runtime = Runtime::create();
  ASSERT_NE(runtime, nullptr);
  const Attached here(*runtime);
  ASSERT_TRUE(here);
  Gc gc = runtime->gc();
  gc.disable();
  const auto pauses_of = [&](unsigned generation, std::uint64_t collected) {
    const std::uint32_t before = runtime->pauses();
    EXPECT_EQ(gc.collect(generation).collected, collected);
    return runtime->pauses() - before;
  };
  const auto drop_ring = [](const auto& ring) {
    if (ring) ring->next.store(ring);
  };
  EXPECT_EQ(pauses_of(0, 0), 1u);
  EXPECT_EQ(pauses_of(2, 0), 1u);
  for (const unsigned generation : {0u, 1u, 2u}) {
    const std::uint32_t return_of_pages = generation == 2 ? 1 : 0;
    drop_ring(make<SelfRing>());
    EXPECT_EQ(pauses_of(generation, 1), 1u + return_of_pages) << generation;
    drop_ring(make<FinalizedRing>());
    EXPECT_EQ(pauses_of(generation, 1), 2u + return_of_pages) << generation;
  }
}

}  // namespace
}  // namespace threadmill
