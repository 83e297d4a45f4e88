// SPDX-License-Identifier: Apache-2.0
//
// Section 3.6: counts of references, objects that are immortal, and counting by several
// threads.
#include <functional>

#include "tests/conformance/support.hpp"
#include "tests/thread/lets_others_run.hpp"

namespace threadmill {
namespace {

// Another attached thread, that passes no safepoint unless it is told to. Nobody can act
// for it meanwhile. To be ended before a pause is needed.
class Other {
 public:
  explicit Other(Runtime& runtime) : thread_([this, &runtime] { serve(runtime); }) {}
  ~Other() { run({}); }

  // Runs `job` there and waits, attached and without a safepoint. An empty one ends it.
  void run(std::function<void()> job) {
    start(std::move(job));
    wait();
  }
  void start(std::function<void()> job) {
    job_ = std::move(job);
    busy_.store(true);
  }
  void wait() {
    wait_for_others([this] { return !busy_.load(); });
  }

  // A collection by this thread, for whose pauses the other one stops.
  std::uint64_t stop_for_collection(Gc gc) {
    std::atomic<bool> collected{false};
    start([&collected] {
      wait_for_others([&collected] {
        safepoint();
        return collected.load();
      });
    });
    const CollectResult result = gc.collect();
    collected.store(true);
    wait();
    EXPECT_TRUE(result.completed);
    return result.collected;
  }

 private:
  void serve(Runtime& runtime) {
    {
      const Attached here(runtime);
      for (;;) {
        wait_for_others([this] { return busy_.load(); });
        if (!job_) break;
        job_();
        busy_.store(false);
      }
    }
    busy_.store(false);
  }

  std::function<void()> job_;
  std::atomic<bool> busy_{false};
  std::jthread thread_;
};

TEST_F(Conformance, R01_the_count_of_an_immortal_does_not_change) {
  const std::int64_t before = refcount(*none());
  std::vector<Ref<Object>> references(1000, none());
  EXPECT_EQ(refcount(*none()), before);
  on_threads(2, [&](int) {
    const std::vector<Ref<Object>> theirs(1000, none());
    EXPECT_EQ(refcount(*none()), before);
  });
  references.clear();
  EXPECT_EQ(refcount(*none()), before);
}

TEST_F(Conformance, R03_plain_objects_and_lists_are_mortal) {
  EXPECT_TRUE(is_immortal(*none()));
  EXPECT_FALSE(is_immortal(*create<Opaque>()));
  EXPECT_FALSE(is_immortal(*create<List>()));
}

TEST_F(Conformance, R04_a_fresh_object_is_unique_and_an_immortal_never_is) {
  auto list = create<List>();
  EXPECT_TRUE(is_unique(*list));
  {
    const auto another = list;
    EXPECT_FALSE(is_unique(*list));
  }
  EXPECT_TRUE(is_unique(*list));
  EXPECT_FALSE(is_unique(*none()));
}

struct DropsItself : Object {
  static constexpr const char* kTypeName = "drops-itself";
  ~DropsItself() { decref(*this); }
};

TEST_F(Conformance, R05_counts_are_deferred_once_of_what_collections_look_at) {
  EXPECT_FALSE(defer_counts(*none()));
  EXPECT_FALSE(defer_counts(*create<Int>(1)));
  EXPECT_FALSE(defer_counts(*create<Opaque>()));
  const auto list = create<List>();
  EXPECT_TRUE(defer_counts(*list));
  EXPECT_FALSE(defer_counts(*list));
  // By 4 threads at once.
  std::vector<Ref<List>> lists;
  for (int i = 0; i < 1000; ++i) lists.push_back(create<List>());
  std::atomic<int> deferred{0};
  on_threads(4, [&](int) {
    for (const Ref<List>& shared : lists)
      if (defer_counts(*shared)) deferred.fetch_add(1);
  });
  EXPECT_EQ(deferred.load(), 1000);
}

TEST_F(Conformance, R06_a_deferred_object_is_whole_and_goes_with_a_full_collection) {
  std::atomic<int> deaths{0};
  auto list = create<List>();
  EXPECT_TRUE(defer_counts(*list));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(list->append(create<Node>(&deaths)));
  on_threads(4, [&](int) {
    const Deferred<List> here(list);
    for (std::size_t i = 0; i < 100; ++i) {
      const auto node = cast<Node>(here->get(i));
      ASSERT_TRUE(node);
      ASSERT_EQ(node->deaths, &deaths);
    }
  });
  {
    const Deferred<List> uncounted(list);
    list.reset();
    EXPECT_EQ(collect(), 0u);
    EXPECT_EQ(uncounted->size(), 100u);
    EXPECT_EQ(deaths.load(), 0);
  }
  EXPECT_GE(collect(), 1u);
  EXPECT_EQ(deaths.load(), 100);
}

// In every build; of a dying object too, whose count is zero.
TEST_F(Conformance, R07_dropping_a_reference_to_a_dead_object_is_noticed) {
  auto node = create<Node>();
  Node* const freed = node.get();
  node.reset();
  EXPECT_DEATH(decref(*freed), "dead-objects-have-no-references: .*type node");
  EXPECT_DEATH(create<DropsItself>().reset(), "dead-objects-have-no-references");
}

// What is put off is the inbox's decref, which its owner makes at the next safepoint.
TEST_F(Conformance, R08_a_decref_that_was_put_off_may_run_a_collection_1000_times) {
  TM_NEEDS_OWNERS();
  const int rounds = scaled(1000);
  int finalized = 0;
  Other other(*runtime_);
  for (int i = 0; i < rounds; ++i) {
    Finalized* object = create<Finalized>([&](Finalized&) {
                          ++finalized;
                          make_cyclic_list().reset();
                          EXPECT_EQ(other.stop_for_collection(gc()), 1u);
                        }).release();
    other.run([object] { decref(*object); });
    ASSERT_EQ(finalized, i);
    safepoint();
    ASSERT_EQ(finalized, i + 1);
  }
}

TEST_F(Conformance, R09_the_count_of_none_is_large_and_never_falls) {
  EXPECT_EQ(refcount(*none()), kImmortalRefcount);
  EXPECT_GT(kImmortalRefcount, std::int64_t{1} << 30);
  for (int i = 0; i < 1000; ++i) decref(*none());
  EXPECT_EQ(refcount(*none()), kImmortalRefcount);
}

TEST_F(Conformance, R10_what_one_thread_made_and_another_drops_ends_once_and_in_time) {
  TM_NEEDS_OWNERS();
  std::atomic<int> deaths{0};
  Object* object = nullptr;
  const auto make_object = [&] { object = create<Node>(&deaths).release(); };
  {
    Other owner(*runtime_);
    // By a safepoint of its owner.
    owner.run(make_object);
    decref(*object);
    EXPECT_EQ(deaths.load(), 0);
    owner.run([] { safepoint(); });
    EXPECT_EQ(deaths.load(), 1);
    // By a collection.
    owner.run(make_object);
    decref(*object);
    EXPECT_EQ(deaths.load(), 1);
    (void)owner.stop_for_collection(gc());
    EXPECT_EQ(deaths.load(), 2);
    // By the end of its owner.
    owner.run(make_object);
    decref(*object);
    EXPECT_EQ(deaths.load(), 2);
  }
  EXPECT_EQ(deaths.load(), 3);
  (void)collect();
  EXPECT_EQ(deaths.load(), 3);
}

TEST_F(Conformance, R11_objects_of_a_thread_that_has_left_end_with_the_last_reference) {
  constexpr int kObjects = 100;
  std::atomic<int> deaths{0};
  std::vector<Ref<Node>> objects;
  on_threads(1, [&](int) {
    for (int i = 0; i < kObjects; ++i) objects.push_back(create<Node>(&deaths));
  });
  EXPECT_EQ(deaths.load(), 0);
  int dropped = 0;
  for (Ref<Node>& object : objects) {
    auto last = object;
    object.reset();
    EXPECT_EQ(deaths.load(), dropped);
    last.reset();
    EXPECT_EQ(deaths.load(), ++dropped);
  }
}

}  // namespace
}  // namespace threadmill
