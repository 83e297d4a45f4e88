// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/instance.hpp"

#include <string>
#include <vector>

#include "runtime/containers/cell.hpp"
#include "runtime/containers/number.hpp"
#include "runtime/containers/string_table.hpp"
#include "runtime/object/weak.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

// Tells a cell in the slot `log` how often it ran, and keeps the object in the cell in
// the slot `keep`, if there is one.
void log_end(Instance& self) noexcept {
  const auto log = cast<Cell>(self.get("log"));
  const auto before = cast<Int>(log->get());
  log->set(make<Int>(before ? before->value() + 1 : 1));
  if (const auto keep = cast<Cell>(self.get("keep")))
    keep->set(Ref<Instance>::share(&self));
}

const Class kPoint({.name = "point", .slots = {"x", "y"}});
const Class kPoint3({.name = "point3", .slots = {"z"}, .base = &kPoint});
const Class kEmpty({.name = "empty"});
const Class kMixed({.name = "mixed", .base = &kEmpty});
const Class kOpen({.name = "open", .has_dict = true});
const Class kOpenPoint({.name = "open_point", .has_dict = true, .base = &kPoint});
const Class kChildOfOpen({.name = "child_of_open", .slots = {"x"}, .base = &kOpen});
const Class kMortal({.name = "mortal_instance",
                     .slots = {"log", "keep"},
                     .finalize = log_end});
const Class kChildOfMortal({.name = "child_of_mortal", .base = &kMortal});

using SetResult = Instance::SetResult;

class InstanceTest : public ObjectTest {
 protected:
  InstanceTest() { runtime_.world().strings = &table_; }

  static void set(Instance& instance, std::string_view name, Ref<Object> value) {
    ASSERT_EQ(instance.set(name, std::move(value)), SetResult::done);
  }
  static std::int64_t int_in(const Instance& instance, std::string_view name) {
    const auto value = cast<Int>(instance.get(name));
    return value ? value->value() : -1;
  }

  StringTable table_;
};

TEST_F(InstanceTest, slots_are_independent_and_give_what_was_set) {  // tS03
  auto point = make<Instance>(kPoint);
  set(*point, "x", make<Int>(1));
  set(*point, "y", make<Int>(2));
  EXPECT_EQ(int_in(*point, "x"), 1);
  EXPECT_EQ(int_in(*point, "y"), 2);
  set(*point, "x", make<Int>(3));
  EXPECT_TRUE(point->erase("y"));
  EXPECT_EQ(int_in(*point, "x"), 3);
  EXPECT_EQ(point->get("y"), nullptr);
  set(*point, "y", make<Int>(4));
  EXPECT_EQ(int_in(*point, "y"), 4);
}

TEST_F(InstanceTest, a_class_with_slots_and_no_dict_rejects_other_names) {  // tS01
  auto point = make<Instance>(kPoint);
  EXPECT_EQ(point->set("z", make<Int>(1)), SetResult::no_such_attribute);
  EXPECT_EQ(point->get("z"), nullptr);
  EXPECT_FALSE(point->erase("z"));
  EXPECT_EQ(point->dict(), nullptr);
  EXPECT_FALSE(point->set_dict(make<Dict>()));
}

TEST_F(InstanceTest, an_unset_slot_has_no_value_and_cannot_be_erased) {  // tS02
  auto point = make<Instance>(kPoint);
  EXPECT_EQ(point->get("x"), nullptr);
  EXPECT_FALSE(point->erase("x"));
  set(*point, "x", make<Int>(1));
  EXPECT_TRUE(point->erase("x"));
  EXPECT_FALSE(point->erase("x"));
}

TEST_F(InstanceTest, slot_names_are_identifiers_and_differ) {  // tS04
  for (const std::string_view bad :
       {std::string_view("", 0), std::string_view("1a"), std::string_view("a b"),
        std::string_view("a\0", 2)})
    EXPECT_DEATH(const Class bad_class({.name = "bad", .slots = {"good", bad}}),
                 "slot-names-are-identifiers");
  EXPECT_DEATH(const Class twice({.name = "bad", .slots = {"a", "a"}}),
               "slot-names-differ");
  EXPECT_DEATH(const Class again({.name = "bad", .slots = {"x"}, .base = &kPoint}),
               "slot-names-differ");
}

TEST_F(InstanceTest, values_are_dropped_exactly_when_the_object_dies) {  // tS05
  for (const Class* each : {&kPoint, &kPoint3, &kOpenPoint}) {
    std::atomic<int> deaths{0};
    auto instance = make<Instance>(*each);
    set(*instance, "x", make<Mortal>(deaths));
    set(*instance, "y", make<Mortal>(deaths));
    if (each != &kPoint) set(*instance, "z", make<Mortal>(deaths));
    EXPECT_EQ(deaths.load(), 0);
    set(*instance, "x", make<Mortal>(deaths));
    EXPECT_EQ(deaths.load(), 1);
    instance.reset();
    EXPECT_EQ(deaths.load(), each == &kPoint ? 3 : 4);
  }
}

TEST_F(InstanceTest, a_dict_is_inherited_and_can_be_added) {  // tS06
  for (const Class* each : {&kOpen, &kOpenPoint, &kChildOfOpen}) {
    auto instance = make<Instance>(*each);
    set(*instance, "anything", make<Int>(1));
    set(*instance, "x", make<Int>(2));
    EXPECT_EQ(int_in(*instance, "anything"), 1);
    EXPECT_EQ(int_in(*instance, "x"), 2);
    EXPECT_EQ(instance->dict()->size(), each == &kOpen ? 2u : 1u);
    EXPECT_TRUE(instance->erase("anything"));
    EXPECT_FALSE(instance->erase("anything"));
    EXPECT_EQ(instance->get("anything"), nullptr);
  }
}

TEST_F(InstanceTest, bases_without_slots_cost_no_memory) {  // tS09
  const auto bytes = [](const Class& each) {
    const auto instance = make<Instance>(each);
    return page_of(instance.get()).block_bytes;
  };
  EXPECT_EQ(bytes(kEmpty), 16u);
  EXPECT_EQ(bytes(kMixed), 16u);
  EXPECT_EQ(bytes(kPoint), 32u);
}

TEST_F(InstanceTest, objects_know_their_class) {
  auto point = make<Instance>(kPoint3);
  EXPECT_EQ(&class_of(*point), &kPoint3);
  EXPECT_TRUE(kPoint3.has_instance(*point));
  EXPECT_TRUE(kPoint.has_instance(*point));
  EXPECT_FALSE(kOpen.has_instance(*point));
  EXPECT_FALSE(kPoint3.has_instance(*make<Instance>(kPoint)));
  EXPECT_FALSE(kPoint.has_instance(*make<Int>(1)));
  EXPECT_EQ(cast<Instance>(Ref<Object>(point)), point);
  EXPECT_EQ(cast<Instance>(make<Int>(1)), nullptr);
}

TEST_F(InstanceTest, slots_can_be_used_by_index) {
  const std::size_t z = kPoint3.slot_index("z");
  ASSERT_NE(z, Class::kNoSlot);
  EXPECT_EQ(kPoint.slot_index("z"), Class::kNoSlot);
  auto point = make<Instance>(kPoint3);
  EXPECT_EQ(point->exchange_slot(z, make<Int>(5)), nullptr);
  EXPECT_EQ(int_in(*point, "z"), 5);
  EXPECT_EQ(cast<Int>(point->exchange_slot(z, nullptr))->value(), 5);
  EXPECT_EQ(point->get_slot(z), nullptr);
}

TEST_F(InstanceTest, null_values_are_refused) {
  for (const Class* each : {&kPoint, &kOpen}) {
    auto instance = make<Instance>(*each);
    set(*instance, "x", make<Int>(1));
    EXPECT_EQ(instance->set("x", nullptr), SetResult::refused);
    EXPECT_EQ(int_in(*instance, "x"), 1);
  }
}

TEST_F(InstanceTest, the_dict_is_made_once_and_can_be_replaced) {
  auto instance = make<Instance>(kOpen);
  auto first = instance->dict();
  EXPECT_EQ(instance->dict(), first);
  set(*instance, "a", make<Int>(1));
  auto second = make<Dict>();
  EXPECT_TRUE(instance->set_dict(second));
  EXPECT_EQ(instance->get("a"), nullptr);
  EXPECT_EQ(instance->dict(), second);
  EXPECT_EQ(refcount(*first), 1);
  EXPECT_FALSE(instance->set_dict(nullptr));
}

TEST_F(InstanceTest, the_finalizer_runs_once_even_if_it_resurrects) {
  for (const Class* each : {&kMortal, &kChildOfMortal}) {
    auto log = make<Cell>();
    auto keep = make<Cell>();
    auto instance = make<Instance>(*each);
    set(*instance, "log", log);
    set(*instance, "keep", keep);
    const Weak<Instance> weak(instance);
    instance.reset();
    EXPECT_EQ(cast<Int>(log->get())->value(), 1);
    EXPECT_EQ(keep->get(), weak.lock());
    EXPECT_NE(keep->get().get(), nullptr);
    keep->clear();
    EXPECT_TRUE(weak.expired());
    EXPECT_EQ(cast<Int>(log->get())->value(), 1);
  }
}

// tC03: attributes set by several threads at once are all there, in one dict.
TEST_F(InstanceTest, attributes_set_by_many_threads_are_all_there) {
  constexpr int kThreads = 5;
  constexpr int kObjects = 300;
  std::vector<Ref<Instance>> objects;
  for (int i = 0; i < kObjects; ++i) objects.push_back(make<Instance>(kOpen));
  {
    const Detached while_waiting;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        for (const auto& object : objects)
          set(*object, "a" + std::to_string(t), make<Int>(t));
        leave();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  for (const auto& object : objects) {
    ASSERT_EQ(object->dict()->size(), static_cast<std::size_t>(kThreads));
    for (int t = 0; t < kThreads; ++t)
      ASSERT_EQ(int_in(*object, "a" + std::to_string(t)), t);
  }
}

// tC04, tC05: every dict that was replaced is dead, and readers have one of them.
TEST_F(InstanceTest, a_dict_that_many_threads_replace_and_read_is_always_whole) {
  constexpr int kThreads = 3;
  std::atomic<int> deaths{0};
  auto object = make<Instance>(kOpen);
  set(*object, "a", make<Mortal>(deaths));
  {
    const Detached while_waiting;
    std::vector<std::thread> threads;
    std::atomic<int> writers{kThreads};
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        for (int i = 0; i < 1000; ++i) {
          auto dict = make<Dict>();
          ASSERT_TRUE(dict->set(make<Str>("a"), make<Mortal>(deaths)));
          ASSERT_TRUE(object->set_dict(std::move(dict)));
        }
        writers.fetch_sub(1);
        leave();
      });
      threads.emplace_back([&] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        while (writers.load() != 0) ASSERT_NE(object->get("a").get(), nullptr);
        leave();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  safepoint();
  EXPECT_EQ(deaths.load(), kThreads * 1000);
  object.reset();
  safepoint();
  EXPECT_EQ(deaths.load(), kThreads * 1000 + 1);
}

TEST_F(InstanceTest, readers_of_a_slot_see_it_grow) {  // tC11
  constexpr std::int64_t kLast = 20000;
  auto object = make<Instance>(kPoint);
  set(*object, "x", make<Int>(0));
  const Detached while_waiting;
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    ASSERT_NE(enter(runtime_.world()), nullptr);
    for (std::int64_t i = 1; i <= kLast; ++i) set(*object, "x", make<Int>(i));
    leave();
  });
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      std::int64_t last = 0;
      while (last != kLast) {
        const std::int64_t seen = int_in(*object, "x");
        ASSERT_GE(seen, last);
        ASSERT_LE(seen, kLast);
        last = seen;
      }
      leave();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// --- attributes before there is a dict ---

std::vector<std::string> names_in(const Ref<Dict>& dict) {
  std::vector<std::string> names;
  const Ref<List> items = dict->items();
  for (std::size_t i = 0; i < items->size(); i += 2)
    names.emplace_back(cast<Str>(items->get(i))->view());
  return names;
}

TEST_F(InstanceTest, the_dict_has_what_was_set_before_in_the_order_of_setting) {
  auto first = make<Instance>(kOpen);
  for (const char* name : {"a", "b", "c"}) set(*first, name, make<Int>(1));
  auto second = make<Instance>(kOpen);  // the same names, in another order
  for (const char* name : {"c", "d", "a", "b"}) set(*second, name, make<Int>(2));
  EXPECT_TRUE(second->erase("d"));
  EXPECT_FALSE(second->erase("d"));
  EXPECT_FALSE(second->erase("never"));
  set(*second, "c", make<Int>(3));  // keeps its place
  EXPECT_TRUE(second->erase("a"));
  set(*second, "a", make<Int>(4));  // comes last now
  EXPECT_EQ(int_in(*second, "c"), 3);
  EXPECT_EQ(int_in(*second, "d"), -1);

  EXPECT_EQ(names_in(first->dict()), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(names_in(second->dict()), (std::vector<std::string>{"c", "b", "a"}));
  EXPECT_EQ(int_in(*second, "a"), 4);
  set(*second, "e", make<Int>(5));  // into the dict
  EXPECT_EQ(names_in(second->dict()), (std::vector<std::string>{"c", "b", "a", "e"}));
}

TEST_F(InstanceTest, more_names_than_can_be_shared_make_a_dict) {
  constexpr int kNames = 3 * static_cast<int>(SharedNames::kMost);
  auto object = make<Instance>(kChildOfOpen);
  std::vector<std::string> names;
  for (int i = 0; i < kNames; ++i) {
    names.push_back("n" + std::to_string(i));
    set(*object, names.back(), make<Int>(i));
  }
  for (int i = 0; i < kNames; ++i)
    EXPECT_EQ(int_in(*object, names[static_cast<std::size_t>(i)]), i);
  EXPECT_EQ(names_in(object->dict()), names);
}

TEST_F(InstanceTest, values_are_dropped_as_attributes_move_and_end) {
  std::atomic<int> deaths{0};
  auto object = make<Instance>(kOpenPoint);
  for (int i = 0; i < 20; ++i)
    set(*object, "n" + std::to_string(i), make<Mortal>(deaths));
  EXPECT_EQ(deaths.load(), 0);
  set(*object, "n3", make<Mortal>(deaths));
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_TRUE(object->erase("n4"));
  EXPECT_EQ(deaths.load(), 2);
  auto dict = object->dict();
  EXPECT_EQ(dict->size(), 19u);
  EXPECT_EQ(deaths.load(), 2);
  object.reset();
  EXPECT_EQ(deaths.load(), 2);
  dict.reset();
  EXPECT_EQ(deaths.load(), 21);

  object = make<Instance>(kOpenPoint);
  set(*object, "n1", make<Mortal>(deaths));
  object.reset();
  EXPECT_EQ(deaths.load(), 22);
}

// Each thread sets an attribute of its own again and again, and never reads an older value
// of it, while others make the dict of some instances.
TEST_F(InstanceTest, attributes_stay_whole_as_threads_set_them_and_make_dicts) {
  constexpr int kThreads = 4;
  constexpr std::int64_t kRounds = 400;
  std::vector<Ref<Instance>> objects;
  for (int i = 0; i < 16; ++i) objects.push_back(make<Instance>(kOpen));
  const auto use = [&](int t) {
    const std::string own = "own" + std::to_string(t);
    const std::string other = "own" + std::to_string((t + 1) % kThreads);
    for (std::int64_t i = 0; i < kRounds; ++i) {
      for (std::size_t k = 0; k < objects.size(); ++k) {
        set(*objects[k], own, make<Int>(i));
        ASSERT_EQ(int_in(*objects[k], own), i);
        ASSERT_LT(int_in(*objects[k], other), kRounds);
        if (k % 4 == 0 && i == kRounds / 2) {
          ASSERT_EQ(objects[k]->dict()->get(own), objects[k]->get(own));
        }
      }
    }
  };
  {
    const Detached while_waiting;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        use(t);
        leave();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  for (const Ref<Instance>& object : objects) {
    EXPECT_EQ(object->dict()->size(), static_cast<std::size_t>(kThreads));
    for (int t = 0; t < kThreads; ++t)
      EXPECT_EQ(int_in(*object, "own" + std::to_string(t)), kRounds - 1);
  }
}

}  // namespace
}  // namespace threadmill
