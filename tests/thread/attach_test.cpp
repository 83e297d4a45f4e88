// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/attach.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/thread/section.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "tests/thread/companion.hpp"
#include "tests/thread/counting_world.hpp"

namespace threadmill {
namespace {

using namespace slot_state;

TEST(Attach, the_state_follows_enter_detach_attach_and_leave) {
  CountingWorld counting;
  EXPECT_EQ(current(), nullptr);
  Slot* slot = enter(counting.world());
  ASSERT_NE(slot, nullptr);
  EXPECT_EQ(current(), slot);
  EXPECT_EQ(slot->state.load(relaxed), kAttached);

  EXPECT_EQ(&detach(), slot);
  EXPECT_EQ(current(), nullptr);
  EXPECT_EQ(slot->state.load(relaxed), kDetached);

  attach(*slot);
  EXPECT_EQ(current(), slot);
  EXPECT_EQ(slot->state.load(relaxed), kAttached);

  leave();
  EXPECT_EQ(current(), nullptr);
  EXPECT_EQ(slot->state.load(relaxed), kVacant);
}

TEST(Attach, entering_takes_a_vacant_slot_before_a_new_one) {
  CountingWorld counting;
  World& world = counting.world();
  for (int i = 0; i < 3; ++i) {
    const Visit visit(world);
    EXPECT_EQ(current()->id, 1u);
  }
  EXPECT_EQ(world.slot_count(), 1u);
}

TEST(Attach, the_table_grows_while_all_slots_are_held) {
  CountingWorld counting;
  World& world = counting.world();
  const Visit visit(world);
  Companion second(world);
  EXPECT_EQ(second.slot().id, 2u);
  {
    Companion third(world);
    EXPECT_EQ(third.slot().id, 3u);
  }
  Companion another_third(world);
  EXPECT_EQ(another_third.slot().id, 3u);
  EXPECT_EQ(world.slot_count(), 3u);
}

TEST(Attach, a_detached_slot_is_not_given_to_another_thread) {
  CountingWorld counting;
  World& world = counting.world();
  const Visit visit(world);
  Slot& mine = *current();
  const Detached away;
  const Companion other(world);
  EXPECT_NE(&other.slot(), &mine);
}

TEST(Attach, entering_fails_without_memory_and_works_again_with_it) {
  CountingWorld counting;
  counting.may_open = false;
  EXPECT_EQ(enter(counting.world()), nullptr);
  EXPECT_EQ(enter(counting.world()), nullptr);
  EXPECT_EQ(current(), nullptr);
  counting.may_open = true;
  const Visit visit(counting.world());
  EXPECT_EQ(current()->id, 1u);
}

using AttachTest = WorldTest;

TEST_F(AttachTest, what_is_in_the_inbox_is_taken_before_a_thread_detaches) {
  Letter letter;
  letter.send(self());
  const Detached away;
  EXPECT_EQ(letter.taken(), 1);
}

TEST_F(AttachTest, what_is_in_the_inbox_is_taken_before_a_thread_leaves) {
  Letter letter;
  Companion other(world());
  other.run([&] {
    letter.send(*current());
    leave();
    EXPECT_EQ(letter.taken(), 1);
    ASSERT_NE(enter(world()), nullptr);
  });
}

TEST_F(AttachTest, retired_memory_is_looked_at_before_a_thread_detaches) {
  { const Detached away; }
  EXPECT_EQ(counting_.quiescent, 0);
  self().has_retired = true;
  { const Detached away; }
  EXPECT_EQ(counting_.quiescent, 1);
  self().has_retired = false;
}

TEST_F(AttachTest, attaching_reports_a_quiescent_point) {
  {
    const Detached away;
    world().epoch.fetch_add(5, relaxed);
  }
  EXPECT_EQ(self().seen_epoch.load(relaxed), world().epoch.load(relaxed));
}

// A slot is one thread's at a time, and hands its plain data on.
TEST(Attach, many_threads_share_few_slots) {
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  CountingWorld counting;
  World& world = counting.world();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kEach; ++n) {
          const Visit visit(world);
          ++current()->dying;
          if (n % 4 == 0) {
            const Detached away;
            std::this_thread::yield();
          }
        }
      });
    }
  }
  EXPECT_LE(world.slot_count(), unsigned{kThreads});
  std::uint32_t visits = 0;
  world.for_each_slot([&](Slot& slot) {
    EXPECT_EQ(slot.state.load(relaxed), kVacant);
    visits += slot.dying;
  });
  EXPECT_EQ(visits, unsigned{kThreads * kEach});
}

// S3. The owner comes and goes while others push: whatever is pushed is taken, once, and
// nobody looks a last time at the end.
class AttachDutyTest : public WorldTest, public testing::WithParamInterface<bool> {
 protected:
  void come_and_go(Random& random) {
    for (int i = 0; i < 8; ++i) {
      if (random.below(2) == 0) {
        const Detached away;
        if (random.below(4) == 0) std::this_thread::yield();
      }
      safepoint();
    }
  }
};

TEST_P(AttachDutyTest, what_is_pushed_while_the_owner_comes_and_goes_is_taken_once) {
  constexpr std::uint64_t kSeed = 21;
  constexpr std::size_t kPushers = 2;
  constexpr std::size_t kEach = 2'000;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::vector<std::vector<Letter>> letters(kPushers);
  for (auto& of_one : letters) of_one = std::vector<Letter>(kEach);
  std::atomic<Slot*> owner_slot{nullptr};
  std::atomic<std::size_t> pushing{kPushers};
  {
    const Detached while_they_run;
    std::vector<std::jthread> threads;
    threads.emplace_back([&] {
      Random random(mix_seed(kSeed, 0));
      const Visit visit(world());
      owner_slot.store(current());
      // It goes away before the last letters come.
      while (pushing.load() == kPushers) come_and_go(random);
    });
    wait_until([&] { return owner_slot.load() != nullptr; });
    for (std::size_t i = 0; i < kPushers; ++i) {
      threads.emplace_back([&, i] {
        Random random(mix_seed(kSeed, i + 1));
        const Visit visit(world());
        Slot& owner = *owner_slot.load();
        for (Letter& letter : letters[i]) {
          letter.send(owner);
          world().hooks().help_slot(*current(), owner);
          if (GetParam() && random.below(64) == 0) {
            const StoppedWorld pause(*current());
          }
          if (random.below(8) == 0) std::this_thread::yield();
          safepoint();
        }
        pushing.fetch_sub(1);
      });
    }
  }
  EXPECT_TRUE(owner_slot.load()->inbox.seems_empty());
  for (const auto& of_one : letters) {
    for (const Letter& letter : of_one) ASSERT_EQ(letter.taken(), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(WithPauses, AttachDutyTest, testing::Bool());

TEST(AttachDeathTest, a_thread_is_in_one_world_at_a_time) {
  CountingWorld counting;
  CountingWorld another;
  const Visit visit(counting.world());
  EXPECT_DEATH((void)enter(counting.world()), "one-world-per-thread");
  EXPECT_DEATH((void)enter(another.world()), "one-world-per-thread");
  EXPECT_DEATH(attach(*current()), "one-world-per-thread");
}

TEST(AttachDeathTest, leaving_inside_a_critical_section_dies) {
  CountingWorld counting;
  const Visit visit(counting.world());
  EXPECT_DEATH(
      {
        Mutex mutex;
        const SectionScope section(mutex);
        leave();
      },
      "leave-without-sections");
}

}  // namespace
}  // namespace threadmill
