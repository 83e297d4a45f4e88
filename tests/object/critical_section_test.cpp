// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/critical_section.hpp"

#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using CriticalSectionTest = ObjectTest;

TEST_F(CriticalSectionTest, on_two_objects_takes_them_in_one_order_however_named) {
  std::atomic<int> deaths{0};
  const auto one = make<Mortal>(deaths);
  const auto other = make<Mortal>(deaths);
  const Mutex* first = nullptr;
  {
    const CriticalSection both(*one, *other);
    EXPECT_TRUE(one->lock.is_locked());
    EXPECT_TRUE(other->lock.is_locked());
    first = current()->sections->first;
  }
  EXPECT_FALSE(one->lock.is_locked());
  EXPECT_FALSE(other->lock.is_locked());
  const CriticalSection again(*other, *one);
  EXPECT_EQ(current()->sections->first, first);
}

TEST_F(CriticalSectionTest, on_one_object_twice_is_a_section_on_it) {
  std::atomic<int> deaths{0};
  const auto one = make<Mortal>(deaths);
  {
    const CriticalSection twice(*one, *one);
    EXPECT_TRUE(one->lock.is_locked());
    EXPECT_EQ(current()->sections->second, nullptr);
  }
  EXPECT_FALSE(one->lock.is_locked());
}

}  // namespace
}  // namespace threadmill
