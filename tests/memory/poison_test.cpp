// SPDX-License-Identifier: Apache-2.0
//
// Only AddressSanitizer and fault builds mark memory; elsewhere there is nothing to see.
#include "runtime/memory/poison.hpp"

#include <gtest/gtest.h>

namespace threadmill {
namespace {

struct alignas(16) Memory {
  volatile unsigned char bytes[64]{};

  void* payload() { return const_cast<unsigned char*>(bytes) + 16; }
};

TEST(Poison, without_a_sanitizer_or_faults_memory_stays_as_it_is) {
  if constexpr (!kAddressSanitizer && !kPoisonFill) {
    Memory memory;
    memory.bytes[20] = 5;
    poison_dead(memory.payload(), 32);
    EXPECT_EQ(memory.bytes[20], 5);
    unpoison_fresh(memory.payload(), 32);
    EXPECT_EQ(memory.bytes[20], 5);
  }
}

TEST(PoisonDeathTest, dead_memory_may_not_be_read_but_its_neighbours_may) {
  if constexpr (kAddressSanitizer) {
    Memory memory;
    poison_dead(memory.payload(), 32);
    EXPECT_EQ(memory.bytes[15], 0);
    EXPECT_EQ(memory.bytes[48], 0);
    EXPECT_DEATH((void)memory.bytes[16], "use-after-poison");
    EXPECT_DEATH((void)memory.bytes[47], "use-after-poison");
    unpoison(memory.payload(), 32);
  }
}

TEST(Poison, fresh_memory_may_be_read_again) {
  Memory memory;
  poison_dead(memory.payload(), 32);
  unpoison_fresh(memory.payload(), 32);
  for (int i = 16; i < 48; ++i) memory.bytes[i] = 1;
  EXPECT_EQ(memory.bytes[47], 1);
}

}  // namespace
}  // namespace threadmill
