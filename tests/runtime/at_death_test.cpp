// SPDX-License-Identifier: Apache-2.0
//
// AtDeath, that the runtime keeps.
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/runtime.hpp"

namespace threadmill {
namespace {

struct Action : Object {
  explicit Action(std::function<void(Object&)> function)
      : called(std::move(function)) {}
  static constexpr const char* kTypeName = "action";
  static void call(Action& self, Object& argument) { self.called(argument); }
  std::function<void(Object&)> called;
};

class AtDeathTest : public testing::Test {
 protected:
  void expect_sound(std::vector<Object*> roots = {}) {
    const HeapReport report = runtime_->verify(roots);
    EXPECT_EQ(report.violations, 0u) << report.message;
  }
  // With the dict of the calls, once there was one.
  [[nodiscard]] std::uint64_t live_objects() { return runtime_->live_objects(); }

  const std::unique_ptr<Runtime> runtime_ = Runtime::create();
  const Attached here_{*runtime_};
};

TEST_F(AtDeathTest, it_is_called_with_its_argument_and_leaves_nothing) {
  Object* seen = nullptr;
  auto list = make<List>();
  const auto number = make<Int>(3);
  {
    const auto handle = AtDeath::create(
        *list, make<Action>([&](Object& argument) { seen = &argument; }), number);
    ASSERT_TRUE(handle);
    EXPECT_TRUE(handle.is_alive());
  }
  EXPECT_EQ(refcount(*list), 1);
  expect_sound({list.get(), number.get()});
  list.reset();
  EXPECT_EQ(seen, number.get());
  EXPECT_EQ(refcount(*number), 1);
  EXPECT_EQ(live_objects(), 2u);  // the number, the dict
}

TEST_F(AtDeathTest, an_object_that_is_trash_has_its_calls_made) {
  int calls = 0;
  auto list = make<List>();
  ASSERT_TRUE(list->append(list));
  (void)AtDeath::create(*list, make<Action>([&](Object&) { ++calls; }));
  list.reset();
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(runtime_->gc().collect().collected, 1u);
  EXPECT_EQ(calls, 1);
}

TEST_F(AtDeathTest, a_handle_of_nothing_does_nothing) {
  AtDeath nothing;
  EXPECT_FALSE(nothing);
  EXPECT_FALSE(nothing.is_alive());
  EXPECT_FALSE(nothing.call());
  EXPECT_EQ(nothing.peek().target, nullptr);
  EXPECT_EQ(nothing.detach().target, nullptr);
}

TEST_F(AtDeathTest, of_many_who_call_detach_and_drop_one_is_first) {
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> calls{0};
    std::atomic<int> made{0};
    std::atomic<int> detached{0};
    Ref<Object> target = make<List>();
    auto handle =
        AtDeath::create(*target, make<Action>([&](Object&) { calls.fetch_add(1); }));
    {
      const Detached while_waiting;
      std::vector<std::jthread> threads;
      for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] {
          const Attached there(*runtime_);
          AtDeath mine = handle;
          if (mine.call()) made.fetch_add(1);
        });
      }
      threads.emplace_back([&] {
        const Attached there(*runtime_);
        AtDeath mine = handle;
        if (mine.detach().target) detached.fetch_add(1);
      });
    }
    EXPECT_EQ(calls.load(), made.load());
    EXPECT_EQ(made.load() + detached.load(), 1);
    target.reset();
    EXPECT_EQ(made.load() + detached.load(), 1);
    EXPECT_FALSE(handle.is_alive());
  }
}

}  // namespace
}  // namespace threadmill
