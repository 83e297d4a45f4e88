// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/backoff.hpp"

#include <gtest/gtest.h>

namespace threadmill {
namespace {

TEST(Backoff, says_sleep_after_a_few_spins_and_stays_with_it) {
  Backoff backoff;
  int spins = 0;
  while (backoff.spin()) {
    ++spins;
    ASSERT_LE(spins, 6);
  }
  EXPECT_EQ(spins, 6);
  EXPECT_FALSE(backoff.spin());
}

}  // namespace
}  // namespace threadmill
