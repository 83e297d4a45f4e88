// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/collect.hpp"

#include <algorithm>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/collector/verify.hpp"
#include "runtime/containers/dict.hpp"
#include "runtime/containers/list.hpp"
#include "runtime/containers/number.hpp"
#include "runtime/containers/tuple.hpp"
#include "runtime/object/critical_section.hpp"
#include "tests/object/mini_runtime.hpp"
#include "tests/thread/lets_others_run.hpp"

namespace threadmill {
namespace {

class CollectTest : public ObjectTest {
 protected:
  CollectTest() { runtime_.world().collector = &collector_; }

  CollectResult collect() { return collector_.collect(*current()); }
  void expect_sound(const std::vector<Object*>& roots) {
    const HeapReport report = verify_heap(*current(), roots);
    EXPECT_EQ(report.violations, 0u) << report.message;
  }

  Collector collector_{runtime_.world(), runtime_.arena()};
};

// A node with many edges and a death to count.
struct Vertex : Object {
  explicit Vertex(std::atomic<int>& counter) : deaths(counter) {}
  ~Vertex() { deaths.fetch_add(1); }
  static constexpr const char* kTypeName = "vertex";
  static void traverse(Vertex& self, const FieldVisitor& visit) {
    for (Field<Vertex>& edge : self.edges) visit(edge);
  }
  std::atomic<int>& deaths;
  Field<Vertex> edges[3];
};

// References to the hub of a wheel, two of each spoke, from its own page and, if there are
// many, from others: a side count is wide from 254 on, those of a page's own references are
// bytes.
TEST_F(CollectTest, counts_of_any_size_are_exact) {
  for (const int spokes : {1, 126, 127, 128, 129, 255, 256, 384, 1000, 4000}) {
    std::atomic<int> deaths = 0;
    auto hub = make<Vertex>(deaths);
    Ref<Vertex> last;
    for (int i = 0; i < spokes; ++i) {
      auto spoke = make<Vertex>(deaths);
      spoke->edges[0].store(hub);
      spoke->edges[1].store(hub);
      spoke->edges[2].store(std::move(last));
      last = std::move(spoke);
    }
    hub->edges[0].store(std::move(last));
    EXPECT_EQ(collect().collected, 0u) << spokes;
    hub.reset();
    EXPECT_EQ(collect().collected, static_cast<std::uint64_t>(spokes) + 1) << spokes;
    EXPECT_EQ(deaths.load(), spokes + 1);
  }
}

template <std::size_t kPadding>
struct Padded : Object {
  explicit Padded(std::atomic<int>& counter) : deaths(counter) {}
  ~Padded() { deaths.fetch_add(1); }
  static constexpr const char* kTypeName = "padded";
  static void traverse(Padded& self, const FieldVisitor& visit) { visit(self.next); }
  std::atomic<int>& deaths;
  Field<Padded> next;
  char padding[kPadding] = {};
};

// The last of a ring that fills 16 pages at least, and their number.
template <std::size_t kPadding>
std::pair<Ref<Padded<kPadding>>, std::uint64_t> make_ring(std::atomic<int>& deaths) {
  constexpr std::uint64_t kSize = 16 * kPageBytes / sizeof(Padded<kPadding>);
  const auto first = make<Padded<kPadding>>(deaths);
  auto last = first;
  for (std::uint64_t i = 1; i < kSize; ++i) {
    auto next = make<Padded<kPadding>>(deaths);
    next->next.store(std::move(last));
    last = std::move(next);
  }
  first->next.store(last);
  return {last, kSize};
}

// Pages that are full of what is in one state are listed as a whole: of blocks that begin
// with a granule or inside one, of one size after another, and of each age. They are so many
// that a team lists them.
TEST_F(CollectTest, full_pages_of_any_size_are_listed_whole) {
  for (unsigned kept = 0; kept < 4; ++kept) {
    std::atomic<int> deaths = 0;
    std::uint64_t made = 0;
    const auto ring = [&]<std::size_t kPadding>() {
      auto [last, size] = make_ring<kPadding>(deaths);
      made += size;
      return std::move(last);
    };
    auto a = ring.template operator()<8>();
    auto b = ring.template operator()<16>();
    auto c = ring.template operator()<96>();
    auto d = ring.template operator()<88>();
    auto e = ring.template operator()<992>();
    for (unsigned i = 0; i < kept; ++i)
      EXPECT_EQ(collector_.collect(*current(), i % kGenerations).collected, 0u);
    expect_sound({a.get(), b.get(), c.get(), d.get(), e.get()});
    a.reset();
    b.reset();
    c.reset();
    d.reset();
    e.reset();
    EXPECT_EQ(deaths.load(), 0);
    EXPECT_EQ(collect().collected, made) << kept;
    EXPECT_EQ(static_cast<std::uint64_t>(deaths.load()), made);
  }
}

TEST_F(CollectTest, a_list_that_contains_itself_is_one_object) {  // tG01
  auto list = make<List>();
  ASSERT_TRUE(list->append(list));
  list.reset();
  EXPECT_EQ(collect().collected, 1u);
  EXPECT_EQ(collect().collected, 0u);  // tG09
}

TEST_F(CollectTest, a_dict_that_contains_itself_is_one_object) {  // tG02
  auto dict = make<Dict>();
  ASSERT_TRUE(dict->set(make<Int>(1), dict));
  dict.reset();
  EXPECT_EQ(collect().collected, 1u);
}

TEST_F(CollectTest, a_cycle_through_a_tuple_is_two_objects) {  // tG03
  auto list = make<List>();
  ASSERT_TRUE(list->append(make<Tuple>(std::initializer_list<Ref<Object>>{list})));
  list.reset();
  EXPECT_EQ(collect().collected, 2u);
}

TEST_F(CollectTest, what_is_reachable_from_a_handle_stays) {
  std::atomic<int> deaths{0};
  auto root = make<Vertex>(deaths);
  {
    auto a = make<Vertex>(deaths);
    auto b = make<Vertex>(deaths);
    a->edges[0].store(b);
    b->edges[0].store(a);
    root->edges[0].store(a);
  }
  EXPECT_EQ(collect().collected, 0u);
  EXPECT_EQ(deaths.load(), 0);
  expect_sound({root.get()});
  root.reset();
  EXPECT_EQ(collect().collected, 2u);
  EXPECT_EQ(deaths.load(), 3);
}

TEST_F(CollectTest, what_hangs_off_a_trash_cycle_dies_with_it) {
  std::atomic<int> deaths{0};
  auto list = make<List>();
  ASSERT_TRUE(list->append(list));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(list->append(make<Mortal>(deaths)));
  list.reset();
  EXPECT_EQ(collect().collected, 1u);
  EXPECT_EQ(deaths.load(), 10);
}

TEST_F(CollectTest, an_object_in_a_foreign_inbox_is_counted_right) {
  std::atomic<int> deaths{0};
  Companion owner(runtime_);
  Object* raw = nullptr;
  owner.run([&] {
    auto a = make<Vertex>(deaths);
    a->edges[0].store(a);
    raw = a.release();
  });
  decref(*raw);  // queued at the owner, which does not poll yet
  owner.start_polling();
  EXPECT_EQ(collect().collected, 1u);
  EXPECT_EQ(deaths.load(), 1);
}

TEST_F(CollectTest, what_an_inbox_had_no_memory_for_is_found_by_the_next_collection) {
  TM_NEEDS_OWNERS();
  std::atomic<int> deaths{0};
  auto object = make<Mortal>(deaths);
  // As queue_to_owner leaves it when it finds no memory.
  object->shared.store(shared_word::make(0, shared_word::kQueued), relaxed);
  current()->inbox.note_overflow();
  (void)object.release();
  EXPECT_TRUE(collect().completed);
  EXPECT_EQ(deaths.load(), 1);
}

TEST_F(CollectTest, a_count_below_the_edges_is_noticed) {  // tG16
  auto list = make<List>();
  auto held = make<List>();
  ASSERT_TRUE(list->append(held));
  ASSERT_TRUE(list->append(held));
  Object* raw = held.release();
  EXPECT_DEATH(
      {
        decref(*raw);
        decref(*raw);
        (void)collect();
      },
      "count-covers-edges");
  decref(*raw);
}

struct Collects : Object {
  Collects(Collector& its_collector, bool& its_completed)
      : collector(its_collector), completed(its_completed) {}
  ~Collects() { completed = collector.collect(*current()).completed; }
  static constexpr const char* kTypeName = "collects";
  Collector& collector;
  bool& completed;
};

TEST_F(CollectTest, a_destructor_that_asks_for_a_collection_gets_none) {
  bool completed = true;
  auto list = make<List>();
  ASSERT_TRUE(list->append(list));
  ASSERT_TRUE(list->append(make<Collects>(collector_, completed)));
  list.reset();
  EXPECT_TRUE(collect().completed);
  EXPECT_FALSE(completed);
}

// Reachability computed by a plain search over the test's own copy of the graph.
TEST_F(CollectTest, exactly_the_unreachable_part_of_random_graphs_dies) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    std::atomic<int> deaths{0};
    constexpr std::size_t kVertices = 200;
    std::vector<Ref<Vertex>> vertices;
    for (std::size_t i = 0; i < kVertices; ++i)
      vertices.push_back(make<Vertex>(deaths));
    std::vector<std::vector<std::size_t>> edges(kVertices);
    for (std::size_t i = 0; i < kVertices; ++i) {
      for (Field<Vertex>& edge : vertices[i]->edges) {
        if (random.below(3) == 0) continue;
        const std::size_t target = random.below(kVertices);
        edge.store(vertices[target]);
        edges[i].push_back(target);
      }
    }
    std::vector<bool> reached(kVertices, false);
    std::vector<std::size_t> pending;
    for (std::size_t i = 0; i < kVertices; ++i) {
      if (random.below(20) == 0) {
        pending.push_back(i);
        reached[i] = true;
      } else {
        vertices[i].reset();
      }
    }
    while (!pending.empty()) {
      const std::size_t i = pending.back();
      pending.pop_back();
      for (const std::size_t target : edges[i]) {
        if (!reached[target]) pending.push_back(target);
        reached[target] = true;
      }
    }
    const auto alive = std::count(reached.begin(), reached.end(), true);
    ASSERT_TRUE(collect().completed);
    EXPECT_EQ(deaths.load(), static_cast<int>(kVertices) - alive);
    std::vector<Object*> roots;
    for (const auto& vertex : vertices) roots.push_back(vertex.get());
    expect_sound(roots);
    vertices.clear();
    (void)collect();
    EXPECT_EQ(deaths.load(), static_cast<int>(kVertices));
  }
}

TEST_F(CollectTest, many_threads_make_rings_and_collect_at_once) {
  constexpr int kThreads = 4;
  constexpr int kRings = 300;
  std::atomic<int> deaths{0};
  {
    const Detached while_waiting;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        for (int i = 0; i < kRings; ++i) {
          auto a = make<Vertex>(deaths);
          auto b = make<Vertex>(deaths);
          a->edges[0].store(b);
          b->edges[0].store(a);
          if (i % 50 != 0) continue;
          ASSERT_TRUE(collector_.collect(*current()).completed);
        }
        leave();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  (void)collect();
  EXPECT_EQ(deaths.load(), kThreads * kRings * 2);
}

// Refers to itself, and tells whose thread ended it. The first to end waits for the helper.
struct Loop : Object {
  struct Ends {
    std::atomic<bool> began{false};
    std::atomic<bool> helper_is_done{false};
    std::atomic<int> by_collector{0};
    std::atomic<int> by_helper{0};
    const Slot* collector = nullptr;
  };

  explicit Loop(Ends& where) : ends(where) {}
  ~Loop() {
    (current() == ends.collector ? ends.by_collector : ends.by_helper).fetch_add(1);
    if (!ends.began.exchange(true))
      wait_for_others([this] { return ends.helper_is_done.load(); });
  }
  static constexpr const char* kTypeName = "loop";
  static void traverse(Loop& self, const FieldVisitor& visit) { visit(self.self); }

  Ends& ends;
  Field<Loop> self;
};

TEST_F(CollectTest, who_makes_the_heap_grow_clears_trash_of_a_running_collection) {
  constexpr int kLoops = 1000;
  Loop::Ends ends;
  ends.collector = current();
  for (int i = 0; i < kLoops; ++i) {
    const auto loop = make<Loop>(ends);
    ASSERT_TRUE(loop);
    loop->self.store(loop);
  }
  std::thread helper([&] {
    ASSERT_NE(enter(runtime_.world()), nullptr);
    {
      const Detached while_waiting;
      wait_for_others([&] { return ends.began.load(); });
    }
    collector_.collect_if_due(*current());
    ends.helper_is_done.store(true);
    leave();
  });
  EXPECT_EQ(collect().collected, static_cast<std::uint64_t>(kLoops));
  // All have ended when collect() returns. It waited in its first batch.
  EXPECT_EQ(ends.by_collector + ends.by_helper, kLoops);
  EXPECT_GT(ends.by_helper, kLoops / 2);
  const Detached while_waiting;
  helper.join();
}

TEST_F(CollectTest, empty_pages_go_back_to_the_arena) {
  std::atomic<int> deaths{0};
  std::vector<Ref<Object>> many;
  for (int i = 0; i < 50000; ++i) many.push_back(make<Mortal>(deaths));
  const std::size_t before = runtime_.arena().pages_in_use();
  many.clear();
  (void)collect();
  EXPECT_LT(runtime_.arena().pages_in_use(), before / 4);
}

TEST_F(CollectTest, a_collection_inside_a_critical_section_does_not_deadlock) {
  auto list = make<List>();
  std::atomic<bool> stop{false};
  std::thread other([&] {
    ASSERT_NE(enter(runtime_.world()), nullptr);
    while (!stop.load()) {
      ASSERT_TRUE(list->append(make<Int>(1)));
      (void)list->pop();
    }
    leave();
  });
  for (int i = 0; i < 50; ++i) {
    const CriticalSection section(*list);
    ASSERT_TRUE(collect().completed);
  }
  stop.store(true);
  const Detached while_waiting;
  other.join();
}

}  // namespace
}  // namespace threadmill
