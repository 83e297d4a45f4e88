// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/finalize.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "runtime/collector/collect.hpp"
#include "runtime/collector/verify.hpp"
#include "runtime/containers/list.hpp"
#include "tests/object/lifetime_types.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

class FinalizeTest : public ObjectTest {
 protected:
  FinalizeTest() { runtime_.world().collector = &collector_; }
  void TearDown() override {
    const HeapReport report = verify_heap(*current(), {});
    EXPECT_EQ(report.violations, 0u) << report.message;
    EXPECT_EQ(report.objects, 0u);
    ObjectTest::TearDown();
  }

  CollectResult collect() { return collector_.collect(*current()); }

  // A ring of `count`; each calls `function` in its finalizer.
  Ref<Ephemeral> make_ring(int count, const Ephemeral::Function& function = {}) {
    auto first = make<Ephemeral>(log_, function);
    auto last = first;
    for (int i = 1; i < count; ++i) {
      auto next = make<Ephemeral>(log_, function);
      last->next.store(next);
      last = std::move(next);
    }
    last->next.store(first);
    return first;
  }

  std::string log_;
  Collector collector_{runtime_.world(), runtime_.arena()};
};

TEST_F(FinalizeTest, every_finalizer_of_a_ring_runs_before_any_of_it_is_cleared) {
  make_ring(5,
            [](Ephemeral& self) {  // tF09
              int steps = 0;
              const Ephemeral* at = &self;
              do {
                at = static_cast<const Ephemeral*>(at->next.peek());
                ++steps;
              } while (at != &self && at != nullptr && steps < 10);
              EXPECT_EQ(steps, 5);
            })
      .reset();
  EXPECT_EQ(collect().collected, 5u);
  EXPECT_EQ(log_, "fffffddddd");
}

TEST_F(FinalizeTest, the_resurrected_survive_with_all_that_they_reach) {  // tF11, tF12
  Ref<Ephemeral> saved;
  auto ring = make_ring(3, [&](Ephemeral& self) {
    if (!saved) saved = Ref<Ephemeral>::share(&self);
  });
  ring.reset();
  make_ring(4).reset();
  EXPECT_EQ(collect().collected, 4u);
  EXPECT_EQ(log_, "fffffffdddd");
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->next.load()->next.load()->next.load(), saved);
  EXPECT_EQ(collect().collected, 0u);
  saved.reset();
  EXPECT_EQ(collect().collected, 3u);  // tF07, tF13: without finalizers
  EXPECT_EQ(log_, "fffffffddddddd");
}

TEST_F(FinalizeTest, a_finalizer_that_breaks_its_own_cycle_is_fine) {  // tF08
  make_ring(3, [](Ephemeral& self) { self.next.store(nullptr); }).reset();
  EXPECT_EQ(collect().collected, 3u);
  EXPECT_EQ(log_, "fffddd");
}

TEST_F(FinalizeTest,
       weak_references_to_trash_are_dead_before_finalizers) {  // tF06, tF14
  std::vector<Weak<Ephemeral>> weak;
  Ref<Ephemeral> saved;
  auto ring = make_ring(3, [&](Ephemeral& self) {
    for (const auto& one : weak) EXPECT_EQ(one.lock(), nullptr);
    saved = Ref<Ephemeral>::share(&self);
  });
  weak.emplace_back(ring);
  weak.emplace_back(ring->next.load());
  ring.reset();
  EXPECT_EQ(collect().collected, 0u);
  EXPECT_TRUE(saved);
  EXPECT_TRUE(weak[0].expired());
  EXPECT_TRUE(weak[1].expired());
  saved.reset();
  EXPECT_EQ(collect().collected, 3u);
}

TEST_F(FinalizeTest, weak_references_outside_the_trash_are_called_back_first) {  // tW15
  std::string called;
  auto ring = make_ring(2, [&](Ephemeral&) { called += "f"; });
  std::vector<Weak<Ephemeral>> weak;
  for (char name = 'a'; name < 'd'; ++name) {
    weak.emplace_back(ring, make<Callback>([&, name](WeakReference& reference) {
                        EXPECT_TRUE(reference.is_dead());
                        called += name;
                      }));
  }
  ring.reset();
  EXPECT_EQ(collect().collected, 2u);
  EXPECT_EQ(called, "cbaff");
}

TEST_F(FinalizeTest, weak_references_in_the_trash_are_not_called_back) {  // tW14, tW17
  bool called = false;
  auto ring = make_ring(2);
  ring->keeps.store(
      Weak<Ephemeral>(ring, make<Callback>([&](WeakReference&) { called = true; }))
          .reference());
  ring.reset();
  EXPECT_EQ(collect().collected, 3u);
  EXPECT_FALSE(called);
}

TEST_F(FinalizeTest, trash_that_refers_to_a_living_object_weakly_leaves_its_list) {
  bool called = false;
  auto target = make<Ephemeral>(log_);
  {
    auto ring = make_ring(2);
    ring->keeps.store(
        Weak<Ephemeral>(target, make<Callback>([&](WeakReference&) { called = true; }))
            .reference());
  }
  EXPECT_EQ(collect().collected, 3u);
  target.reset();
  EXPECT_FALSE(called);
}

TEST_F(FinalizeTest, what_finalizers_refer_to_weakly_dies_all_the_same) {
  std::vector<Weak<Ephemeral>> weak;
  bool called = false;
  make_ring(3, [&](Ephemeral& self) {
    weak.emplace_back(Ref<Ephemeral>::share(&self),
                      make<Callback>([&](WeakReference&) { called = true; }));
  }).reset();
  EXPECT_EQ(collect().collected, 3u);
  ASSERT_EQ(weak.size(), 3u);
  for (const auto& one : weak) EXPECT_TRUE(one.expired());
  EXPECT_FALSE(called);  // tF18
}

TEST_F(FinalizeTest, a_collection_that_a_finalizer_asks_for_does_nothing) {  // tF15
  bool completed = true;
  make_ring(2, [&](Ephemeral&) { completed = collect().completed; }).reset();
  EXPECT_EQ(collect().collected, 2u);
  EXPECT_FALSE(completed);
}

TEST_F(FinalizeTest, a_finalizer_may_make_objects_that_refer_to_trash) {
  auto keeper = make<List>();
  make_ring(2, [&](Ephemeral& self) {
    auto list = make<List>();
    ASSERT_TRUE(list->append(Ref<Object>::share(&self)));
    ASSERT_TRUE(keeper->append(list));
  }).reset();
  EXPECT_EQ(collect().collected, 0u);
  EXPECT_EQ(log_, "ff");
  keeper.reset();
  EXPECT_EQ(collect().collected, 2u);
  EXPECT_EQ(log_, "ffdd");
}

TEST_F(FinalizeTest, another_thread_may_keep_what_a_finalizer_shows_it) {
  auto shelf = make<Ephemeral>(log_);
  Ref<Ephemeral> kept;
  make_ring(2, [&](Ephemeral& self) {
    shelf->next.store(Ref<Ephemeral>::share(&self));
    runtime_.on_another_thread([&] { kept = shelf->next.exchange(nullptr); });
  }).reset();
  EXPECT_EQ(collect().collected, 0u);
  shelf.reset();
  ASSERT_TRUE(kept);
  kept.reset();
  EXPECT_EQ(collect().collected, 2u);
  EXPECT_EQ(std::count(log_.begin(), log_.end(), 'd'), 3);
}

// What the collection's first pause finds at the end of its count ends after it.
TEST_F(FinalizeTest, one_that_a_collection_settles_may_ask_for_a_collection) {  // tF15
  TM_NEEDS_OWNERS();
  Companion other(runtime_);
  bool completed = true;
  auto object =
      make<Ephemeral>(log_, [&](Ephemeral&) { completed = collect().completed; });
  Ephemeral* raw = object.release();
  other.run([raw] { decref(*raw); });
  other.start_polling();
  EXPECT_TRUE(collect().completed);
  EXPECT_EQ(log_, "fd");
}

TEST_F(FinalizeTest, one_that_a_collection_settles_may_make_the_heap_grow) {
  TM_NEEDS_OWNERS();
  Companion other(runtime_);
  auto object =
      make<Ephemeral>(log_, [&](Ephemeral&) { collector_.collect_if_due(*current()); });
  Ephemeral* raw = object.release();
  other.run([raw] { decref(*raw); });
  other.start_polling();
  EXPECT_TRUE(collect().completed);
  EXPECT_EQ(log_, "fd");
}

TEST_F(FinalizeTest, one_that_ends_as_its_thread_waits_to_collect_may_collect) {
  TM_NEEDS_OWNERS();
  std::atomic<bool> collecting{false};
  std::atomic<bool> waiting{false};
  Companion other(runtime_);
  other.start_polling();
  std::thread first([&] {
    ASSERT_NE(enter(runtime_.world()), nullptr);
    std::string log;
    auto ring = make<Ephemeral>(log, [&](Ephemeral&) {
      collecting = true;
      const Detached blocked;
      while (!waiting) rest();
    });
    auto next = make<Ephemeral>(log);
    ring->next.store(next);
    next->next.store(ring);
    ring.reset();
    next.reset();
    EXPECT_EQ(collect().collected, 2u);
    leave();
  });
  auto object = make<Ephemeral>(log_, [&](Ephemeral&) {
    waiting = true;
    (void)collect();
  });
  Ephemeral* raw = object.release();
  while (!collecting) safepoint();
  other.run([raw] { decref(*raw); });
  (void)collect();  // waits for its turn, and so detaches, and so merges
  EXPECT_EQ(log_, "fd");
  {
    const Detached blocked;
    first.join();
  }
}

// The collector clears nothing that a finalizer may look at.
TEST_F(FinalizeTest, a_finalizer_of_trash_follows_weak_references_to_the_living) {
  auto living = make<Ephemeral>(log_);
  Ref<Ephemeral> saved;
  bool found = false;
  {
    auto ring = make_ring(2, [&](Ephemeral& self) {
      if (!self.keeps.peek()) return;
      auto weak = cast<WeakReference>(self.keeps.load());
      ASSERT_TRUE(weak);
      EXPECT_FALSE(weak->is_dead());  // the target lives
      found = weak->get() == living;
      saved = Ref<Ephemeral>::share(&self);
    });
    ring->keeps.store(Weak<Ephemeral>(living).reference());
  }
  EXPECT_EQ(collect().collected, 0u);
  EXPECT_TRUE(found);
  saved.reset();
  EXPECT_EQ(collect().collected, 3u);
}

}  // namespace
}  // namespace threadmill
