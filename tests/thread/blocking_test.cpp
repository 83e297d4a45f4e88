// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/blocking.hpp"

#include <thread>

#include "runtime/sync/event.hpp"
#include "runtime/sync/mutex.hpp"
#include "runtime/sync/rw_lock.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "tests/thread/companion.hpp"
#include "tests/thread/counting_world.hpp"

namespace threadmill {
namespace {

using BlockingTest = WorldTest;

TEST_F(BlockingTest, who_waits_for_an_event_is_detached_and_keeps_no_pause_waiting) {
  Event event;
  Companion other(world());
  other.start([&] { event.wait(while_detached); });
  wait_until(
      [&] { return !slot_state::is_attached(other.slot().state.load(relaxed)); });
  for (int i = 0; i < 10; ++i) const StoppedWorld pause(self());
  event.set();
  other.wait();
  other.run([&] { EXPECT_EQ(current(), &other.slot()); });
}

TEST_F(BlockingTest, who_need_not_wait_stays_attached) {
  Event event;
  event.set();
  const int drained = counting_.drained.load();
  event.wait(while_detached);
  EXPECT_TRUE(slot_state::is_attached(self().state.load(relaxed)));
  EXPECT_EQ(counting_.drained.load(), drained);
}

TEST_F(BlockingTest, a_lock_that_is_held_through_a_pause_is_waited_for_detached) {
  RwLock lock;
  Companion writer(world());
  Companion reader(world());
  writer.run([&]() TM_NO_THREAD_SAFETY_ANALYSIS { lock.lock(while_detached); });
  reader.start([&]() TM_NO_THREAD_SAFETY_ANALYSIS {
    lock.lock_shared(while_detached);
    lock.unlock_shared();
  });
  wait_until(
      [&] { return !slot_state::is_attached(reader.slot().state.load(relaxed)); });
  writer.run([&]() TM_NO_THREAD_SAFETY_ANALYSIS { lock.unlock(); });
  reader.wait();
}

TEST(Blocking, a_thread_that_is_not_attached_sleeps_as_it_is) {
  Event event;
  std::jthread setter([&] { event.set(); });
  event.wait(while_detached);
  EXPECT_TRUE(event.is_set());
}

}  // namespace
}  // namespace threadmill
