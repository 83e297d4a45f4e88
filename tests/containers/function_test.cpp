// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/function.hpp"

#include "runtime/containers/cell.hpp"
#include "runtime/containers/number.hpp"
#include "runtime/object/weak.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using FunctionTest = ObjectTest;

std::int64_t int_in(const Cell& cell) { return cast<Int>(cell.get())->value(); }

// Adds the argument, an Int, to the Int in the first captured cell.
void add_to_cell(Function& self, Object& argument) noexcept {
  const auto cell = self.captured<Cell>(0);
  cell->set(make<Int>(int_in(*cell) + static_cast<Int&>(argument).value()));
}

TEST_F(FunctionTest, functions_share_what_stands_in_a_cell) {
  auto sum = make<Cell>(make<Int>(1));
  auto first = make<Function>(add_to_cell, Tuple::create({sum}));
  auto second = make<Function>(add_to_cell, Tuple::create({sum}));
  (*first)(*make<Int>(10));
  (*second)(*make<Int>(100));
  type_of(*first).call(*first, *make<Int>(1000));
  EXPECT_EQ(int_in(*sum), 1111);
}

TEST_F(FunctionTest, what_is_captured_is_found_by_index_and_type) {
  auto number = make<Int>(7);
  auto function = make<Function>(add_to_cell, Tuple::create({number, make<Cell>()}));
  EXPECT_EQ(function->captured(0), number);
  EXPECT_EQ(function->captured<Int>(0), number);
  EXPECT_EQ(function->captured<Cell>(0), nullptr);
  EXPECT_NE(function->captured<Cell>(1).get(), nullptr);
  EXPECT_EQ(function->captured(2), nullptr);
  EXPECT_EQ(make<Function>(add_to_cell)->captured(0), nullptr);
}

TEST_F(FunctionTest, the_end_of_a_function_drops_what_it_captured) {
  std::atomic<int> deaths{0};
  auto function = make<Function>(add_to_cell, Tuple::create({make<Mortal>(deaths)}));
  EXPECT_EQ(deaths.load(), 0);
  function.reset();
  EXPECT_EQ(deaths.load(), 1);
}

TEST_F(FunctionTest, is_called_back_with_the_weak_reference) {
  auto seen = make<Cell>();
  auto object = make<Int>(1);
  const Weak<Int> weak(object,
                       make<Function>(
                           [](Function& self, Object& argument) noexcept {
                             self.captured<Cell>(0)->set(Ref<Object>::share(&argument));
                           },
                           Tuple::create({seen})));
  EXPECT_EQ(seen->get(), nullptr);
  object.reset();
  EXPECT_EQ(seen->get(), weak.reference());
}

}  // namespace
}  // namespace threadmill
