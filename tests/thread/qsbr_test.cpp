// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/qsbr.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/base/random.hpp"
#include "tests/thread/companion.hpp"
#include "tests/thread/counting_world.hpp"

namespace threadmill {
namespace {

using QsbrTest = WorldTest;

TEST_F(QsbrTest, every_advance_gives_a_later_goal) {
  const std::uint64_t first = advance_epoch(world());
  const std::uint64_t second = advance_epoch(world());
  EXPECT_LT(first, second);
  EXPECT_EQ(second, world().epoch.load(relaxed));
}

TEST_F(QsbrTest, the_asker_itself_has_to_pass_a_quiescent_point) {
  const std::uint64_t goal = advance_epoch(world());
  EXPECT_FALSE(goal_reached(world(), goal));
  note_quiescent(self());
  EXPECT_TRUE(goal_reached(world(), goal));
}

TEST_F(QsbrTest, a_goal_waits_for_a_safepoint_of_every_attached_thread) {
  Companion first(world());
  Companion second(world());
  const std::uint64_t goal = advance_epoch(world());
  safepoint();
  EXPECT_FALSE(goal_reached(world(), goal));
  first.poll();
  EXPECT_FALSE(goal_reached(world(), goal));
  second.poll();
  EXPECT_TRUE(goal_reached(world(), goal));
}

TEST_F(QsbrTest, a_safepoint_before_the_advance_does_not_count) {
  Companion other(world());
  other.poll();
  const std::uint64_t goal = advance_epoch(world());
  safepoint();
  EXPECT_FALSE(goal_reached(world(), goal));
  other.poll();
  EXPECT_TRUE(goal_reached(world(), goal));
}

TEST_F(QsbrTest, an_earlier_goal_is_reached_with_a_later_one_but_not_before) {
  Companion other(world());
  const std::uint64_t first = advance_epoch(world());
  safepoint();
  other.poll();
  const std::uint64_t second = advance_epoch(world());
  EXPECT_TRUE(goal_reached(world(), first));
  EXPECT_FALSE(goal_reached(world(), second));
  safepoint();
  other.poll();
  EXPECT_TRUE(goal_reached(world(), first));
  EXPECT_TRUE(goal_reached(world(), second));
}

TEST_F(QsbrTest, a_detached_thread_holds_no_goal_back) {
  Companion other(world());
  std::atomic<bool> away{false};
  std::atomic<bool> back{false};
  other.start([&] {
    const Detached detached;
    away.store(true);
    wait_until([&] { return back.load(); });
  });
  const std::uint64_t before = advance_epoch(world());
  wait_until([&] { return away.load(); });
  safepoint();
  EXPECT_TRUE(goal_reached(world(), before));
  const std::uint64_t while_away = advance_epoch(world());
  safepoint();
  EXPECT_TRUE(goal_reached(world(), while_away));
  back.store(true);
  other.wait();
  EXPECT_TRUE(goal_reached(world(), while_away));
}

TEST_F(QsbrTest, a_vacant_slot_holds_no_goal_back) {
  { const Companion visitor(world()); }
  ASSERT_EQ(world().slot_count(), 2u);
  const std::uint64_t goal = advance_epoch(world());
  safepoint();
  EXPECT_TRUE(goal_reached(world(), goal));
}

TEST_F(QsbrTest, a_thread_that_comes_after_the_advance_holds_no_goal_back) {
  const std::uint64_t goal = advance_epoch(world());
  const Companion newcomer(world());
  safepoint();
  EXPECT_TRUE(goal_reached(world(), goal));
}

// Readers follow a pointer without a lock, and pass quiescent points in all ways there
// are; the writer overwrites what it unlinked as soon as the goal is reached.
TEST_F(QsbrTest, no_reader_sees_what_was_freed_after_its_goal) {
  constexpr std::uint64_t kSeed = 31;
  constexpr int kReplacements = 150;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  struct Node {
    int alive = 1;
  };
  std::vector<Node> nodes(kReplacements + 1);
  std::atomic<Node*> shared{&nodes[0]};
  std::atomic<bool> done{false};
  std::atomic<int> dead_seen{0};
  {
    const Detached while_they_run;
    std::vector<std::jthread> readers;
    for (std::uint64_t i = 0; i < 3; ++i) {
      readers.emplace_back([&, i] {
        Random random(mix_seed(kSeed, i));
        auto visit = std::make_unique<Visit>(world());
        while (!done.load(std::memory_order_relaxed)) {
          const Node* node = shared.load(std::memory_order_acquire);
          if (random.below(4) == 0) std::this_thread::yield();
          if (node->alive != 1) dead_seen.fetch_add(1);
          switch (random.below(4)) {
            case 0: {
              const Detached away;
              break;
            }
            case 1:
              visit.reset();
              visit = std::make_unique<Visit>(world());
              break;
            default:
              safepoint();
          }
        }
      });
    }
    {
      const Visit visit(world());
      for (int n = 1; n <= kReplacements; ++n) {
        Node* unlinked = shared.exchange(&nodes[static_cast<std::size_t>(n)]);
        const std::uint64_t goal = advance_epoch(world());
        safepoint();
        wait_until([&] { return goal_reached(world(), goal); });
        unlinked->alive = 0;
      }
    }
    done.store(true);
  }
  EXPECT_EQ(dead_seen, 0);
}

}  // namespace
}  // namespace threadmill
