// SPDX-License-Identifier: Apache-2.0
//
// Section 3.5: weak references and what is built of them. Where Python raises KeyError or
// answers None, the answer here is null or false.
#include <algorithm>
#include <optional>
#include <string>

#include "runtime/containers/hashing.hpp"
#include "tests/conformance/support.hpp"

namespace threadmill {
namespace {

const Class kThing({.name = "thing", .has_dict = true});

void do_nothing(Function&, Object&) noexcept {}

Ref<Callback> counting(int& calls) {
  return create<Callback>([&calls](WeakReference&) { ++calls; });
}

// Collects all the time, on another thread, until the end of its scope.
class CollectingThread {
 public:
  explicit CollectingThread(Runtime& runtime)
      : thread_([this, &runtime] {
          const Attached here(runtime);
          while (!stop_.load()) {
            EXPECT_TRUE(runtime.gc().collect().completed);
            collections_.fetch_add(1);
            // Others go on between two pauses.
            const Detached between;
            rest();
          }
        }) {}
  ~CollectingThread() {
    const Detached while_waiting;
    while (collections_.load() == 0) rest();
    stop_.store(true);
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int> collections_{0};
  std::jthread thread_;
};

TEST_F(Conformance, W01_it_gives_the_same_object_while_that_lives_and_none_after) {
  auto node = create<Node>();
  const auto weak = WeakReference::create(*node);
  EXPECT_EQ(weak->get(), node);
  EXPECT_EQ(weak->get(), node);
  node.reset();
  EXPECT_EQ(weak->get(), nullptr);
  EXPECT_TRUE(weak->is_dead());
}

// Classes of the runtime are no objects.
TEST_F(Conformance, W02_objects_of_all_kinds_can_be_referenced_weakly) {
  auto instance = create<Instance>(kThing);
  std::vector<Ref<Object>> targets = {
      create<Function>(do_nothing),                             // a built-in function
      create<Function>(do_nothing, Tuple::create({none()})),    // a closure
      create<Function>(do_nothing, Tuple::create({instance})),  // a bound method
      create<Node>(),
      create<List>(),
      create<Cell>(),
      instance};
  instance.reset();
  std::vector<Ref<WeakReference>> weak;
  for (const Ref<Object>& target : targets) {
    weak.push_back(WeakReference::create(*target));
    EXPECT_EQ(weak.back()->get(), target);
  }
  targets.clear();
  for (const auto& reference : weak) EXPECT_EQ(reference->get(), nullptr);
}

TEST_F(Conformance, W03_a_callback_is_called_once_with_the_dead_weak_reference) {
  int calls = 0;
  Ref<WeakReference> weak;
  auto node = create<Node>();
  weak = WeakReference::create(*node, create<Callback>([&](WeakReference& reference) {
    ++calls;
    EXPECT_EQ(&reference, weak.get());
    EXPECT_TRUE(reference.is_dead());
    EXPECT_EQ(reference.get(), nullptr);
  }));
  EXPECT_EQ(calls, 0);
  node.reset();
  EXPECT_EQ(calls, 1);
  (void)collect();
  EXPECT_EQ(calls, 1);
}

TEST_F(Conformance, W04_two_weak_references_with_callbacks_are_two_calls) {
  int calls = 0;
  auto node = create<Node>();
  const auto callback = counting(calls);
  const auto first = WeakReference::create(*node, callback);
  const auto second = WeakReference::create(*node, callback);
  node.reset();
  EXPECT_EQ(calls, 2);
}

TEST_F(Conformance, W05_all_are_cleared_before_the_first_callback_runs) {
  for (const bool cyclic : {false, true}) {
    std::vector<Ref<WeakReference>> weak;
    int calls = 0;
    auto node = create<Node>();
    weak.push_back(WeakReference::create(*node));
    for (int i = 0; i < 5; ++i) {
      weak.push_back(WeakReference::create(*node, create<Callback>([&](WeakReference&) {
        ++calls;
        for (const auto& other : weak) {
          EXPECT_TRUE(other->is_dead());
          EXPECT_EQ(other->get(), nullptr);
        }
      })));
    }
    if (cyclic) node->first.store(node);
    node.reset();
    EXPECT_EQ(collect(), cyclic ? 1u : 0u);
    EXPECT_EQ(calls, 5);
  }
}

TEST_F(Conformance, W06_on_the_count_the_newest_callback_is_called_first) {
  std::string called;
  auto node = create<Node>();
  std::vector<Ref<WeakReference>> weak;
  for (char name = 'a'; name <= 'e'; ++name) {
    weak.push_back(WeakReference::create(
        *node, create<Callback>([&called, name](WeakReference&) { called += name; })));
    weak.push_back(WeakReference::create(*node));
  }
  node.reset();
  EXPECT_EQ(called, "edcba");
}

TEST_F(Conformance, W07_without_a_callback_it_is_the_same_one_each_time) {
  const auto node = create<Node>();
  const auto weak = WeakReference::create(*node);
  EXPECT_EQ(WeakReference::create(*node), weak);
  EXPECT_EQ(WeakReference::create(*node, nullptr), weak);
  int calls = 0;
  const auto other = WeakReference::create(*node, counting(calls));
  EXPECT_EQ(WeakReference::create(*node), weak);
}

// Nothing inherits from WeakReference: what stands apart from the basic one has a callback.
TEST_F(Conformance, W09_those_with_callbacks_are_never_shared) {
  int calls = 0;
  const auto node = create<Node>();
  const auto callback = counting(calls);
  const auto first = WeakReference::create(*node, callback);
  const auto basic = WeakReference::create(*node);
  const auto second = WeakReference::create(*node, callback);
  EXPECT_FALSE(first == second);
  EXPECT_FALSE(first == basic);
  EXPECT_FALSE(second == basic);
  EXPECT_EQ(WeakReference::create(*node), basic);
  EXPECT_EQ(weak_references_to(*node)->size(), 3u);
}

TEST_F(Conformance,
       W10_the_weak_references_to_an_object_are_listed_the_basic_one_first) {
  int calls = 0;
  const auto node = create<Node>();
  const auto first = WeakReference::create(*node, counting(calls));
  const auto second = WeakReference::create(*node, counting(calls));
  const auto basic = WeakReference::create(*node);
  { const auto dies = WeakReference::create(*node, counting(calls)); }
  const auto list = weak_references_to(*node);
  ASSERT_EQ(list->size(), 3u);
  EXPECT_EQ(list->get(0), basic);
  EXPECT_TRUE(contains(list, first.get()) && contains(list, second.get()));
}

TEST_F(Conformance, W12_a_weak_reference_that_goes_leaves_the_list) {
  int calls = 0;
  const auto node = create<Node>();
  EXPECT_EQ(weak_references_to(*node)->size(), 0u);
  {
    const auto basic = WeakReference::create(*node);
    const auto other = WeakReference::create(*node, counting(calls));
    EXPECT_EQ(weak_references_to(*node)->size(), 2u);
  }
  EXPECT_EQ(weak_references_to(*node)->size(), 0u);
}

TEST_F(Conformance, W13_one_that_dies_before_its_target_is_not_called_back) {
  int calls = 0;
  auto node = create<Node>();
  { const auto dies = WeakReference::create(*node, counting(calls)); }
  // And in a cycle of its own, which a collection ends.
  {
    auto callback = counting(calls);
    callback->owner.store(WeakReference::create(*node, callback));
  }
  EXPECT_EQ(collect(), 2u);
  node.reset();
  EXPECT_EQ(calls, 0);
}

TEST_F(Conformance, W14_a_weak_reference_that_is_trash_with_its_target_is_not_called) {
  int calls = 0;
  const auto callback = counting(calls);
  for (int shape = 0; shape < 2; ++shape) {
    // One weak reference to each other, or to itself.
    auto a = create<Node>();
    auto b = create<Node>();
    a->first.store(b);
    b->first.store(a);
    a->second.store(WeakReference::create(shape == 0 ? *b : *a, callback));
    b->second.store(WeakReference::create(shape == 0 ? *a : *b, callback));
    a.reset();
    b.reset();
    EXPECT_EQ(collect(), 4u);
  }
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(refcount(*callback), 1);
}

TEST_F(Conformance, W15_a_weak_reference_from_outside_to_trash_is_called_back) {
  int calls = 0;
  auto node = make_cyclic_node();
  const auto weak =
      WeakReference::create(*node, create<Callback>([&](WeakReference& reference) {
        ++calls;
        EXPECT_EQ(reference.get(), nullptr);
      }));
  node.reset();
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(collect(), 1u);
  EXPECT_EQ(calls, 1);
}

TEST_F(Conformance, W16_a_callback_cannot_reach_trash_through_another_weak_reference) {
  int calls = 0;
  std::atomic<int> deaths{0};
  auto a = create<Node>(&deaths);
  auto b = create<Node>(&deaths);
  a->first.store(b);
  b->first.store(a);
  const auto to_a = WeakReference::create(*a);
  const auto to_b = WeakReference::create(*b, create<Callback>([&](WeakReference&) {
    ++calls;
    EXPECT_EQ(to_a->get(), nullptr);
    EXPECT_EQ(deaths.load(), 0);
  }));
  a.reset();
  b.reset();
  EXPECT_EQ(collect(), 2u);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(deaths.load(), 2);
}

TEST_F(Conformance, W17_a_weak_reference_to_a_callback_is_called_the_callback_is_not) {
  int of_trash = 0;
  int of_callback = 0;
  Ref<WeakReference> outside;
  {
    auto callback = counting(of_trash);
    auto node = make_cyclic_node();
    node->second.store(WeakReference::create(*node, callback));
    callback->owner.store(node);
    outside = WeakReference::create(*callback, counting(of_callback));
  }
  EXPECT_EQ(collect(), 3u);
  EXPECT_EQ(of_callback, 1);
  EXPECT_EQ(of_trash, 0);
}

TEST_F(Conformance, W18_a_callback_whose_owner_is_collected_sees_nothing_half_cleared) {
  int calls = 0;
  std::atomic<int> deaths{0};
  const auto look = [&](WeakReference&) {
    ++calls;
    EXPECT_EQ(deaths.load(), 0);
  };
  // In a cycle with the target.
  auto target = create<Node>(&deaths);
  auto callback = create<Callback>(look);
  callback->owner.store(target);
  target->first.store(WeakReference::create(*target, callback));
  target.reset();
  callback.reset();
  EXPECT_EQ(collect(), 3u);
  // Which reaches the target, but not the other way round.
  target = make_cyclic_node(&deaths);
  callback = create<Callback>(look);
  auto owner = make_cyclic_node(&deaths);
  callback->owner.store(target);
  owner->second.store(WeakReference::create(*target, callback));
  owner->third.store(callback);
  for (Ref<Node>* node : {&owner, &target}) node->reset();
  callback.reset();
  EXPECT_EQ(collect(), 4u);
  // Which the target reaches.
  target = make_cyclic_node(&deaths);
  callback = create<Callback>(look);
  owner = make_cyclic_node(&deaths);
  callback->owner.store(owner);
  owner->second.store(WeakReference::create(*target, callback));
  target->second.store(callback);
  for (Ref<Node>* node : {&owner, &target}) node->reset();
  callback.reset();
  EXPECT_EQ(collect(), 4u);
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(deaths.load(), 5);
}

TEST_F(Conformance, W19_a_callback_may_collect_and_the_dying_object_ends_once) {
  std::atomic<int> deaths{0};
  int calls = 0;
  const auto collects = create<Callback>([&](WeakReference&) {
    ++calls;
    make_cyclic_list().reset();
    EXPECT_EQ(collect(), 1u);
  });
  // At the end of the object itself, and of one that kept it.
  auto node = create<Node>(&deaths);
  auto weak = WeakReference::create(*node, collects);
  node.reset();
  EXPECT_EQ(deaths.load(), 1);
  node = create<Node>(&deaths);
  weak = WeakReference::create(*node, collects);
  auto keeper = create<Node>(&deaths);
  keeper->first.store(node);
  node.reset();
  keeper.reset();
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(deaths.load(), 3);
}

TEST_F(Conformance, W20_making_a_weak_reference_may_collect_others_of_its_target) {
  gc().set_threshold({1, 10, 10});
  gc().enable();
  int calls = 0;
  const auto node = create<Node>();
  const auto callback = counting(calls);
  std::uint64_t collected_by_making = 0;
  const auto make_weak = [&](Ref<Object> its_callback) {
    const std::uint64_t before = gc().stats()[0].collected;
    auto made = WeakReference::create(*node, std::move(its_callback));
    EXPECT_EQ(made->get(), node);
    collected_by_making += gc().stats()[0].collected - before;
    return made;
  };
  std::vector<Ref<WeakReference>> kept;
  for (int i = 0; i < scaled(20'000); ++i) {
    auto trash = make_cyclic_node();
    trash->second.store(make_weak(callback));
    trash->third.store(make_weak(nullptr));
    if (i % 100 == 0) kept.push_back(make_weak(callback));
  }
  EXPECT_GT(collected_by_making, 0u);
  gc().disable();
  (void)collect();
  EXPECT_EQ(weak_references_to(*node)->size(), kept.size());
  for (const auto& weak : kept) EXPECT_EQ(weak->get(), node);
  EXPECT_EQ(calls, 0);
}

// Nothing sets it but making the weak reference.
TEST_F(Conformance, W22_it_tells_its_callback_until_the_target_dies) {
  int calls = 0;
  const auto callback = counting(calls);
  auto node = create<Node>();
  const auto with = WeakReference::create(*node, callback);
  const auto without = WeakReference::create(*node);
  EXPECT_EQ(with->callback(), callback);
  EXPECT_EQ(with->callback(), callback);
  EXPECT_EQ(without->callback(), nullptr);
  node.reset();
  EXPECT_EQ(with->callback(), nullptr);
  EXPECT_EQ(without->callback(), nullptr);
}

TEST_F(Conformance, W24_they_are_equal_as_living_targets_are_and_dead_by_identity) {
  auto one = create<Str>("same");
  auto equal = create<Str>("same");
  const auto other = create<Str>("other");
  const auto number = create<Int>(1);
  const auto to_one = WeakReference::create(*one);
  const auto to_equal = WeakReference::create(*equal);
  const auto to_other = WeakReference::create(*other);
  const auto to_number = WeakReference::create(*number);
  EXPECT_TRUE(are_equal_references(*to_one, *to_equal));
  EXPECT_TRUE(are_equal_references(*to_one, *to_one));
  EXPECT_FALSE(are_equal_references(*to_one, *to_other));
  EXPECT_FALSE(are_equal_references(*to_one, *to_number));
  EXPECT_FALSE(are_equal(*to_one, *one));  // of different types
  one.reset();
  EXPECT_FALSE(are_equal_references(*to_one, *to_equal));
  EXPECT_FALSE(are_equal_references(*to_equal, *to_one));
  equal.reset();
  EXPECT_FALSE(are_equal_references(*to_one, *to_equal));
  EXPECT_TRUE(are_equal_references(*to_one, *to_one));
}

template <class T>
concept IsOrdered = requires(const T& a, const T& b) {
  a < b;
}
|| requires(const T& a, const T& b) { a > b; }
|| requires(const T& a, const T& b) { a <= b; }
|| requires(const T& a, const T& b) { a >= b; };

TEST_F(Conformance, W25_they_have_no_order) {
  static_assert(IsOrdered<int>);
  static_assert(!IsOrdered<WeakReference> && !IsOrdered<Weak<Node>> &&
                !IsOrdered<Ref<WeakReference>>);
}

TEST_F(Conformance, W26_the_hash_is_the_targets_and_survives_it_if_it_was_known) {
  int calls = 0;
  auto text = create<Str>("text");
  const std::uint64_t hash = hash_of(*text);
  const auto asked = WeakReference::create(*text);
  const auto never_asked = WeakReference::create(*text, counting(calls));
  EXPECT_EQ(hash_of_target(*asked), hash);
  text.reset();
  EXPECT_EQ(hash_of_target(*asked), hash);
  EXPECT_EQ(hash_of_target(*never_asked), std::nullopt);
}

TEST_F(Conformance, W33_clearing_without_callbacks_calls_nobody) {
  int calls = 0;
  auto node = create<Node>();
  const auto weak = WeakReference::create(*node, counting(calls));
  const auto basic = WeakReference::create(*node);
  const auto clear = [](Object& object) {
    WeakCallbacks callbacks;
    clear_weak_references(object, callbacks);
    callbacks.forget();
  };
  clear(*node);
  EXPECT_TRUE(weak->is_dead() && basic->is_dead());
  EXPECT_EQ(weak_references_to(*node)->size(), 0u);
  node.reset();
  EXPECT_EQ(calls, 0);
  // Of what has none, and of what nobody ever referenced weakly.
  clear(*none());
  clear(*create<Int>(1));
}

// Callbacks are not skipped: nothing of it needs memory.
TEST_F(Conformance, W34_weak_references_are_cleared_when_memory_has_run_out) {
  const Detached meanwhile;
  std::jthread([] {
    const auto runtime = Runtime::create({.arena_bytes = std::uint64_t{8} << 20});
    const Attached here(*runtime);
    runtime->gc().disable();
    int calls = 0;
    auto node = create<Node>();
    std::vector<Ref<WeakReference>> weak = {WeakReference::create(*node)};
    for (int i = 0; i < 1000; ++i)
      weak.push_back(WeakReference::create(*node, counting(calls)));
    std::vector<Ref<Object>> filling;
    const auto fill = [&](auto make_one) {
      while (Ref<Object> made = make_one()) filling.push_back(std::move(made));
    };
    const auto make_weak = [&]() -> Ref<Object> {
      auto callback = make<Callback>([](WeakReference&) {});
      return callback ? WeakReference::create(*filling[0], callback) : nullptr;
    };
    fill([]() -> Ref<Object> { return make<Int>(1); });
    fill(make_weak);
    fill([]() -> Ref<Object> { return make<Node>(); });
    fill([]() -> Ref<Object> { return make<List>(); });
    EXPECT_EQ(make_weak(), nullptr);
    node.reset();
    EXPECT_EQ(calls, 1000);
    for (const auto& reference : weak) EXPECT_EQ(reference->get(), nullptr);
  }).join();
}

// A function and its object, bound by nothing but the WeakMethod.
TEST_F(Conformance, W35_a_weak_method_lives_as_both_do_and_is_called_back_once) {
  for (const bool object_first : {true, false}) {
    int calls = 0;
    auto instance = create<Instance>(kThing);
    auto function = create<Function>(do_nothing);
    const auto method = WeakMethod::create(
        *instance, *function, create<Callback>([&](WeakReference& reference) {
          ++calls;
          EXPECT_TRUE(reference.is_dead());
        }));
    EXPECT_EQ(method.get().self, instance);
    EXPECT_EQ(method.get().function, function);
    EXPECT_EQ(calls, 0);
    object_first ? instance.reset() : function.reset();
    EXPECT_FALSE(method.get());
    EXPECT_EQ(method.get().self, nullptr);
    EXPECT_EQ(method.get().function, nullptr);
    EXPECT_EQ(calls, 1);
    instance.reset();
    function.reset();
    EXPECT_EQ(calls, 1);
  }
}

TEST_F(Conformance, W36_a_weak_method_is_in_no_cycle) {
  int calls = 0;
  auto instance = create<Instance>(kThing);
  auto function = create<Function>(do_nothing);
  auto method = WeakMethod::create(*instance, *function, counting(calls));
  instance.reset();
  function.reset();
  method = {};
  EXPECT_EQ(runtime_->live_objects(), 0u);
  EXPECT_EQ(collect(), 0u);
}

TEST_F(Conformance, W37_an_item_of_a_weak_value_dict_goes_as_its_value_dies) {
  auto dict = WeakValueDict::create();
  std::vector<Ref<Node>> values;
  for (int i = 0; i < 10; ++i) {
    values.push_back(create<Node>());
    ASSERT_TRUE(dict.set(create<Int>(i), values.back()));
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(dict.size(), 10u - static_cast<std::size_t>(i));
    EXPECT_EQ(dict.get(create<Int>(i)), values[static_cast<std::size_t>(i)]);
    values[static_cast<std::size_t>(i)].reset();
    EXPECT_EQ(dict.get(create<Int>(i)), nullptr);
  }
  EXPECT_EQ(dict.size(), 0u);
}

// Lists of items stand for iterators: they keep what they list alive, as those do with the
// item that they are at.
TEST_F(Conformance, W39_items_that_die_meanwhile_disturb_no_iteration_and_go_after_it) {
  auto values = WeakValueDict::create();
  auto keys = WeakKeyDict::create();
  std::vector<Ref<Node>> nodes;
  for (int i = 0; i < 10; ++i) {
    nodes.push_back(create<Node>());
    ASSERT_TRUE(values.set(create<Int>(i), nodes.back()));
    ASSERT_TRUE(keys.set(nodes.back(), create<Int>(i)));
  }
  {
    const auto of_values = values.items();
    const auto of_keys = keys.items();
    nodes.clear();
    ASSERT_EQ(of_values->size(), 20u);
    ASSERT_EQ(of_keys->size(), 20u);
    for (std::size_t i = 0; i < 20; i += 2) {
      EXPECT_EQ(cast<Int>(of_values->get(i))->value(), static_cast<int>(i / 2));
      EXPECT_EQ(of_values->get(i + 1), of_keys->get(i));
    }
    EXPECT_EQ(values.size(), 10u);
    EXPECT_EQ(keys.size(), 10u);
  }
  EXPECT_EQ(values.size(), 0u);
  EXPECT_EQ(keys.size(), 0u);
}

// `add(index, a cyclic object that dies)` puts it into a cache of the `size()`.
template <class Add, class Size>
void expect_size_to_fall(Gc gc, Add add, Size size) {
  constexpr std::size_t kItems = 500;
  for (const std::uint64_t threshold : {1u, 50u, 1000u}) {
    gc.set_threshold({threshold, 10, 10});
    {
      std::vector<Ref<Node>> nodes;
      for (std::size_t i = 0; i < kItems; ++i) {
        nodes.push_back(make_cyclic_node());
        add(i, nodes.back());
      }
      EXPECT_EQ(size(), kItems);
    }
    gc.enable();
    std::size_t last = kItems;
    for (unsigned step = 0; step < 200; ++step) {
      const std::size_t now = size();
      EXPECT_LE(now, last);
      last = now;
      (void)create<List>();
      if (step % 50 == 49) (void)gc.collect(step / 50 % 3);
    }
    gc.disable();
    (void)gc.collect();
    EXPECT_EQ(size(), 0u);
  }
}

TEST_F(Conformance, W40_the_size_falls_as_cyclic_items_are_collected_to_0_in_the_end) {
  auto values = WeakValueDict::create();
  expect_size_to_fall(
      gc(),
      [&](std::size_t i, const Ref<Node>& node) {
        ASSERT_TRUE(values.set(create<Int>(static_cast<std::int64_t>(i)), node));
      },
      [&] { return values.size(); });
  auto keys = WeakKeyDict::create();
  expect_size_to_fall(
      gc(),
      [&](std::size_t, const Ref<Node>& node) { ASSERT_TRUE(keys.set(node, none())); },
      [&] { return keys.size(); });
}

TEST_F(Conformance, W41_an_old_value_that_dies_does_not_take_the_new_one_with_it) {
  auto dict = WeakValueDict::create();
  const auto key = create<Int>(10);
  auto old_value = create<Node>();
  ASSERT_TRUE(dict.set(key, old_value));
  const auto new_value = create<Node>();
  ASSERT_TRUE(dict.set(key, new_value));
  old_value.reset();
  EXPECT_EQ(dict.size(), 1u);
  EXPECT_EQ(dict.get(key), new_value);
  const CollectingThread collecting(*runtime_);
  for (int i = 0; i < scaled(20'000); ++i) {
    const auto value = make_cyclic_node();
    ASSERT_TRUE(dict.set(key, value));
    ASSERT_EQ(dict.size(), 1u);
    ASSERT_EQ(dict.get(key), value);
  }
}

// Null says that the value has died, as Python's default does.
TEST_F(Conformance, W42_set_default_and_pop_give_a_whole_value_under_collections) {
  auto dict = WeakValueDict::create();
  const auto key = create<Int>(10);
  const CollectingThread collecting(*runtime_);
  int popped = 0;
  for (int i = 0; i < scaled(20'000); ++i) {
    Ref<Node> value = make_cyclic_node();
    value->second.store(value);
    auto found = cast<Node>(dict.set_default(key, std::move(value)));
    ASSERT_TRUE(found);
    ASSERT_EQ(found->first.load(), found);
    found.reset();
    if (i % 3 != 0) continue;
    const Ref<Object> taken = dict.pop(key);
    if (!taken) continue;
    ++popped;
    ASSERT_EQ(cast<Node>(taken)->second.load(), taken);
  }
  EXPECT_GT(popped, 0);
}

TEST_F(Conformance, W43_a_large_weak_dict_is_copied_while_others_pop_and_collect) {
  const int items = scaled(70'000);
  auto values = WeakValueDict::create();
  auto keys = WeakKeyDict::create();
  std::vector<Ref<Object>> numbers;
  std::vector<Ref<Node>> nodes;
  for (int i = 0; i < items; ++i) {
    numbers.push_back(create<Int>(i));
    nodes.push_back(create<Node>());
    nodes.back()->first.store(nodes.back());
    ASSERT_TRUE(values.set(numbers.back(), nodes.back()));
    ASSERT_TRUE(keys.set(nodes.back(), numbers.back()));
  }
  on_threads(
      1, 1,
      [&](int) {
        for (int i = 0; i < items; ++i) {
          auto& node = nodes[static_cast<std::size_t>(i)];
          const Ref<Object> popped = i % 2 == 0 ? keys.pop(node) : keys.get(node);
          EXPECT_EQ(popped, numbers[static_cast<std::size_t>(i)]);
          node.reset();
          if (i % (items / 8) == 0) (void)gc().collect();
        }
      },
      [&] {
        const auto of_values = values.items();
        auto copy = WeakValueDict::create();
        for (std::size_t i = 0; i < of_values->size(); i += 2) {
          const auto value = of_values->get(i + 1);
          ASSERT_TRUE(copy.set(of_values->get(i), value));
          ASSERT_EQ(cast<Node>(value)->first.load(), value);
        }
        EXPECT_EQ(copy.size(), of_values->size() / 2);
        const auto of_keys = keys.items();
        auto copy_of_keys = WeakKeyDict::create();
        for (std::size_t i = 0; i < of_keys->size(); i += 2)
          ASSERT_TRUE(copy_of_keys.set(of_keys->get(i), of_keys->get(i + 1)));
        EXPECT_EQ(copy_of_keys.size(), of_keys->size() / 2);
      });
  (void)collect();
  EXPECT_EQ(values.size(), 0u);
  EXPECT_EQ(keys.size(), 0u);
}

// Every object can be a key; null, which is none, is refused.
TEST_F(Conformance, W44_an_absent_key_cannot_be_erased_and_a_key_that_is_none_not_set) {
  auto dict = WeakKeyDict::create();
  const auto node = create<Node>();
  EXPECT_FALSE(dict.erase(node));
  EXPECT_EQ(dict.pop(node), nullptr);
  EXPECT_FALSE(dict.set(nullptr, node));
  ASSERT_TRUE(dict.set(node, none()));
  EXPECT_TRUE(dict.erase(node));
  EXPECT_FALSE(dict.erase(node));
  auto values = WeakValueDict::create();
  EXPECT_FALSE(values.erase(create<Int>(1)));
  EXPECT_FALSE(values.set(create<Int>(1), nullptr));
  EXPECT_FALSE(values.set(nullptr, node));
}

TEST_F(Conformance, W46_a_weak_set_loses_its_items_as_they_die) {
  auto set = WeakSet::create();
  auto one = create<Node>();
  auto other = create<Node>();
  EXPECT_EQ(set.add(one), WeakSet::Add::added);
  EXPECT_EQ(set.add(other), WeakSet::Add::added);
  EXPECT_EQ(set.add(one), WeakSet::Add::was_there);
  EXPECT_EQ(set.size(), 2u);
  one.reset();
  EXPECT_EQ(set.size(), 1u);
  EXPECT_TRUE(set.contains(other));
  {
    const auto items = set.items();
    Node* const raw = other.get();
    other.reset();
    ASSERT_EQ(items->size(), 1u);
    EXPECT_EQ(items->get(0).get(), raw);
    EXPECT_EQ(set.size(), 1u);
  }
  EXPECT_EQ(set.size(), 0u);
  expect_size_to_fall(
      gc(),
      [&](std::size_t, const Ref<Node>& node) {
        ASSERT_EQ(set.add(node), WeakSet::Add::added);
      },
      [&] { return set.size(); });
}

// What an AtDeath calls. A call has no result here, but says whether it was made.
struct Action : Object {
  explicit Action(std::function<void(Object&)> function)
      : called(std::move(function)) {}
  static constexpr const char* kTypeName = "action";
  static void call(Action& self, Object& argument) { self.called(argument); }
  std::function<void(Object&)> called;
};

TEST_F(Conformance, W47_a_call_at_death_is_made_once_or_detached_once) {
  int calls = 0;
  auto node = create<Node>();
  const auto argument = create<Int>(7);
  const auto action = create<Action>([&](Object& given) {
    ++calls;
    EXPECT_EQ(&given, argument.get());
  });
  auto called = at_death(*node, action, argument);
  EXPECT_TRUE(called.is_alive());
  const auto expect_details = [&](const AtDeath::Details& details) {
    EXPECT_EQ(details.target, node);
    EXPECT_EQ(details.action, action);
    EXPECT_EQ(details.argument, argument);
  };
  expect_details(called.peek());
  EXPECT_TRUE(called.is_alive());
  EXPECT_TRUE(called.call());
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(called.is_alive());
  EXPECT_FALSE(called.call());
  EXPECT_EQ(called.peek().target, nullptr);
  EXPECT_EQ(called.detach().target, nullptr);
  auto detached = at_death(*node, action, argument);
  expect_details(detached.detach());
  EXPECT_FALSE(detached.is_alive());
  EXPECT_EQ(detached.peek().target, nullptr);
  EXPECT_EQ(detached.detach().target, nullptr);
  EXPECT_FALSE(detached.call());
  auto left = at_death(*node, action, argument);
  node.reset();
  EXPECT_EQ(calls, 2);
  EXPECT_FALSE(left.is_alive());
  EXPECT_FALSE(left.call());
  EXPECT_EQ(left.peek().target, nullptr);
  EXPECT_EQ(calls, 2);
}

TEST_F(Conformance, W48_calls_at_death_are_kept_and_made_with_the_newest_first) {
  std::string called;
  auto node = create<Node>();
  for (char name = 'a'; name <= 'e'; ++name)
    (void)at_death(*node, create<Action>([&called, name](Object&) { called += name; }));
  (void)collect();
  EXPECT_EQ(called, "");
  node.reset();
  EXPECT_EQ(called, "edcba");
}

TEST_F(Conformance, W49_after_a_call_at_death_all_of_it_is_free) {
  auto node = create<Node>();
  auto action = create<Action>([](Object&) {});
  auto argument = create<List>();
  const Weak<Action> to_action(action);
  const Weak<List> to_argument(argument);
  auto handle = at_death(*node, action, argument);
  action.reset();
  argument.reset();
  (void)collect();
  EXPECT_FALSE(to_action.expired() || to_argument.expired());
  node.reset();
  EXPECT_TRUE(to_action.expired() && to_argument.expired());
  handle = {};
  EXPECT_EQ(runtime_->live_objects(),
            3u);  // two weak references, the dict of the calls
}

// The exit is the end of the runtime. Nothing throws.
TEST_F(Conformance, W50_at_the_end_what_is_left_is_called_with_the_newest_first) {
  const Detached meanwhile;
  std::string called;
  std::jthread([&] {
    auto runtime = Runtime::create();
    {
      const Attached here(*runtime);
      const auto node = create<Node>();
      ASSERT_TRUE(runtime->gc().roots()->append(node));
      const auto add = [node = node.get(), &called](char name, AtDeath::AtEnd at_end) {
        (void)AtDeath::create(
            *node, create<Action>([&called, name](Object&) { called += name; }),
            nullptr, at_end);
      };
      add('a', AtDeath::AtEnd::called);
      add('b', AtDeath::AtEnd::forgotten);
      (void)AtDeath::create(*node, create<Action>([&called, add](Object&) {
        called += 'c';
        add('x', AtDeath::AtEnd::called);
      }));
      add('d', AtDeath::AtEnd::called);
      AtDeath::create(*node, create<Action>([&](Object&) { called += 'e'; })).detach();
    }
    EXPECT_EQ(called, "");
    runtime.reset();
  }).join();
  EXPECT_EQ(called, "dcxa");
}

}  // namespace
}  // namespace threadmill
