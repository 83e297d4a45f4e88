// SPDX-License-Identifier: Apache-2.0
//
// Section 3.2: the interface of Python's gc module, which is Gc here.
#include <string>
#include <tuple>
#include <type_traits>

#include "runtime/object/allocate.hpp"
#include "tests/conformance/support.hpp"

namespace threadmill {
namespace {

const Class kSlotted({.name = "without_slots"});

struct Visit {
  char who;
  CollectionPhase phase;
  CollectionInfo info;
};

// Two callbacks for the length of a scope, and what they were told.
struct Visitors {
  explicit Visitors(Gc its_gc) : gc(its_gc) {
    EXPECT_TRUE(gc.add_callback({note<'a'>, &visits}));
    EXPECT_TRUE(gc.add_callback({note<'b'>, &visits}));
  }
  ~Visitors() {
    EXPECT_TRUE(gc.remove_callback({note<'a'>, &visits}));
    EXPECT_TRUE(gc.remove_callback({note<'b'>, &visits}));
  }
  template <char kWho>
  static void note(void* context,
                   CollectionPhase phase,
                   const CollectionInfo& info) noexcept {
    static_cast<std::vector<Visit>*>(context)->push_back({kWho, phase, info});
  }
  Gc gc;
  std::vector<Visit> visits;
};

// What is no generation fails a check, where Python raises ValueError.
TEST_F(Conformance, G20_generations_0_to_2_can_be_collected_and_no_others) {
  for (unsigned generation = 0; generation <= 2; ++generation)
    EXPECT_TRUE(gc().collect(generation).completed);
  EXPECT_DEATH((void)gc().collect(3), "generations-are-0-to-2");
  EXPECT_DEATH((void)gc().collect(static_cast<unsigned>(-1)), "generations-are-0-to-2");
}

// Nothing is uncollectable, so the second summand is 0.
TEST_F(Conformance, G21_what_collect_returns_is_collected_plus_uncollectable) {
  const Visitors visitors(gc());
  for (int i = 0; i < 5; ++i) make_cyclic_list().reset();
  Ref<Finalized> saved;
  auto resurrects =
      create<Finalized>([&](Finalized& self) { saved = Ref<Finalized>::share(&self); });
  resurrects->first.store(resurrects);
  resurrects.reset();
  const std::uint64_t collected = collect();
  EXPECT_EQ(collected, 5u);
  const CollectionInfo& told = visitors.visits.back().info;
  EXPECT_EQ(collected, told.collected + told.uncollectable);
}

// And one of the runtime's own: how many objects were examined.
TEST_F(Conformance, G22_statistics_are_three_entries_of_three_counts) {
  (void)collect();
  const auto stats = gc().stats();
  EXPECT_EQ(stats.size(), 3u);
  for (const GenerationStatistics& entry : stats) {
    // No more and no fewer, and none below 0.
    const auto& [collections, collected, uncollectable, examined] = entry;
    static_assert(std::is_unsigned_v<std::remove_cvref_t<decltype(collections)>> &&
                  std::is_unsigned_v<std::remove_cvref_t<decltype(collected)>> &&
                  std::is_unsigned_v<std::remove_cvref_t<decltype(uncollectable)>> &&
                  std::is_unsigned_v<std::remove_cvref_t<decltype(examined)>>);
    EXPECT_EQ(collections, &entry == &stats[kOldest] ? 1u : 0u);
    EXPECT_EQ(collected, 0u);
    EXPECT_EQ(uncollectable, 0u);
  }
}

TEST_F(Conformance, G23_a_collection_counts_in_its_own_generation_only) {
  for (const unsigned generation : {0u, 2u}) {
    const auto before = gc().stats();
    (void)collect(generation);
    const auto after = gc().stats();
    for (unsigned g = 0; g < kGenerations; ++g)
      EXPECT_EQ(after[g].collections, before[g].collections + (g == generation)) << g;
  }
}

TEST_F(Conformance, G24_counts_begin_anew_and_a_new_container_counts) {
  (void)collect();
  const GenerationCounts before = gc().count();
  EXPECT_LT(before[0], 10u);
  EXPECT_EQ(before[1], 0u);
  EXPECT_EQ(before[2], 0u);
  const auto list = create<List>();
  EXPECT_GT(gc().count()[0], before[0]);
}

TEST_F(Conformance, G25_a_young_collection_counts_for_the_next_generation) {
  (void)collect();
  (void)collect(0);
  EXPECT_EQ(gc().count()[1], 1u);
  EXPECT_EQ(gc().count()[2], 0u);
}

TEST_F(Conformance, G26_objects_has_a_list_that_contains_itself) {
  const auto list = make_cyclic_list();
  EXPECT_TRUE(contains(gc().objects(), list.get()));
  list->clear();
}

TEST_F(Conformance, G27_a_new_object_is_among_the_young_until_a_collection) {
  const auto list = make_cyclic_list();
  EXPECT_TRUE(contains(gc().objects(0), list.get()));
  (void)collect();
  EXPECT_FALSE(contains(gc().objects(0), list.get()));
  list->clear();
}

template <class T>
concept NamesGeneration = requires(Gc gc, T generation) {
  gc.objects(generation);
};

// Without an argument it is all of them, as with None. What is no generation fails a
// check, and what is no number does not compile.
TEST_F(Conformance, G28_objects_takes_a_generation_or_nothing) {
  std::vector<Ref<List>> lists;
  for (int i = 0; i < 9; ++i) {
    lists.push_back(create<List>());
    if (i % 3 == 2) (void)collect(static_cast<unsigned>(i / 3) % 2);
  }
  std::size_t all = 0;
  for (unsigned generation = 0; generation < kGenerations; ++generation)
    all += gc().objects(generation)->size();
  EXPECT_EQ(gc().objects()->size(), all);
  EXPECT_EQ(all, 9u);
  EXPECT_DEATH((void)gc().objects(3), "generations-are-0-to-2");
  EXPECT_DEATH((void)gc().objects(static_cast<unsigned>(-1)), "generations-are-0-to-2");
  static_assert(NamesGeneration<unsigned>);
  static_assert(!NamesGeneration<const char*> && !NamesGeneration<std::nullptr_t>);
}

TEST_F(Conformance, G29_who_looks_from_a_finalizer_sees_none_of_the_trash) {
  const auto number = create<Int>(7);
  int looked = 0;
  std::vector<Object*> trash;
  for (int i = 0; i < 20; ++i) {
    auto object = create<Finalized>([&](Finalized&) {
      ++looked;
      const auto objects = gc().objects();
      const auto referrers = gc().referrers(*number);
      for (const Object* member : trash) {
        EXPECT_FALSE(contains(objects, member));
        EXPECT_FALSE(contains(referrers, member));
      }
    });
    object->first.store(object);
    object->second.store(number);
    trash.push_back(object.get());
    EXPECT_TRUE(contains(gc().objects(), object.get()));
    EXPECT_TRUE(contains(gc().referrers(*number), object.get()));
  }
  EXPECT_EQ(collect(), 20u);
  EXPECT_EQ(looked, 20);
}

TEST_F(Conformance, G30_referents_are_items_keys_and_values_of_one_object_or_several) {
  const auto one = create<Int>(1);
  const auto key = create<Str>("key");
  const auto value = create<Float>(2.5);
  const auto list = create<List>();
  ASSERT_TRUE(list->append(one) && list->append(value));
  const auto dict = create<Dict>();
  ASSERT_TRUE(dict->set(key, value));
  const auto items = gc().referents(*list);
  EXPECT_EQ(items->size(), 2u);
  EXPECT_TRUE(contains(items, one.get()) && contains(items, value.get()));
  const auto pair = gc().referents(*dict);
  EXPECT_EQ(pair->size(), 2u);
  EXPECT_TRUE(contains(pair, key.get()) && contains(pair, value.get()));
  Object* const several[] = {list.get(), one.get(), dict.get(), key.get()};
  const auto together = gc().referents(several);
  EXPECT_EQ(together->size(), 4u);
  for (const Object* referent :
       {static_cast<Object*>(one.get()), static_cast<Object*>(key.get()),
        static_cast<Object*>(value.get())})
    EXPECT_TRUE(contains(together, referent));
  EXPECT_EQ(gc().referents(*one)->size(), 0u);
}

TEST_F(Conformance, G31_the_referents_of_an_untracked_container_are_none) {
  const auto opaque = create<Opaque>();
  opaque->hidden = create<List>();
  EXPECT_FALSE(gc().is_tracked(*opaque));
  EXPECT_EQ(gc().referents(*opaque)->size(), 0u);
  const auto atoms = Tuple::create({create<Int>(1), none()});
  (void)collect();
  EXPECT_FALSE(gc().is_tracked(*atoms));
  EXPECT_EQ(gc().referents(*atoms)->size(), 0u);
}

// Of the atoms that Python has: no complex numbers, no bytes. Classes of the runtime are
// no objects.
TEST_F(Conformance, G32_atoms_are_not_tracked) {
  EXPECT_FALSE(gc().is_tracked(*none()));
  for (const std::int64_t value : {-1, 0, 1, 100'000})
    EXPECT_FALSE(gc().is_tracked(*create<Int>(value)));
  EXPECT_FALSE(gc().is_tracked(*create<Float>(1.5)));
  EXPECT_FALSE(gc().is_tracked(*create<Str>("")));
  EXPECT_FALSE(gc().is_tracked(*create<Str>(std::string(5000, 'x'))));
  EXPECT_FALSE(gc().is_tracked(*intern("word")));
  EXPECT_FALSE(gc().is_tracked(*create<Opaque>()));  // a plain object()
}

TEST_F(Conformance, G33_containers_and_instances_of_any_class_are_tracked) {
  const auto node = create<Node>();
  node->first.store(create<Int>(1));
  const std::vector<Ref<Object>> tracked = {
      create<List>(),
      create<Dict>(),
      create<Set>(),
      create<Instance>(kSlotted),
      node,
      create<Cell>(),
      create<Function>([](Function&, Object&) noexcept {})};
  for (int i = 0; i < 3; ++i) {
    for (const Ref<Object>& object : tracked)
      EXPECT_TRUE(gc().is_tracked(*object)) << type_of(*object).name;
    (void)collect();
  }
}

TEST_F(Conformance, G34_tuples_of_atoms_are_untracked_after_two_collections) {
  EXPECT_FALSE(gc().is_tracked(*Tuple::create({})));
  const std::vector<Ref<Object>> many(500, create<Int>(5));
  const auto atoms = Tuple::create({create<Int>(1), create<Str>("two"), none()});
  const auto inner = Tuple::create({atoms, Tuple::create({})});
  const auto outer = Tuple::create({inner, create<Float>(3.5)});
  const auto longer = Tuple::create(many);
  (void)collect();
  (void)collect();
  for (const Ref<Tuple>& tuple : {atoms, inner, outer, longer})
    EXPECT_FALSE(gc().is_tracked(*tuple));
}

TEST_F(Conformance, G35_tuples_that_lead_to_a_container_stay_tracked) {
  const std::vector<Ref<Object>> containers = {create<List>(), create<Dict>(),
                                               create<Set>(), create<Node>()};
  std::vector<Ref<Tuple>> tuples;
  for (const Ref<Object>& container : containers) {
    tuples.push_back(Tuple::create({create<Int>(1), container}));
    tuples.push_back(Tuple::create({tuples.back()}));
  }
  for (int i = 0; i < 3; ++i) (void)collect();
  for (const Ref<Tuple>& tuple : tuples) EXPECT_TRUE(gc().is_tracked(*tuple));
}

// Nothing inherits from Tuple; a user's type whose fields are set once is the like of it.
TEST_F(Conformance, G36_a_users_type_of_atoms_stays_tracked) {
  const auto node = create<Node>();
  node->first.store(create<Int>(1));
  const auto function =
      create<Function>([](Function&, Object&) noexcept {}, Tuple::create({none()}));
  for (int i = 0; i < 3; ++i) (void)collect();
  EXPECT_TRUE(gc().is_tracked(*node));
  EXPECT_TRUE(gc().is_tracked(*function));
}

// A row like a tuple's, which is filled when it is there. (Tuple is made in one step.)
struct Row : Object {
  static constexpr const char* kTypeName = "row";
  Field<Object> items[3];
};

constexpr Type kRow{.name = "row",
                    .traverse =
                        [](Object& self, Visitor& visit) noexcept {
                          for (const auto& item : static_cast<Row&>(self).items)
                            visit(item.peek());
                        },
                    .clear = nullptr,
                    .release = nullptr,
                    .hash = nullptr,
                    .equal = nullptr,
                    .finalize = nullptr,
                    .call = nullptr,
                    .is_fixed = true};
const TypeId kRowType = register_type(kRow);

TEST_F(Conformance, G37_a_collection_may_untrack_a_row_that_is_not_filled_yet) {
  const auto row = Ref<Row>::adopt(allocate<Row>(sizeof(Row), kRowType));
  ASSERT_TRUE(row);
  EXPECT_TRUE(gc().is_tracked(*row));
  row->items[1].store(create<Int>(1));
  (void)collect();
  (void)collect();
  EXPECT_FALSE(gc().is_tracked(*row));
  row->items[0].store(create<Int>(0));
  row->items[2].store(create<Int>(2));
  (void)collect();
  for (std::int64_t i = 0; i < 3; ++i)
    EXPECT_EQ(cast<Int>(row->items[i].load())->value(), i);
}

TEST_F(Conformance, G38_finalized_is_what_its_finalizer_resurrected_and_nothing_else) {
  EXPECT_FALSE(gc().is_finalized(*none()));
  EXPECT_FALSE(gc().is_finalized(*create<Int>(3)));
  EXPECT_FALSE(gc().is_finalized(*create<List>()));
  Ref<Finalized> saved;
  auto object =
      create<Finalized>([&](Finalized& self) { saved = Ref<Finalized>::share(&self); });
  object->first.store(object);
  EXPECT_FALSE(gc().is_finalized(*object));
  object.reset();
  (void)collect();
  ASSERT_TRUE(saved);
  EXPECT_TRUE(gc().is_finalized(*saved));
}

TEST_F(Conformance, G39_what_is_frozen_is_counted_until_it_is_unfrozen) {
  const auto list = create<List>();
  EXPECT_EQ(gc().freeze_count(), 0u);
  gc().freeze();
  EXPECT_GT(gc().freeze_count(), 0u);
  gc().unfreeze();
  EXPECT_EQ(gc().freeze_count(), 0u);
}

TEST_F(Conformance, G40_garbage_lets_go_of_what_is_frozen_and_counts_stay_right) {
  const auto frozen = create<List>();
  gc().freeze();
  for (int i = 0; i < 100; ++i) make_cyclic_node()->second.store(frozen);
  EXPECT_EQ(refcount(*frozen), 101);
  EXPECT_EQ(collect(), 100u);
  EXPECT_EQ(refcount(*frozen), 1);
  Object* const roots[] = {frozen.get()};
  const HeapReport report = runtime_->verify(roots);
  EXPECT_EQ(report.violations, 0u) << report.message;
}

TEST_F(Conformance,
       G41_freezing_collecting_and_unfreezing_keeps_deferred_objects_whole) {
  std::atomic<int> deaths{0};
  auto kept = create<List>();
  auto dropped = create<List>();
  for (const Ref<List>& list : {kept, dropped}) {
    EXPECT_TRUE(defer_counts(*list));
    ASSERT_TRUE(list->append(create<Node>(&deaths)));
    ASSERT_TRUE(list->append(list));
  }
  dropped.reset();
  gc().freeze();
  EXPECT_EQ(collect(), 0u);
  EXPECT_EQ(deaths.load(), 0);
  gc().unfreeze();
  EXPECT_EQ(kept->size(), 2u);
  EXPECT_TRUE(cast<Node>(kept->get(0)));
  EXPECT_EQ(collect(), 2u);
  EXPECT_EQ(deaths.load(), 1);
  kept.reset();
  EXPECT_EQ(collect(), 2u);
  EXPECT_EQ(deaths.load(), 2);
}

TEST_F(Conformance, G42_no_collection_happens_by_itself_while_that_is_disabled) {
  gc().set_threshold({1000, 10, 10});
  gc().disable();
  EXPECT_FALSE(gc().is_enabled());
  std::vector<Ref<List>> lists;
  for (int i = 0; i < 10'000; ++i) lists.push_back(create<List>());
  EXPECT_EQ(gc().collections(), 0u);
}

TEST_F(Conformance, G43_fewer_than_10000_containers_trigger_a_collection) {
  gc().set_threshold({1000, 0, 0});
  gc().enable();
  std::vector<Ref<List>> lists;
  while (gc().collections() == 0 && lists.size() < 10'000)
    lists.push_back(create<List>());
  EXPECT_LT(lists.size(), 10'000u);
}

TEST_F(Conformance, G44_finalizers_may_allocate_at_a_threshold_of_1) {
  gc().set_threshold({1, 10, 10});
  gc().enable();
  int deepest = 0;
  int depth = 0;
  for (int i = 0; i < scaled(20'000); ++i) {
    auto object = create<Finalized>([&](Finalized&) {
      deepest = std::max(deepest, ++depth);
      for (int n = 0; n < 10; ++n) (void)make_cyclic_list();
      --depth;
    });
    object->first.store(object);
  }
  EXPECT_GT(gc().collections(), 0u);
  (void)collect();
  EXPECT_EQ(deepest, 1);
}

// Callbacks are added and removed one by one, so there is no list of them to look at.
TEST_F(Conformance, G45_garbage_is_a_list_and_nothing_ordinary_ends_in_it) {
  const Ref<Object> as_object = garbage();
  EXPECT_TRUE(cast<List>(as_object));
  make_cyclic_list().reset();
  auto object = create<Finalized>([](Finalized&) {});
  object->first.store(object);
  object.reset();
  Ref<Finalized> saved;
  object =
      create<Finalized>([&](Finalized& self) { saved = Ref<Finalized>::share(&self); });
  object->first.store(object);
  object.reset();
  EXPECT_EQ(collect(), 2u);
  EXPECT_EQ(garbage()->size(), 0u);
  const CollectionCallback callback{
      [](void*, CollectionPhase, const CollectionInfo&) noexcept {}, nullptr};
  EXPECT_FALSE(gc().remove_callback(callback));
  EXPECT_TRUE(gc().add_callback(callback));
  EXPECT_TRUE(gc().remove_callback(callback));
}

TEST_F(Conformance, G46_what_is_unreachable_is_saved_instead_of_cleared) {
  gc().set_debug(gc_debug::kSaveAll);
  auto list = make_cyclic_list();
  ASSERT_TRUE(list->append(create<Int>(3)));
  const List* const same = list.get();
  list.reset();
  (void)collect();
  gc().set_debug(0);
  ASSERT_EQ(garbage()->size(), 1u);
  const auto saved = cast<List>(garbage()->get(0));
  EXPECT_EQ(saved.get(), same);
  EXPECT_EQ(saved->size(), 2u);
  garbage()->clear();
}

TEST_F(Conformance, G47_callbacks_are_called_once_at_start_and_stop_in_their_order) {
  const Visitors visitors(gc());
  (void)collect();
  const std::vector<Visit>& visits = visitors.visits;
  ASSERT_EQ(visits.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(visits[i].who, i % 2 == 0 ? 'a' : 'b');
    EXPECT_EQ(visits[i].phase, i < 2 ? CollectionPhase::start : CollectionPhase::stop);
  }
}

TEST_F(Conformance, G48_callbacks_are_told_generation_collected_and_uncollectable) {
  const Visitors visitors(gc());
  for (unsigned generation = 0; generation < kGenerations; ++generation) {
    make_cyclic_list().reset();
    (void)collect(generation);
  }
  ASSERT_EQ(visitors.visits.size(), 12u);
  for (std::size_t i = 0; i < 12; ++i) {
    const CollectionInfo& info = visitors.visits[i].info;
    EXPECT_EQ(info.generation, i / 4);
    EXPECT_EQ(info.collected,
              visitors.visits[i].phase == CollectionPhase::stop ? 1u : 0u);
    EXPECT_EQ(info.uncollectable, 0u);
  }
}

// Lists of the runtime's stand for modules, and Runtime::end() for the shutdown.
TEST_F(Conformance, G52_cycles_that_modules_keep_are_finalized_at_the_end) {
  const Detached meanwhile;
  std::jthread([] {
    const auto runtime = Runtime::create();
    const Attached here(*runtime);
    int finalized = 0;
    std::atomic<int> deaths{0};
    const auto make_module = [&] {
      auto module = make_cyclic_list();
      for (int i = 0; i < 2; ++i) {
        auto object = create<Finalized>([&](Finalized&) { ++finalized; }, &deaths);
        object->first.store(object);
        object->second.store(module);
        EXPECT_TRUE(module->append(std::move(object)));
      }
      EXPECT_TRUE(runtime->gc().roots()->append(module));
      return module;
    };
    auto main_module = make_module();
    ASSERT_TRUE(main_module->append(make_module()));
    main_module.reset();
    EXPECT_TRUE(runtime->gc().collect().completed);
    EXPECT_EQ(finalized, 0);
    EXPECT_EQ(runtime->end(), 0u);
    EXPECT_EQ(finalized, 4);
    EXPECT_EQ(deaths.load(), 4);
  }).join();
}

// A dict is copied by an update of an empty one.
TEST_F(Conformance, G53_a_copied_dict_is_tracked_as_the_original_is) {
  const auto atoms = create<Dict>();
  ASSERT_TRUE(atoms->set(create<Int>(1), create<Int>(2)));
  const auto containers = create<Dict>();
  ASSERT_TRUE(containers->set(create<Int>(1), create<List>()));
  for (int i = 0; i < 3; ++i) {
    for (const Ref<Dict>& original : {atoms, containers, create<Dict>()}) {
      const auto copy = create<Dict>();
      ASSERT_TRUE(copy->update(*original));
      EXPECT_EQ(gc().is_tracked(*copy), gc().is_tracked(*original));
    }
    (void)collect();
  }
}

}  // namespace
}  // namespace threadmill
