// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/size_class.hpp"

#include <gtest/gtest.h>

namespace threadmill {
namespace {

TEST(SizeClass, every_size_fits_its_class) {
  for (std::size_t bytes = 0; bytes <= kMaxObjectBytes; ++bytes) {
    ASSERT_LT(size_class_of(bytes), kSizeClasses) << bytes;
    EXPECT_GE(kClassBytes[size_class_of(bytes)], bytes);
  }
}

TEST(SizeClass, no_smaller_class_would_do) {
  for (std::size_t bytes = 0; bytes <= kMaxObjectBytes; ++bytes) {
    const std::size_t size_class = size_class_of(bytes);
    if (size_class > 0) {
      EXPECT_LT(kClassBytes[size_class - 1], bytes);
    }
  }
}

TEST(SizeClass, every_class_is_the_class_of_its_own_size) {
  for (std::size_t size_class = 0; size_class < kSizeClasses; ++size_class)
    EXPECT_EQ(size_class_of(kClassBytes[size_class]), size_class);
}

TEST(SizeClass, classes_ascend_from_a_header_to_the_greatest_object) {
  EXPECT_EQ(kClassBytes.front(), 16);
  EXPECT_EQ(kClassBytes.back(), kMaxObjectBytes);
  for (std::size_t i = 1; i < kSizeClasses; ++i)
    EXPECT_LT(kClassBytes[i - 1], kClassBytes[i]);
}

TEST(SizeClass, every_block_is_a_whole_number_of_granules) {
  for (const std::size_t bytes : kClassBytes) EXPECT_EQ(bytes % 8, 0u);
}

TEST(SizeClass, steps_are_eight_bytes_to_128_and_then_an_eighth_of_a_doubling) {
  for (std::size_t i = 1; i < kSizeClasses; ++i) {
    const std::size_t before = kClassBytes[i - 1];
    std::size_t step = 8;
    for (std::size_t doubling = 128; doubling <= before; doubling *= 2)
      step = doubling / 8;
    EXPECT_EQ(kClassBytes[i] - before, step) << before;
  }
}

}  // namespace
}  // namespace threadmill
