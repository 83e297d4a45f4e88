// SPDX-License-Identifier: Apache-2.0
//
// Containers with the collector: cycles through each of them.
#include <string>

#include <gtest/gtest.h>

#include "runtime/runtime.hpp"

namespace threadmill {
namespace {

class CycleTest : public testing::Test {
 protected:
  std::uint64_t collected() { return runtime_->gc().collect().collected; }

  const std::unique_ptr<Runtime> runtime_ = Runtime::create();
  const Attached here_{*runtime_};
};

const Class kNode({.name = "cycle_node", .slots = {"next"}, .has_dict = true});

void do_nothing(Function&, Object&) noexcept {}

TEST_F(CycleTest, a_cell_that_contains_itself_is_one_object) {
  auto cell = make<Cell>();
  cell->set(cell);
  cell.reset();
  EXPECT_EQ(collected(), 1u);
}

// A recursive function: def f(): f()
TEST_F(CycleTest, a_function_that_captures_itself_is_three_objects) {
  auto cell = make<Cell>();
  auto function = make<Function>(do_nothing, Tuple::create({cell}));
  cell->set(function);
  cell.reset();
  EXPECT_EQ(collected(), 0u);
  function.reset();
  EXPECT_EQ(collected(), 3u);
  EXPECT_EQ(runtime_->live_objects(), 0u);
}

TEST_F(CycleTest, a_callback_that_captures_its_weak_reference_is_collected) {
  auto object = make<List>();
  auto cell = make<Cell>();
  auto weak =
      WeakReference::create(*object, make<Function>(do_nothing, Tuple::create({cell})));
  cell->set(weak);
  weak.reset();
  cell.reset();
  EXPECT_EQ(collected(), 4u);
  object.reset();
  EXPECT_EQ(runtime_->live_objects(), 0u);
}

TEST_F(CycleTest, instances_that_refer_to_each_other_are_collected) {
  auto first = make<Instance>(kNode);
  auto second = make<Instance>(kNode);
  ASSERT_EQ(first->set("next", second), Instance::SetResult::done);
  ASSERT_EQ(second->set("other", first), Instance::SetResult::done);
  EXPECT_EQ(first->get("next"), second);
  first.reset();
  second.reset();
  EXPECT_EQ(collected(), 3u);  // and the dict of one
  EXPECT_EQ(runtime_->live_objects(), 0u);
}

TEST_F(CycleTest, a_set_refers_to_its_items) {
  auto set = make<Set>();
  auto list = make<List>();
  EXPECT_EQ(set->add(Tuple::create({make<Int>(1)})), Set::Add::added);
  ASSERT_TRUE(list->append(list));
  ASSERT_TRUE(list->append(std::move(set)));
  Object* const roots[] = {list.get()};
  EXPECT_EQ(runtime_->verify(roots).violations, 0u);
  list.reset();
  EXPECT_EQ(collected(), 2u);  // and the tuple, which is untracked
  EXPECT_EQ(runtime_->live_objects(), 0u);
}

TEST_F(CycleTest, interned_strings_die_with_the_trash_that_held_them) {
  auto list = make<List>();
  ASSERT_TRUE(list->append(list));
  ASSERT_TRUE(list->append(intern("word")));
  list.reset();
  EXPECT_EQ(collected(), 1u);
  EXPECT_EQ(runtime_->live_objects(), 0u);
}

// The table of strings is told, as the runtime ends.
TEST_F(CycleTest, interned_strings_may_be_left_when_a_runtime_ends) {
  auto list = make<List>();
  ASSERT_TRUE(list->append(list));
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(list->append(
        intern(std::string(i % 2 == 0 ? 1 : 2000, 'x') + std::to_string(i))));
}

}  // namespace
}  // namespace threadmill
