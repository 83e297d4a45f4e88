// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/weak_set.hpp"

#include <atomic>

#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using WeakSetTest = ObjectTest;

// Statement tW46.
TEST_F(WeakSetTest, an_item_goes_as_it_dies) {
  std::atomic<int> deaths{0};
  auto set = WeakSet::create();
  Ref<Object> one = make<Mortal>(deaths);
  const Ref<Object> two = make<Mortal>(deaths);
  EXPECT_EQ(set.add(one), WeakSet::Add::added);
  EXPECT_EQ(set.add(one), WeakSet::Add::was_there);
  EXPECT_EQ(set.add(two), WeakSet::Add::added);
  EXPECT_EQ(set.add(nullptr), WeakSet::Add::refused);
  EXPECT_EQ(set.size(), 2u);
  EXPECT_TRUE(set.contains(one));
  one.reset();
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_EQ(set.size(), 1u);
  EXPECT_FALSE(set.contains(make<Mortal>(deaths)));
  EXPECT_EQ(set.items()->size(), 1u);
  EXPECT_TRUE(set.discard(two));
  EXPECT_FALSE(set.discard(two));
  EXPECT_EQ(set.size(), 0u);
}

TEST_F(WeakSetTest, items_that_are_discarded_or_cleared_die_unseen) {
  std::atomic<int> deaths{0};
  auto set = WeakSet::create();
  Ref<Object> one = make<Mortal>(deaths);
  Ref<Object> two = make<Mortal>(deaths);
  EXPECT_EQ(set.add(one), WeakSet::Add::added);
  EXPECT_EQ(set.add(two), WeakSet::Add::added);
  EXPECT_TRUE(set.discard(one));
  one.reset();
  set.clear();
  two.reset();
  EXPECT_EQ(deaths.load(), 2);
}

}  // namespace
}  // namespace threadmill
