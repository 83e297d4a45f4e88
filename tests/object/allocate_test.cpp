// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/allocate.hpp"

#include <array>
#include <cstddef>
#include <cstring>

#include <gtest/gtest.h>

#include "runtime/object/weak.hpp"

namespace threadmill {
namespace {

struct WithoutConstructor : Object {
  static constexpr const char* kTypeName = "without-constructor";
  int number;
  void* pointer;
};

template <class T>
class ConstructObject : public testing::Test {};
using Types = testing::Types<WithoutConstructor, WeakReference>;
TYPED_TEST_SUITE(ConstructObject, Types);

// Late readers of the block's earlier life load the header at that moment.
TYPED_TEST(ConstructObject, keeps_the_header_and_clears_what_follows) {
  alignas(16) std::array<std::byte, sizeof(TypeParam)> memory;
  memory.fill(std::byte{0xab});
  static_cast<void>(construct_object<TypeParam>(memory.data()));
  for (std::size_t i = 0; i < sizeof(Object); ++i)
    EXPECT_EQ(memory[i], std::byte{0xab}) << i;
  for (std::size_t i = sizeof(Object); i < sizeof(TypeParam); ++i)
    EXPECT_EQ(memory[i], std::byte{0}) << i;
}

}  // namespace
}  // namespace threadmill
