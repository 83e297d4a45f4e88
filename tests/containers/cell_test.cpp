// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/cell.hpp"

#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/containers/number.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using CellTest = ObjectTest;

TEST_F(CellTest, holds_what_was_put_in_last_or_nothing) {
  auto cell = make<Cell>();
  EXPECT_EQ(cell->get(), nullptr);
  auto first = make<Int>(1);
  auto second = make<Int>(2);
  cell->set(first);
  EXPECT_EQ(cell->get(), first);
  EXPECT_EQ(cell->exchange(second), first);
  EXPECT_EQ(cell->get(), second);
  cell->clear();
  EXPECT_EQ(cell->get(), nullptr);
  EXPECT_EQ(cell->exchange(nullptr), nullptr);
  EXPECT_EQ(make<Cell>(first)->get(), first);
}

TEST_F(CellTest, counts_one_reference_to_its_content) {
  std::atomic<int> deaths{0};
  auto content = make<Mortal>(deaths);
  auto cell = make<Cell>(content);
  EXPECT_EQ(refcount(*content), 2);
  cell->set(content);
  EXPECT_EQ(refcount(*content), 2);
  cell->clear();
  EXPECT_EQ(refcount(*content), 1);
  cell->set(std::move(content));
  EXPECT_EQ(deaths.load(), 0);
  cell->set(make<Mortal>(deaths));
  EXPECT_EQ(deaths.load(), 1);
  cell.reset();
  EXPECT_EQ(deaths.load(), 2);
}

// tC22: what is read was put there, and what is exchanged is neither lost nor doubled.
TEST_F(CellTest, many_threads_get_and_exchange_what_was_put_in) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 5000;
  std::atomic<int> deaths{0};
  auto cell = make<Cell>(make<Mortal>(deaths));
  {
    const Detached while_waiting;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        for (int i = 0; i < kRounds; ++i) {
          ASSERT_EQ(type_of(*cell->get()).name, Mortal::kTypeName);
          ASSERT_TRUE(cell->exchange(make<Mortal>(deaths)));
        }
        leave();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  safepoint();
  EXPECT_EQ(deaths.load(), kThreads * kRounds);
  cell->clear();
  safepoint();
  EXPECT_EQ(deaths.load(), kThreads * kRounds + 1);
}

}  // namespace
}  // namespace threadmill
