// SPDX-License-Identifier: Apache-2.0
//
// The immutable types: Str, Int, Float, Tuple, None.
#include <limits>
#include <string>
#include <vector>

#include "runtime/containers/hashing.hpp"
#include "runtime/containers/none.hpp"
#include "runtime/containers/number.hpp"
#include "runtime/containers/str.hpp"
#include "runtime/containers/tuple.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using ValuesTest = ObjectTest;

TEST_F(ValuesTest, strings_of_every_length_keep_their_bytes) {
  for (const std::size_t length :
       {0u, 1u, 7u, 8u, 31u, 991u, 992u, 993u, 1024u, 100000u}) {
    std::string text(length, 'x');
    for (std::size_t i = 0; i < length; ++i) text[i] = static_cast<char>(i % 251);
    const auto str = make<Str>(text);
    ASSERT_TRUE(str);
    EXPECT_EQ(str->view(), text);
    EXPECT_EQ(str->hash(), Str::hash_of(text));
  }
}

TEST_F(ValuesTest, numbers_keep_their_value) {
  EXPECT_EQ(make<Int>(std::numeric_limits<std::int64_t>::min())->value(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(make<Float>(0.1)->value(), 0.1);
}

TEST_F(ValuesTest, equal_values_have_equal_hashes) {
  EXPECT_TRUE(are_equal(*make<Int>(5), *make<Int>(5)));
  EXPECT_EQ(hash_of(*make<Int>(5)), hash_of(*make<Int>(5)));
  EXPECT_FALSE(are_equal(*make<Int>(5), *make<Int>(6)));
  EXPECT_FALSE(are_equal(*make<Int>(1), *make<Float>(1)));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(are_equal(*make<Float>(nan), *make<Float>(nan)));
  EXPECT_TRUE(are_equal(*make<Str>("a"), *make<Str>("a")));
}

TEST_F(ValuesTest, tuples_of_every_length_hold_their_items) {
  for (const std::size_t length : {0u, 1u, 2u, 124u, 125u, 126u, 5000u}) {
    std::atomic<int> deaths{0};
    std::vector<Ref<Object>> items;
    for (std::size_t i = 0; i < length; ++i) items.push_back(make<Mortal>(deaths));
    auto tuple = make<Tuple>(items);
    ASSERT_EQ(tuple->size(), length);
    for (std::size_t i = 0; i < length; ++i) ASSERT_EQ(tuple->at(i), items[i]);
    EXPECT_EQ(tuple->at(length), nullptr);
    items.clear();
    EXPECT_EQ(deaths.load(), 0);
    tuple.reset();
    EXPECT_EQ(deaths.load(), static_cast<int>(length));
  }
}

TEST_F(ValuesTest, a_tuple_of_a_null_item_is_null_and_keeps_none_of_the_others) {
  for (const std::size_t length : {1u, 3u, 500u}) {
    const auto item = make<Int>(1);
    std::vector<Ref<Object>> items(length, item);
    items.back().reset();
    EXPECT_EQ(make<Tuple>(items), nullptr);
    EXPECT_EQ(refcount(*item), static_cast<std::int64_t>(length));
  }
}

TEST_F(ValuesTest, none_is_immortal) {
  None* none = None::create_immortal();
  ASSERT_NE(none, nullptr);
  decref(*none);
  decref(*none);
  EXPECT_EQ(refcount(*none), kImmortalRefcount);
}

}  // namespace
}  // namespace threadmill
