// SPDX-License-Identifier: Apache-2.0
//
// Containers with the collector: cycles through each of them.
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

}  // namespace
}  // namespace threadmill
