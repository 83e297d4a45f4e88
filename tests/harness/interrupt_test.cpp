// SPDX-License-Identifier: Apache-2.0
#include "harness/interrupt.hpp"

#include <csignal>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

TEST(InterruptSignals, the_first_signal_only_sets_a_flag) {
  const InterruptSignals signals;
  EXPECT_FALSE(interrupted());
  ::raise(SIGTERM);
  EXPECT_TRUE(interrupted());
}

TEST(InterruptSignals, two_signals_at_once_count_as_one) {
  const InterruptSignals signals;
  ::raise(SIGINT);
  ::raise(SIGINT);
  EXPECT_TRUE(interrupted());
}

TEST(InterruptSignalsDeathTest, a_later_signal_ends_the_process_with_130) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const InterruptSignals signals;
        for (;;) ::raise(SIGINT);
      },
      ::testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace threadmill
