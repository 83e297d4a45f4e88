// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/field.hpp"

#include <vector>

#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

struct Holder : Object {
  static constexpr const char* kTypeName = "holder";
  static void traverse(Holder& self, const FieldVisitor& visit) { visit(self.value); }
  Field<Mortal> value;
};

using FieldTest = ObjectTest;

TEST_F(FieldTest, holds_one_reference) {
  std::atomic<int> deaths{0};
  auto holder = make<Holder>();
  auto value = make<Mortal>(deaths);
  holder->value.store(value);
  EXPECT_EQ(refcount(*value), 2);
  EXPECT_EQ(holder->value.load(), value);
  value.reset();
  EXPECT_EQ(deaths.load(), 0);
  holder.reset();
  EXPECT_EQ(deaths.load(), 1);
}

TEST_F(FieldTest, exchange_gives_the_old_value_back) {
  std::atomic<int> deaths{0};
  auto holder = make<Holder>();
  auto first = make<Mortal>(deaths);
  EXPECT_EQ(holder->value.exchange(first), nullptr);
  EXPECT_EQ(holder->value.exchange(nullptr), first);
  EXPECT_EQ(holder->value.load(), nullptr);
}

// A reader gets what is in the field or what replaced it, alive, never anything else.
TEST_F(FieldTest, readers_race_with_writers_and_get_live_objects) {
  constexpr int kRounds = 4000;
  std::atomic<int> deaths{0};
  std::atomic<int> births{1};
  auto holder = make<Holder>();
  holder->value.store(make<Mortal>(deaths));
  {
    const Detached while_waiting;
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        for (int i = 0; i < kRounds; ++i) {
          holder->value.store(make<Mortal>(deaths));
          births.fetch_add(1);
        }
        leave();
      });
      threads.emplace_back([&] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        for (int i = 0; i < kRounds; ++i) {
          const Ref<Mortal> got = holder->value.load();
          ASSERT_TRUE(got);
          ASSERT_EQ(&got->deaths, &deaths);
          safepoint();
        }
        leave();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  safepoint();
  holder.reset();
  EXPECT_EQ(deaths.load(), births.load());
}

}  // namespace
}  // namespace threadmill
