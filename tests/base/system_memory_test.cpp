// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/system_memory.hpp"

#include <cstdint>
#include <cstring>
#include <memory>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

// More than any machine has addresses for.
constexpr std::size_t kTooMuch = std::size_t{1} << 60;

bool is_aligned(const void* memory, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(memory) % alignment == 0;
}

struct Ordinary : SystemAllocated {
  int number = 7;
};

struct alignas(128) Aligned : SystemAllocated {
  int number = 8;
};

struct TooLong : SystemAllocated {
  char bytes[kTooMuch];
};

struct alignas(128) TooLongAligned : SystemAllocated {
  char bytes[kTooMuch];
};

TEST(SystemMemory, memory_is_aligned_as_asked_and_writable) {
  for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
    for (const std::size_t bytes : {1u, 24u, 1000u, 100000u}) {
      void* memory = system_allocate(bytes, alignment);
      ASSERT_NE(memory, nullptr);
      EXPECT_TRUE(is_aligned(memory, alignment)) << alignment;
      std::memset(memory, 1, bytes);
      system_free(memory, alignment);
    }
  }
}

TEST(SystemMemory, null_may_be_freed) {
  system_free(nullptr);
  system_free(nullptr, 128);
}

TEST(SystemMemory, out_of_memory_is_null) {
  EXPECT_EQ(system_allocate(kTooMuch), nullptr);
  EXPECT_EQ(system_allocate(kTooMuch, 128), nullptr);
}

TEST(SystemMemory, types_that_are_allocated_by_it_are_aligned_and_constructed) {
  const std::unique_ptr<Ordinary> ordinary(new (std::nothrow) Ordinary);
  const std::unique_ptr<Aligned> aligned(new (std::nothrow) Aligned);
  const std::unique_ptr<Aligned> plain(new Aligned);
  ASSERT_TRUE(ordinary && aligned && plain);
  EXPECT_EQ(ordinary->number, 7);
  EXPECT_EQ(aligned->number, 8);
  EXPECT_TRUE(is_aligned(aligned.get(), 128));
  EXPECT_TRUE(is_aligned(plain.get(), 128));
}

TEST(SystemMemory, new_of_a_type_that_does_not_fit_is_null_and_throws_nothing) {
  EXPECT_EQ(new (std::nothrow) TooLong, nullptr);
  EXPECT_EQ(new (std::nothrow) TooLongAligned, nullptr);
  EXPECT_EQ(new TooLong, nullptr);
  EXPECT_EQ(new TooLongAligned, nullptr);
}

TEST(SystemMemory, types_that_are_allocated_by_it_can_be_made_in_place) {
  alignas(128) unsigned char memory[sizeof(Aligned)];
  auto* made = new (static_cast<void*>(memory)) Aligned;
  EXPECT_EQ(static_cast<void*>(made), static_cast<void*>(memory));
  EXPECT_EQ(made->number, 8);
}

TEST(SystemMemory, the_base_adds_nothing_to_a_type) {
  EXPECT_EQ(sizeof(Ordinary), sizeof(int));
}

}  // namespace
}  // namespace threadmill
