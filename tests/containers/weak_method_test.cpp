// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/weak_method.hpp"

#include "runtime/containers/list.hpp"
#include "tests/object/lifetime_types.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using WeakMethodTest = ObjectTest;

void do_nothing(Function&, Object&) noexcept {}

TEST_F(WeakMethodTest, it_gives_both_or_none) {
  auto self = make<List>();
  const auto function = make<Function>(do_nothing);
  const auto method = WeakMethod::create(*self, *function);
  ASSERT_TRUE(method);
  EXPECT_EQ(method.get().self, self);
  EXPECT_EQ(method.get().function, function);
  self.reset();
  EXPECT_FALSE(method.get());
  EXPECT_EQ(method.get().function, nullptr);
  EXPECT_FALSE(WeakMethod().get());
}

TEST_F(WeakMethodTest, its_callback_goes_with_it) {
  int calls = 0;
  auto self = make<List>();
  auto function = make<Function>(do_nothing);
  const Ref<Object> callback = make<Callback>([&](WeakReference&) { ++calls; });
  {
    const auto method = WeakMethod::create(*self, *function, callback);
    EXPECT_EQ(refcount(*callback), 2);
  }
  EXPECT_EQ(refcount(*callback), 1);
  self.reset();
  function.reset();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace threadmill
