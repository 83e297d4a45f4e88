// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/ref.hpp"

#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using RefTest = ObjectTest;

TEST_F(RefTest, copies_count_and_moves_do_not) {
  std::atomic<int> deaths{0};
  auto first = make<Mortal>(deaths);
  Ref<Mortal> copy = first;
  EXPECT_EQ(refcount(*first), 2);
  Ref<Mortal> moved = std::move(copy);
  EXPECT_EQ(refcount(*first), 2);
  EXPECT_FALSE(copy);  // NOLINT(bugprone-use-after-move): that is what is tested
  moved = first;
  EXPECT_EQ(refcount(*first), 2);
  Ref<Mortal>& alias = moved;
  moved = alias;
  EXPECT_EQ(refcount(*first), 2);
}

TEST_F(RefTest, a_reference_to_a_derived_type_is_one_to_its_base) {
  std::atomic<int> deaths{0};
  Ref<Object> object = make<Mortal>(deaths);
  EXPECT_EQ(refcount(*object), 1);
  EXPECT_TRUE(cast<Mortal>(object));
  EXPECT_FALSE(cast<Link>(object));
  EXPECT_EQ(refcount(*object), 1);
}

TEST_F(RefTest, release_and_adopt_carry_a_reference_across) {
  std::atomic<int> deaths{0};
  auto first = make<Mortal>(deaths);
  Mortal* raw = first.release();
  EXPECT_FALSE(first);
  auto second = Ref<Mortal>::adopt(raw);
  EXPECT_EQ(refcount(*second), 1);
  second.reset();
  EXPECT_EQ(deaths.load(), 1);
}

TEST_F(RefTest, null_is_allowed_everywhere) {
  Ref<Object> null;
  const Ref<Object> copy = null;
  EXPECT_FALSE(copy);
  EXPECT_EQ(copy, nullptr);
  null.reset();
  EXPECT_FALSE(cast<Mortal>(null));
  EXPECT_FALSE(Ref<Object>::share(nullptr));
}

}  // namespace
}  // namespace threadmill
