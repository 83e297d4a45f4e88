// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/peek.hpp"

#include <gtest/gtest.h>

namespace threadmill {
namespace {

TEST(Peek, copies_what_is_there) {
  const int there = 42;
  int copy = 0;
  ASSERT_TRUE(peek(&there, copy));
  EXPECT_EQ(copy, 42);
}

TEST(Peek, says_that_nothing_is_there) {
  int copy = 7;
  EXPECT_FALSE(peek(nullptr, copy));
  EXPECT_FALSE(peek(reinterpret_cast<const void*>(8), copy));
  EXPECT_EQ(copy, 7);
}

}  // namespace
}  // namespace threadmill
