// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/latency.hpp"

#include <atomic>
#include <cstdint>

#include "runtime/thread/stop_the_world.hpp"
#include "tests/thread/companion.hpp"
#include "tests/thread/counting_world.hpp"

namespace threadmill {
namespace {

using namespace slot_state;

TEST(PausesWaited, of_a_wait_for_no_pause_is_none) {
  EXPECT_EQ(PausesWaited().count(), 0u);
}

TEST(PausesWaited, counts_from_the_first_pause_seen_to_the_last) {
  PausesWaited pauses;
  pauses.note(7);
  EXPECT_EQ(pauses.count(), 1u);
  pauses.note(7);  // a spurious wake-up
  EXPECT_EQ(pauses.count(), 1u);
  pauses.note(9);
  EXPECT_EQ(pauses.count(), 2u);
  pauses.note(15);  // those in between went by while it slept
  EXPECT_EQ(pauses.count(), 5u);
}

TEST(PausesWaited, counts_across_the_wrap_of_the_pause_word) {
  PausesWaited pauses;
  pauses.note(0xffff'ffff);
  pauses.note(1);
  EXPECT_EQ(pauses.count(), 2u);
}

class LatencyTest : public WorldTest {
 protected:
  // One pause, for whose end the companion waits.
  void stop_at_a_safepoint(Companion& other) {
    std::atomic<bool> ready{false};
    other.start([&] {
      ready.store(true);
      wait_until([] { return (current()->state.load(relaxed) & kSuspended) != 0; });
      safepoint();
    });
    wait_until([&] { return ready.load(); });
    {
      const StoppedWorld pause(self());
      wait_until([&] { return (other.slot().state.load(relaxed) & kWaiter) != 0; });
    }
    other.wait();
  }
};

TEST_F(LatencyTest, each_pause_is_recorded_once_when_it_is_over) {
  EXPECT_EQ(gather_latencies(self()).stop.count(), 0u) << "its own is not over";
  for (int i = 0; i < 5; ++i) const StoppedWorld pause(self());
  const Latencies latencies = gather_latencies(self());
  EXPECT_EQ(latencies.stop.count(), 6u);
  EXPECT_EQ(latencies.pause.count(), 6u);
  EXPECT_EQ(latencies.attach.count(), 0u) << "nobody waited";
  EXPECT_EQ(latencies.most_pauses_to_attach, 0u);
}

TEST_F(LatencyTest, a_pause_is_recorded_with_the_time_it_took) {
  {
    const StoppedWorld pause(self());
    const std::uint64_t until = steady_nanoseconds() + 2'000'000;
    wait_until([until] { return steady_nanoseconds() >= until; });
  }
  EXPECT_GE(gather_latencies(self()).pause.max(), 2'000'000u);
}

TEST_F(LatencyTest, a_thread_that_stops_at_a_safepoint_waits_for_one_pause) {
  {
    Companion other(world());
    for (int round = 0; round < 20; ++round) stop_at_a_safepoint(other);
  }
  const Latencies latencies = gather_latencies(self());
  EXPECT_EQ(latencies.attach.count(), 20u);
  EXPECT_LE(latencies.most_pauses_to_attach, Latencies::kMostPausesToAttach);
  EXPECT_GT(latencies.stop.max(), 0u);
}

TEST_F(LatencyTest, a_thread_that_enters_in_a_pause_waits_for_its_end) {
  std::atomic<bool> entered{false};
  std::jthread newcomer;
  {
    const StoppedWorld pause(self());
    newcomer = std::jthread([&] {
      ASSERT_NE(enter(world()), nullptr);
      entered = true;
      leave();
    });
    let_others_run();
    EXPECT_FALSE(entered);
  }
  wait_until([&] { return entered.load(); });
  EXPECT_LE(gather_latencies(self()).most_pauses_to_enter, 1u);
}

TEST_F(LatencyTest, what_exited_threads_waited_is_kept) {
  {
    Companion other(world());
    stop_at_a_safepoint(other);
  }
  EXPECT_EQ(gather_latencies(self()).attach.count(), 1u);
}

}  // namespace
}  // namespace threadmill
