// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/weak_list.hpp"

#include "runtime/containers/number.hpp"
#include "runtime/containers/str.hpp"
#include "tests/object/lifetime_types.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using WeakListTest = ObjectTest;

Ref<Callback> nothing() {
  return make<Callback>([](WeakReference&) {});
}

TEST_F(WeakListTest, the_one_without_a_callback_comes_first_then_the_newest) {
  const Ref<Object> target = make<Int>(1);
  EXPECT_EQ(weak_references_to(*target)->size(), 0u);
  const auto first = WeakReference::create(*target, nothing());
  auto second = WeakReference::create(*target, nothing());
  const auto plain = WeakReference::create(*target);
  auto list = weak_references_to(*target);
  ASSERT_EQ(list->size(), 3u);
  EXPECT_EQ(list->get(0), plain);
  EXPECT_EQ(list->get(1), second);
  EXPECT_EQ(list->get(2), first);
  EXPECT_EQ(refcount(*plain), 2);
  list.reset();
  second.reset();
  EXPECT_EQ(weak_references_to(*target)->size(), 2u);
}

TEST_F(WeakListTest, references_are_equal_as_their_targets_are_while_these_live) {
  auto one = make<Str>("text");
  auto equal = make<Str>("text");
  const auto other = make<Str>("other");
  const auto to_one = WeakReference::create(*one);
  const auto to_equal = WeakReference::create(*equal);
  const auto to_other = WeakReference::create(*other);
  EXPECT_TRUE(are_equal_references(*to_one, *to_equal));
  EXPECT_FALSE(are_equal_references(*to_one, *to_other));
  one.reset();
  EXPECT_FALSE(are_equal_references(*to_one, *to_equal));
  equal.reset();
  EXPECT_FALSE(are_equal_references(*to_one, *to_equal));
  EXPECT_TRUE(are_equal_references(*to_one, *to_one));
}

TEST_F(WeakListTest, a_hash_is_that_of_the_target_and_is_remembered) {
  auto target = make<Str>("text");
  const std::uint64_t hash = target->hash();
  const auto asked = WeakReference::create(*target);
  const auto not_asked = WeakReference::create(*target, nothing());
  EXPECT_EQ(hash_of_target(*asked), hash);
  target.reset();
  EXPECT_EQ(hash_of_target(*asked), hash);
  EXPECT_EQ(hash_of_target(*not_asked), std::nullopt);
}

}  // namespace
}  // namespace threadmill
