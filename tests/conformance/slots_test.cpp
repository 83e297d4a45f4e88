// SPDX-License-Identifier: Apache-2.0
//
// Section 3.7: slots of instances. Where Python raises AttributeError, the answer here is
// null, false or no_such_attribute; a Class that must not be fails a check.
#include <string>
#include <string_view>

#include "runtime/memory/page.hpp"
#include "tests/conformance/support.hpp"

namespace threadmill {
namespace {

using SetResult = Instance::SetResult;

const Class kPoint({.name = "point", .slots = {"x", "y"}});
const Class kPoint3({.name = "point3", .slots = {"z"}, .base = &kPoint});
const Class kOpenPoint({.name = "open_point", .has_dict = true, .base = &kPoint});
const Class kOpen({.name = "open", .has_dict = true});
const Class kOpenWithSlot({.name = "open_with_slot", .slots = {"x"}, .base = &kOpen});
const Class kMixed({.name = "mixed", .slots = {"x"}, .has_dict = true});
const Class kEmpty({.name = "empty"});
const Class kEmptyAbovePoint({.name = "empty_above_point", .base = &kPoint});
const Class kPointAboveEmpty({.name = "point_above_empty",
                              .slots = {"x", "y"},
                              .base = &kEmpty});
const Class kEmptyTwice({.name = "empty_twice", .base = &kEmptyAbovePoint});

TEST_F(Conformance, S01_a_class_without_a_dict_rejects_unknown_attributes) {
  const auto point = create<Instance>(kPoint);
  EXPECT_EQ(point->set("z", none()), SetResult::no_such_attribute);
  EXPECT_EQ(point->get("z"), nullptr);
  EXPECT_EQ(point->dict(), nullptr);
  EXPECT_FALSE(point->set_dict(create<Dict>()));
  EXPECT_EQ(create<Instance>(kEmpty)->set("x", none()), SetResult::no_such_attribute);
}

TEST_F(Conformance, S02_a_slot_that_is_not_set_can_be_neither_read_nor_erased) {
  const auto point = create<Instance>(kPoint);
  EXPECT_EQ(point->get("x"), nullptr);
  EXPECT_FALSE(point->erase("x"));
  ASSERT_EQ(point->set("x", none()), SetResult::done);
  EXPECT_TRUE(point->erase("x"));
  EXPECT_EQ(point->get("x"), nullptr);
  EXPECT_FALSE(point->erase("x"));
}

TEST_F(Conformance, S03_slots_are_set_read_and_erased_apart_from_each_other) {
  const auto point = create<Instance>(kPoint3);
  const std::string_view names[] = {"x", "y", "z"};
  for (const std::string_view name : names) {
    ASSERT_EQ(point->set(name, create<Str>(name)), SetResult::done);
  }
  for (const std::string_view name : names)
    EXPECT_EQ(cast<Str>(point->get(name))->view(), name);
  EXPECT_TRUE(point->erase("y"));
  EXPECT_EQ(cast<Str>(point->get("x"))->view(), "x");
  EXPECT_EQ(point->get("y"), nullptr);
  EXPECT_EQ(cast<Str>(point->get("z"))->view(), "z");
  ASSERT_EQ(point->set("y", none()), SetResult::done);
  EXPECT_EQ(point->get("y"), none());
}

// Names that are no text do not compile, and none is mangled: C++ has no such names.
TEST_F(Conformance, S04_names_of_slots_are_identifiers_and_one_name_is_one_slot) {
  using namespace std::string_view_literals;
  for (const std::string_view bad : {""sv, "1"sv, "a b"sv, "a\0b"sv, "a-b"sv, "foo "sv})
    EXPECT_DEATH(Class({.name = "bad", .slots = {bad}}), "slot-names-are-identifiers");
  EXPECT_EQ(kOpenWithSlot.slot_count(), 1u);
  static const Class one({.name = "one", .slots = {"abc"}});
  EXPECT_EQ(one.slot_count(), 1u);
  EXPECT_EQ(one.slot_index("abc"), 0u);
  EXPECT_EQ(one.slot_index("a"), Class::kNoSlot);
}

TEST_F(Conformance, S05_values_end_exactly_as_their_object_does) {
  for (const Class* its_class : {&kPoint, &kPoint3, &kOpenPoint, &kMixed}) {
    std::atomic<int> deaths{0};
    int values = 0;
    auto instance = create<Instance>(*its_class);
    for (const char* name : {"x", "y", "z"}) {
      if (instance->set(name, create<Node>(&deaths)) == SetResult::done) ++values;
    }
    EXPECT_EQ(values, its_class == &kPoint ? 2 : 3);
    EXPECT_EQ(deaths.load(), its_class == &kPoint ? 1 : 0);
    deaths.store(0);
    instance.reset();
    EXPECT_EQ(deaths.load(), values);
  }
}

// Any object can be referenced weakly.
TEST_F(Conformance, S06_a_dict_can_be_added_to_slots_and_slots_to_a_dict) {
  for (const Class* its_class : {&kOpenPoint, &kOpenWithSlot, &kMixed}) {
    auto instance = create<Instance>(*its_class);
    ASSERT_EQ(instance->set("x", create<Int>(1)), SetResult::done);
    ASSERT_EQ(instance->set("other", create<Int>(2)), SetResult::done);
    EXPECT_EQ(cast<Int>(instance->get("x"))->value(), 1);
    EXPECT_EQ(cast<Int>(instance->get("other"))->value(), 2);
    ASSERT_TRUE(instance->dict());
    EXPECT_EQ(instance->dict()->size(), 1u);
    const Weak<Instance> weak(instance);
    EXPECT_EQ(weak.lock(), instance);
    instance.reset();
    EXPECT_TRUE(weak.expired());
  }
}

std::uint32_t bytes_of(const Class& its_class) {
  return page_of(create<Instance>(its_class).get()).block_bytes;
}

TEST_F(Conformance, S09_classes_without_slots_of_their_own_make_no_instance_larger) {
  EXPECT_EQ(bytes_of(kEmptyAbovePoint), bytes_of(kPoint));
  EXPECT_EQ(bytes_of(kPointAboveEmpty), bytes_of(kPoint));
  EXPECT_EQ(bytes_of(kEmptyTwice), bytes_of(kPoint));
  EXPECT_GT(bytes_of(kPoint3), bytes_of(kPoint));
  EXPECT_EQ(kEmptyTwice.slot_count(), 2u);
}

}  // namespace
}  // namespace threadmill
