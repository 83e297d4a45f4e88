// SPDX-License-Identifier: Apache-2.0
//
// The collector as users of Python's gc module know it. tG..: statements of the reference.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"
#include "runtime/runtime.hpp"

namespace threadmill {
namespace {

struct Ring : Object {
  static constexpr const char* kTypeName = "gc-ring";
  static void traverse(Ring& self, const FieldVisitor& visit) {
    visit(self.next);
    visit(self.other);
  }
  Field<Ring> next;
  Field<Object> other;
};

// None of these tests runs out of memory.
template <class T, class... Arguments>
Ref<T> create(Arguments&&... arguments) {
  auto made = make<T>(std::forward<Arguments>(arguments)...);
  if (!made) std::abort();
  return made;
}

class GcTest : public testing::Test {
 protected:
  GcTest() { gc().disable(); }

  [[nodiscard]] Gc gc() { return runtime_->gc(); }
  std::uint64_t collect(unsigned generation = kOldest) {
    const CollectResult result = gc().collect(generation);
    EXPECT_TRUE(result.completed);
    return result.collected;
  }
  static Ref<Ring> make_ring() {
    auto ring = create<Ring>();
    ring->next.store(ring);
    return ring;
  }
  static bool contains(const Ref<List>& list, const Object* object) {
    bool found = false;
    for (std::size_t i = 0; i < list->size(); ++i)
      found |= list->get(i).get() == object;
    return found;
  }
  unsigned generation_of(const Object* object) {
    for (unsigned g = 0; g < kGenerations; ++g)
      if (contains(gc().objects(g), object)) return g;
    return kGenerations;
  }
  void expect_sound(const std::vector<Object*>& roots) {
    const HeapReport report = runtime_->verify(roots);
    EXPECT_EQ(report.violations, 0u) << report.message;
  }

  const std::unique_ptr<Runtime> runtime_ = Runtime::create();
  const Attached here_{*runtime_};
};

TEST_F(GcTest, what_survives_grows_older_by_a_generation) {  // tG27
  const auto ring = make_ring();
  EXPECT_EQ(generation_of(ring.get()), 0u);
  EXPECT_EQ(collect(0), 0u);
  EXPECT_EQ(generation_of(ring.get()), 1u);
  EXPECT_EQ(collect(0), 0u);
  EXPECT_EQ(generation_of(ring.get()), 1u);
  EXPECT_EQ(collect(1), 0u);
  EXPECT_EQ(generation_of(ring.get()), 2u);
  EXPECT_EQ(collect(2), 0u);
  EXPECT_EQ(generation_of(ring.get()), 2u);
}

TEST_F(GcTest, a_collection_leaves_older_generations_alone) {
  auto old = make_ring();
  EXPECT_EQ(collect(2), 0u);
  auto middle = make_ring();
  EXPECT_EQ(collect(0), 0u);
  auto young = make_ring();
  for (Ref<Ring>* ring : {&old, &middle, &young}) ring->reset();
  EXPECT_EQ(collect(0), 1u);
  EXPECT_EQ(collect(1), 1u);
  EXPECT_EQ(collect(1), 0u);
  EXPECT_EQ(collect(2), 1u);
  expect_sound({});
}

TEST_F(GcTest, what_something_old_refers_to_is_kept) {
  const auto old = make_ring();
  EXPECT_EQ(collect(), 0u);
  old->next.store(make_ring());
  EXPECT_EQ(collect(0), 0u);
  EXPECT_EQ(collect(1), 0u);
  expect_sound({old.get()});
  old->next.store(nullptr);
  EXPECT_EQ(collect(), 1u);
}

TEST_F(GcTest, young_trash_drops_its_references_to_what_is_old) {
  const auto old = make_ring();
  EXPECT_EQ(collect(), 0u);
  for (int i = 0; i < 1000; ++i) make_ring()->other.store(old);
  EXPECT_EQ(refcount(*old), 1002);
  EXPECT_EQ(collect(0), 1000u);
  EXPECT_EQ(refcount(*old), 2);
  expect_sound({old.get()});
  old->next.store(nullptr);
}

// In one byte a side count goes up to 253.
TEST_F(GcTest, trash_may_have_any_number_of_references) {
  for (const int references : {252, 253, 254, 255, 256, 257, 100'000}) {
    auto target = make_ring();
    auto list = create<List>();
    for (int i = 0; i < references; ++i) ASSERT_TRUE(list->append(target));
    target->other.store(list);
    list.reset();
    EXPECT_EQ(collect(), 0u) << references;
    target.reset();
    EXPECT_EQ(collect(), 2u) << references;
  }
}

TEST_F(GcTest, blocks_of_old_pages_are_young_again_when_they_are_born_again) {
  std::vector<Ref<Ring>> rings;
  for (int i = 0; i < 10'000; ++i) rings.push_back(make_ring());
  EXPECT_EQ(collect(), 0u);
  for (std::size_t i = 0; i < rings.size(); i += 2) rings[i].reset();
  EXPECT_EQ(collect(), 5'000u);
  for (std::size_t i = 0; i < rings.size(); i += 2) rings[i] = make_ring();
  for (std::size_t i = 0; i < rings.size(); i += 4) rings[i].reset();
  EXPECT_EQ(collect(0), 2'500u);
  rings.clear();
  EXPECT_EQ(collect(0), 0u);
  EXPECT_EQ(collect(1), 2'500u);
  EXPECT_EQ(collect(2), 5'000u);
}

TEST_F(GcTest, random_graphs_under_collections_of_any_generation_lose_nothing) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    std::vector<Ref<Ring>> kept(20);
    std::uint64_t made = 0;
    std::uint64_t collected = 0;
    for (int step = 0; step < 5'000; ++step) {
      Ref<Ring>& at = kept[random.below(kept.size())];
      const Ref<Ring>& other = kept[random.below(kept.size())];
      switch (random.below(5)) {
        case 0:
        case 1: {
          auto ring = make_ring();  // refers to itself, so it ends by a collection only
          ring->other.store(at);
          at = std::move(ring);
          ++made;
          break;
        }
        case 2:
          if (at) at->other.store(other);
          break;
        case 3:
          if (at) at = cast<Ring>(at->other.load());
          break;
        default:
          if (random.below(20) == 0)
            collected += collect(static_cast<unsigned>(random.below(kGenerations)));
      }
    }
    std::vector<Object*> roots;
    for (const Ref<Ring>& ring : kept) roots.push_back(ring.get());
    expect_sound(roots);
    kept.clear();
    collected += collect();
    EXPECT_EQ(collected, made);
    EXPECT_EQ(runtime_->live_objects(), 0u);
  }
}

TEST_F(GcTest, counts_are_of_containers_and_of_collections) {  // tG24, tG25
  (void)collect();
  EXPECT_EQ(gc().count(), (GenerationCounts{0, 0, 0}));
  const auto list = create<List>();
  const auto number = make<Int>(1);
  EXPECT_EQ(gc().count(), (GenerationCounts{1, 0, 0}));
  auto another = create<List>();
  EXPECT_EQ(gc().count()[0], 2u);
  another.reset();
  EXPECT_EQ(gc().count()[0], 1u);
  (void)collect(0);
  EXPECT_EQ(gc().count(), (GenerationCounts{0, 1, 0}));
  (void)collect(0);
  (void)collect(1);
  EXPECT_EQ(gc().count(), (GenerationCounts{0, 0, 1}));
  (void)collect();
  EXPECT_EQ(gc().count(), (GenerationCounts{0, 0, 0}));
}

TEST_F(GcTest, counts_of_all_threads_are_added) {
  (void)collect();
  Ref<List> theirs;
  {
    const Detached while_waiting;
    std::thread([&] {
      const Attached there(*runtime_);
      theirs = create<List>();
    }).join();
  }
  EXPECT_EQ(gc().count()[0], 1u);
  theirs.reset();
  EXPECT_EQ(gc().count()[0], 0u);
}

TEST_F(GcTest, statistics_are_kept_for_each_generation) {  // tG22, tG23
  const auto before = gc().stats();
  make_ring().reset();
  (void)collect(0);
  (void)collect(2);
  const auto after = gc().stats();
  EXPECT_EQ(after[0].collections, before[0].collections + 1);
  EXPECT_EQ(after[0].collected, before[0].collected + 1);
  EXPECT_EQ(after[1].collections, before[1].collections);
  EXPECT_EQ(after[2].collections, before[2].collections + 1);
  for (const GenerationStatistics& numbers : after)
    EXPECT_EQ(numbers.uncollectable, 0u);
}

TEST_F(GcTest, a_generation_that_does_not_exist_is_noticed) {  // tG20
  EXPECT_DEATH((void)gc().collect(3), "generations-are-0-to-2");
  EXPECT_DEATH((void)gc().objects(3), "generations-are-0-to-2");
}

TEST_F(GcTest,
       young_collections_happen_by_themselves_above_the_threshold) {  // tG42, 43
  gc().set_threshold({1000, 10, 10});
  std::vector<Ref<List>> lists;
  for (int i = 0; i < 10'000; ++i) lists.push_back(create<List>());
  EXPECT_EQ(gc().collections(), 0u);
  gc().enable();
  lists.clear();
  for (int i = 0; i < 10'000; ++i) lists.push_back(create<List>());
  EXPECT_GT(gc().stats()[0].collections, 0u);
}

TEST_F(GcTest, a_threshold_of_zero_switches_automatic_collections_off) {
  gc().set_threshold({0, 10, 10});
  EXPECT_EQ(gc().threshold(), (GenerationCounts{0, 10, 10}));
  gc().enable();
  std::vector<Ref<List>> lists;
  for (int i = 0; i < 100'000; ++i) lists.push_back(create<List>());
  EXPECT_EQ(gc().collections(), 0u);
}

TEST_F(GcTest, what_ends_by_itself_makes_no_collection_due) {
  gc().enable();
  for (int i = 0; i < 200'000; ++i) (void)create<List>();
  EXPECT_EQ(gc().collections(), 0u);
}

TEST_F(GcTest, asking_for_counts_again_and_again_does_not_put_collections_off) {
  gc().set_threshold({1000, 10, 10});  // gh-157377
  gc().enable();
  for (int i = 0; i < 10'000; ++i) {
    make_ring().reset();
    (void)gc().count();
  }
  EXPECT_GE(gc().stats()[0].collections, 2u);
}

struct Allocates : Object {
  static constexpr const char* kTypeName = "allocates";
  static void traverse(Allocates& self, const FieldVisitor& visit) { visit(self.self); }
  static void finalize(Allocates&) {
    for (int i = 0; i < 10; ++i) make_ring_of_lists();
  }
  static void make_ring_of_lists() {
    auto list = create<List>();
    ASSERT_TRUE(list->append(list));
  }
  Field<Allocates> self;
};

TEST_F(GcTest, finalizers_may_allocate_at_any_threshold) {  // tG44
  gc().set_threshold({1, 1, 1});
  gc().enable();
  for (int i = 0; i < 20'000; ++i) {
    auto object = create<Allocates>();
    object->self.store(object);
  }
  EXPECT_GT(gc().collections(), 0u);
}

// A heap that only grows: all full collections together look at a bounded number of
// objects for each that was made (gh-142048, gh-142531).
TEST_F(GcTest, a_growing_heap_is_not_collected_in_quadratic_time) {
  struct Work {
    std::uint64_t made = 0;
    std::uint64_t looked_at = 0;
  } work;
  ASSERT_TRUE(gc().add_callback(
      {[](void* context, CollectionPhase phase, const CollectionInfo& info) noexcept {
         auto& its = *static_cast<Work*>(context);
         if (phase == CollectionPhase::start && info.generation == kOldest)
           its.looked_at += its.made;
       },
       &work}));
  gc().set_threshold({1000, 2, 2});
  gc().enable();
  auto first = create<Ring>();
  auto last = first;
  for (work.made = 0; work.made < 300'000; ++work.made) {
    auto next = create<Ring>();
    last->next.store(next);
    last = std::move(next);
  }
  EXPECT_GT(gc().stats()[kOldest].collections, 3u);
  EXPECT_LT(work.looked_at, 8 * work.made);
  last->next.store(nullptr);
}

// What collections only pass over costs time as well (gh-142531).
TEST_F(GcTest, many_untracked_or_frozen_objects_make_full_collections_rare) {
  constexpr std::uint64_t kTuples = 100'000;
  const auto list = create<List>();
  const auto number = make<Int>(1);
  for (std::uint64_t i = 0; i < kTuples; ++i)
    ASSERT_TRUE(list->append(Tuple::create({number})));
  gc().set_threshold({1000, 1, 1});
  auto last = create<Ring>();
  for (const bool frozen : {false, true}) {
    gc().disable();
    (void)gc().collect();
    EXPECT_GE(gc().stats()[kOldest].examined, kTuples);
    if (frozen) gc().freeze();
    gc().enable();
    const auto before = gc().stats();
    for (std::uint64_t i = 0; i < kTuples / 8; ++i) {
      auto next = create<Ring>();
      next->next.store(std::move(last));
      last = std::move(next);
    }
    const auto after = gc().stats();
    EXPECT_GT(after[1].collections, before[1].collections + 1);
    EXPECT_EQ(after[kOldest].collections, before[kOldest].collections);
  }
  gc().unfreeze();
}

TEST_F(GcTest, tracked_are_containers) {  // tG32, tG33
  EXPECT_FALSE(gc().is_tracked(*none()));
  EXPECT_FALSE(gc().is_tracked(*make<Int>(1)));
  EXPECT_FALSE(gc().is_tracked(*make<Float>(1.5)));
  EXPECT_FALSE(gc().is_tracked(*make<Str>("text")));
  EXPECT_TRUE(gc().is_tracked(*create<List>()));
  EXPECT_TRUE(gc().is_tracked(*make<Dict>()));
  EXPECT_TRUE(gc().is_tracked(*make<Set>()));
  EXPECT_TRUE(gc().is_tracked(*create<Ring>()));
}

TEST_F(GcTest, tuples_of_atoms_are_untracked_by_collections) {  // tG34, tG35
  const auto atoms = Tuple::create({make<Int>(1), make<Str>("two"), none()});
  const auto nested = Tuple::create({atoms, make<Int>(3)});
  EXPECT_FALSE(gc().is_tracked(*Tuple::create({})));
  EXPECT_TRUE(gc().is_tracked(*nested));
  const auto list = create<List>();
  const auto container = Tuple::create({list});
  (void)collect();
  (void)collect();
  EXPECT_FALSE(gc().is_tracked(*atoms));
  EXPECT_FALSE(gc().is_tracked(*nested));
  EXPECT_TRUE(gc().is_tracked(*container));
  EXPECT_EQ(gc().referents(*atoms)->size(), 0u);
  // And stays tracked when that is what keeps a cycle together.
  ASSERT_TRUE(list->append(container));
  expect_sound({atoms.get(), nested.get(), list.get(), container.get()});
  list->clear();
}

struct Saved : Object {
  static constexpr const char* kTypeName = "saved";
  static void traverse(Saved& self, const FieldVisitor& visit) { visit(self.self); }
  static void finalize(Saved& self) { *self.saved = Ref<Saved>::share(&self); }
  explicit Saved(Ref<Saved>* where) : saved(where) {}
  Ref<Saved>* saved;
  Field<Saved> self;
};

TEST_F(GcTest, finalized_is_what_was_resurrected) {  // tG38
  Ref<Saved> saved;
  auto object = create<Saved>(&saved);
  object->self.store(object);
  EXPECT_FALSE(gc().is_finalized(*object));
  object.reset();
  EXPECT_EQ(collect(), 0u);
  ASSERT_TRUE(saved);
  EXPECT_TRUE(gc().is_finalized(*saved));
  EXPECT_GT(generation_of(saved.get()), 0u);
  EXPECT_FALSE(gc().is_finalized(*make<Int>(1)));
  expect_sound({saved.get()});
  saved.reset();
  EXPECT_EQ(collect(), 1u);
}

TEST_F(GcTest, frozen_objects_are_in_no_collection) {  // tG39, tG40, tG41
  auto frozen = make_ring();
  gc().freeze();
  EXPECT_GE(gc().freeze_count(), 1u);
  EXPECT_EQ(generation_of(frozen.get()), kGenerations);
  Ring* raw = frozen.get();
  make_ring()->other.store(frozen);
  EXPECT_EQ(refcount(*raw), 3);
  EXPECT_EQ(collect(), 1u);
  EXPECT_EQ(refcount(*raw), 2);
  frozen.reset();
  EXPECT_EQ(collect(), 0u);
  gc().unfreeze();
  EXPECT_EQ(gc().freeze_count(), 0u);
  EXPECT_EQ(generation_of(raw), kOldest);
  EXPECT_EQ(collect(), 1u);
}

TEST_F(GcTest, a_frozen_object_ends_with_its_last_reference) {
  auto list = create<List>();
  gc().freeze();
  list.reset();
  EXPECT_EQ(gc().freeze_count(), 0u);
  EXPECT_EQ(runtime_->live_objects(), 0u);
}

TEST_F(GcTest, callbacks_are_called_in_order_as_a_collection_starts_and_stops) {
  struct Log {  // tG47, tG48
    std::string text;
    char name;
    std::string* all;
  };
  std::string all;
  Log logs[2] = {{"", 'a', &all}, {"", 'b', &all}};
  const auto write = [](void* context, CollectionPhase phase,
                        const CollectionInfo& info) noexcept {
    const auto& log = *static_cast<Log*>(context);
    *log.all += log.name;
    *log.all += phase == CollectionPhase::start ? '<' : '>';
    *log.all += std::to_string(info.generation) + std::to_string(info.collected);
  };
  for (Log& log : logs) ASSERT_TRUE(gc().add_callback({write, &log}));
  make_ring().reset();
  (void)collect(1);
  EXPECT_EQ(all, "a<10b<10a>11b>11");
  EXPECT_TRUE(gc().remove_callback({write, &logs[0]}));
  EXPECT_FALSE(gc().remove_callback({write, &logs[0]}));
  all.clear();
  (void)collect();
  EXPECT_EQ(all, "b<20b>20");
}

TEST_F(GcTest, there_is_room_for_a_number_of_callbacks) {
  const CollectionCallback nothing{
      [](void*, CollectionPhase, const CollectionInfo&) noexcept {}, nullptr};
  for (std::size_t i = 0; i < Observers::kMaxCallbacks; ++i)
    EXPECT_TRUE(gc().add_callback(nothing));
  EXPECT_FALSE(gc().add_callback(nothing));
  EXPECT_TRUE(gc().remove_callback(nothing));
  EXPECT_TRUE(gc().add_callback(nothing));
}

TEST_F(GcTest, trash_can_be_saved_instead_of_freed) {  // tG46
  EXPECT_EQ(gc().garbage()->size(), 0u);               // tG45
  gc().set_debug(gc_debug::kSaveAll);
  Ring* raw = make_ring().get();
  Ref<Saved> resurrected;
  {
    auto object = create<Saved>(&resurrected);
    object->self.store(object);
  }
  EXPECT_EQ(collect(), 1u);
  gc().set_debug(0);
  ASSERT_EQ(gc().garbage()->size(), 1u);
  EXPECT_EQ(gc().garbage()->get(0).get(), raw);
  expect_sound({resurrected.get()});
  EXPECT_EQ(collect(), 0u);
  gc().garbage()->clear();
  resurrected.reset();
  EXPECT_EQ(collect(), 2u);
}

TEST_F(GcTest, debugging_prints_what_is_found) {
  gc().set_debug(gc_debug::kStats | gc_debug::kCollectable);
  make_ring().reset();
  testing::internal::CaptureStderr();
  (void)collect();
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("gc: collecting generation 2..."), std::string::npos) << text;
  EXPECT_NE(text.find("gc: collectable"), std::string::npos) << text;
  EXPECT_NE(text.find("type gc-ring"), std::string::npos) << text;
  EXPECT_NE(text.find("gc: done, 1 unreachable, 0 uncollectable"), std::string::npos)
      << text;
}

TEST_F(GcTest, referents_are_what_an_object_refers_to) {  // tG30, tG31
  const auto list = create<List>();
  const auto one = make<Int>(1);
  ASSERT_TRUE(list->append(one));
  ASSERT_TRUE(list->append(list));
  ASSERT_TRUE(list->append(one));
  const auto referents = gc().referents(*list);
  ASSERT_EQ(referents->size(), 3u);
  EXPECT_TRUE(contains(referents, one.get()));
  EXPECT_TRUE(contains(referents, list.get()));
  EXPECT_EQ(gc().referents(*one)->size(), 0u);
  Object* const both[] = {list.get(), one.get(), list.get()};
  EXPECT_EQ(gc().referents(both)->size(), 6u);
  EXPECT_EQ(gc().referents({})->size(), 0u);
  list->clear();
}

TEST_F(GcTest, referrers_are_who_refers_to_an_object) {
  const auto one = make<Int>(1);
  const auto list = create<List>();
  ASSERT_TRUE(list->append(one));
  ASSERT_TRUE(list->append(one));
  const auto tuple = Tuple::create({one});
  const auto other = create<List>();
  const auto referrers = gc().referrers(*one);
  EXPECT_EQ(referrers->size(), 2u);
  EXPECT_TRUE(contains(referrers, list.get()));
  EXPECT_TRUE(contains(referrers, tuple.get()));
}

struct Looks : Object {
  static constexpr const char* kTypeName = "looks";
  static void traverse(Looks& self, const FieldVisitor& visit) {
    visit(self.self);
    visit(self.list);
  }
  static void finalize(Looks& self) { self.look(*self.list.load()); }
  explicit Looks(void (*its_look)(List&)) : look(its_look) {}
  void (*look)(List&);
  Field<Looks> self;
  Field<List> list;
};

Runtime* looked_at = nullptr;

TEST_F(GcTest, trash_is_shown_to_nobody) {  // tG29
  looked_at = runtime_.get();
  auto item = make<Int>(7);
  static Int* raw = nullptr;
  raw = item.get();
  {
    auto looks = create<Looks>([](List& list) {
      Gc gc = looked_at->gc();
      EXPECT_FALSE(contains(gc.objects(), &list));
      EXPECT_FALSE(contains(gc.referrers(*raw), &list));
    });
    auto list = create<List>();
    ASSERT_TRUE(list->append(item));
    ASSERT_TRUE(list->append(list));
    looks->list.store(list);
    looks->self.store(looks);
    EXPECT_TRUE(contains(gc().objects(), list.get()));  // tG26
  }
  EXPECT_EQ(collect(), 2u);
  EXPECT_EQ(refcount(*item), 1);
}

// Between the pauses a weak reference that is trash stands in the list of its target.
struct Asks : Object {
  static constexpr const char* kTypeName = "asks";
  static void traverse(Asks& self, const FieldVisitor& visit) {
    visit(self.self);
    visit(self.weak);
  }
  static void finalize(Asks& self) {
    const auto weak = cast<WeakReference>(self.weak.load());
    EXPECT_FALSE(weak->is_dead());
    *self.asked = WeakReference::create(*weak->get());
    EXPECT_NE(*self.asked, weak);
  }
  explicit Asks(Ref<WeakReference>* where) : asked(where) {}
  Ref<WeakReference>* asked;
  Field<Asks> self;
  Field<Object> weak;
};

TEST_F(GcTest, a_weak_reference_that_is_trash_is_given_to_nobody) {
  const auto target = create<List>();
  Ref<WeakReference> asked;
  {
    auto asks = create<Asks>(&asked);
    asks->weak.store(WeakReference::create(*target));
    asks->self.store(asks);
  }
  EXPECT_EQ(collect(), 2u);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->get(), target);
  expect_sound({target.get(), asked.get()});
}

TEST_F(GcTest, what_is_in_the_list_of_roots_is_kept_with_all_that_it_leads_to) {
  auto ring = make_ring();
  ring->other.store(make_ring());
  Ring* raw = ring.get();
  ASSERT_TRUE(gc().roots()->append(std::move(ring)));
  make_ring()->other.store(Ref<Ring>::share(raw));
  EXPECT_EQ(collect(), 1u);
  EXPECT_EQ(refcount(*raw), 2);
  expect_sound({});
  gc().roots()->clear();
  EXPECT_EQ(collect(), 2u);
  expect_sound({});
}

TEST_F(GcTest, looking_and_collecting_from_many_threads_at_once) {  // tC01, tC02
  constexpr int kThreads = 4;
  const auto shared = create<List>();
  {
    const Detached while_waiting;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const Attached there(*runtime_);
        Random random(static_cast<std::uint64_t>(t));
        for (int i = 0; i < 200; ++i) {
          make_ring()->other.store(shared);
          switch (random.below(6)) {
            case 0:
              (void)gc().objects(static_cast<unsigned>(random.below(3)));
              break;
            case 1:
              (void)gc().referrers(*shared);
              break;
            case 2:
              (void)gc().collect(static_cast<unsigned>(random.below(3)));
              break;
            case 3:
              (void)gc().count();
              break;
            case 4:
              random.below(2) == 0 ? gc().freeze() : gc().unfreeze();
              break;
            default:
              (void)gc().referents(*shared);
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  gc().unfreeze();
  (void)collect();
  EXPECT_EQ(refcount(*shared), 1);
  expect_sound({shared.get()});
}

}  // namespace
}  // namespace threadmill
