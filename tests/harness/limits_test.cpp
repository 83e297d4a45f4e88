// SPDX-License-Identifier: Apache-2.0
#include "harness/limits.hpp"

#include <gtest/gtest.h>

namespace threadmill {
namespace {

TEST(Limits, workers_get_the_share_again_to_return_within_bounds) {
  const Limits limits;
  const auto grace = [&limits](double share) {
    return limits.within(Seconds(share), 0, 1, 2).worker_grace.count();
  };
  EXPECT_DOUBLE_EQ(grace(0.1), limits.worker_grace.count() / 4);
  EXPECT_DOUBLE_EQ(grace(7), 7);
  EXPECT_DOUBLE_EQ(grace(1000), limits.worker_grace.count());
}

TEST(Limits, a_workload_that_has_a_part_of_the_processors_gets_longer) {
  const Limits limits;
  const Limits alone = limits.within(Seconds(7), 2, 1, 2);
  const Limits one_each = limits.within(Seconds(7), 2, 2, 2);
  const Limits crowded = limits.within(Seconds(7), 2, 40, 2);
  EXPECT_EQ(one_each.stop, alone.stop);
  EXPECT_DOUBLE_EQ(crowded.stop / alone.stop, 20);
  EXPECT_DOUBLE_EQ(crowded.worker_grace / alone.worker_grace, 20);
  // These two know who had no processor.
  EXPECT_EQ(crowded.standstill, limits.standstill);
  EXPECT_EQ(crowded.progress_window, limits.progress_window);
}

}  // namespace
}  // namespace threadmill
