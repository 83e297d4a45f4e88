// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/safepoint.hpp"

#include "runtime/base/config.hpp"
#include "runtime/thread/qsbr.hpp"
#include "runtime/thread/section.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "tests/thread/counting_world.hpp"

namespace threadmill {
namespace {

using SafepointTest = WorldTest;

TEST_F(SafepointTest, with_nothing_to_do_nothing_is_called) {
  for (int i = 0; i < 10; ++i) safepoint();
  EXPECT_EQ(counting_.drained, 0);
  EXPECT_EQ(counting_.helped, 0);
  EXPECT_EQ(counting_.quiescent, 0);
}

TEST_F(SafepointTest, what_is_in_the_inbox_is_taken) {
  Letter letters[3];
  for (Letter& letter : letters) letter.send(self());
  EXPECT_EQ(letters[0].taken(), 0);
  safepoint();
  for (const Letter& letter : letters) EXPECT_EQ(letter.taken(), 1);
  EXPECT_EQ(counting_.drained, 1);
  safepoint();
  EXPECT_EQ(counting_.drained, 1);
}

TEST_F(SafepointTest, a_new_epoch_is_reported_seen) {
  const std::uint64_t goal = advance_epoch(world());
  EXPECT_LT(self().seen_epoch.load(relaxed), goal);
  safepoint();
  EXPECT_EQ(self().seen_epoch.load(relaxed), goal);
}

TEST_F(SafepointTest, retired_memory_is_looked_at_in_a_new_epoch) {
  self().has_retired = true;
  static_cast<void>(advance_epoch(world()));
  safepoint();
  EXPECT_EQ(counting_.quiescent, 1);
  self().has_retired = false;
  static_cast<void>(advance_epoch(world()));
  safepoint();
  EXPECT_EQ(counting_.quiescent, 1);
}

TEST_F(SafepointTest, in_a_pause_of_ones_own_nothing_happens) {
  Letter letter;
  {
    const StoppedWorld pause(self());
    letter.send(self());
    static_cast<void>(advance_epoch(world()));
    safepoint();
    EXPECT_EQ(letter.taken(), 0);
    EXPECT_LT(self().seen_epoch.load(relaxed), world().epoch.load(relaxed));
  }
  safepoint();
  EXPECT_EQ(letter.taken(), 1);
}

TEST_F(SafepointTest, a_container_operation_polls_only_outside_sections) {
  Letter letter;
  letter.send(self());
  {
    Mutex mutex;
    const SectionScope section(mutex);
    EXPECT_EQ(&poll_outside_sections(), &self());
    EXPECT_EQ(letter.taken(), 0);
  }
  EXPECT_EQ(&poll_outside_sections(), &self());
  EXPECT_EQ(letter.taken(), 1);
}

TEST(SafepointDeathTest, a_thread_that_is_not_attached_has_no_safepoint) {
  if constexpr (kChecks >= 1) {
    EXPECT_DEATH(safepoint(), "objects-need-attachment");
  }
}

}  // namespace
}  // namespace threadmill
