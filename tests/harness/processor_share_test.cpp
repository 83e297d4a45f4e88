// SPDX-License-Identifier: Apache-2.0
#include "harness/processor_share.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "harness/thread_states.hpp"

namespace threadmill {
namespace {

TEST(ProcessorShare, is_what_was_computed_of_what_could_have_been) {
  EXPECT_DOUBLE_EQ(part_got(Seconds(2), Seconds(1), 8, 2), 1);
  EXPECT_DOUBLE_EQ(part_got(Seconds(0.5), Seconds(1), 8, 2), 0.25);
  EXPECT_DOUBLE_EQ(part_got(Seconds(0.5), Seconds(1), 1, 2), 0.5);
  EXPECT_DOUBLE_EQ(part_got(Seconds(0), Seconds(1), 1, 2), 0);
}

TEST(ProcessorShare, who_wants_no_processor_has_all_it_wants) {
  EXPECT_DOUBLE_EQ(part_got(Seconds(0), Seconds(1), 0, 2), 1);
  EXPECT_DOUBLE_EQ(part_got(Seconds(0.1), Seconds(1), 0, 2), 1);
}

TEST(ProcessorShare, is_never_more_than_all_of_it) {
  EXPECT_DOUBLE_EQ(part_got(Seconds(3), Seconds(1), 1, 2), 1);
  EXPECT_DOUBLE_EQ(part_got(Seconds(1), Seconds(0), 1, 2), 1);
}

// A thread that computes is runnable, and gets some of what it could use.
TEST(ProcessorShare, a_busy_thread_is_seen) {
  std::atomic<bool> stop{false};
  ProcessorShare share;
  std::thread busy([&stop] {
    while (!stop.load()) {
    }
  });
  bool was_runnable = false;
  double part = 0;
  for (int i = 0; i < 1000 && !(was_runnable && part > 0); ++i) {
    std::this_thread::yield();
    was_runnable |= states_of_other_threads().runnable == 1;
    part = share.since_last_look(Clock::now());
  }
  stop.store(true);
  busy.join();
  EXPECT_TRUE(was_runnable);
  EXPECT_GT(part, 0);
  EXPECT_LE(part, 1);
}

}  // namespace
}  // namespace threadmill
