// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/claim.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "runtime/thread/stop_the_world.hpp"
#include "tests/thread/companion.hpp"
#include "tests/thread/counting_world.hpp"

namespace threadmill {
namespace {

using namespace slot_state;

bool can_claim(Slot& slot) { return static_cast<bool>(Claim(slot)); }

class ClaimTest : public WorldTest {
 protected:
  // A slot that nobody holds.
  Slot& vacant_slot() {
    const Companion visitor(world());
    return visitor.slot();
  }
};

TEST_F(ClaimTest, a_vacant_slot_can_be_claimed_and_given_back) {
  Slot& slot = vacant_slot();
  {
    const Claim claim(slot);
    ASSERT_TRUE(claim);
    EXPECT_EQ(slot.state.load(relaxed), kVacant | kClaimed);
  }
  EXPECT_EQ(slot.state.load(relaxed), kVacant);
}

TEST_F(ClaimTest, a_detached_slot_can_be_claimed_and_given_back) {
  std::atomic<bool> away{false};
  std::atomic<bool> back{false};
  Companion other(world());
  other.start([&] {
    const Detached detached;
    away.store(true);
    wait_until([&] { return back.load(); });
  });
  wait_until([&] { return away.load(); });
  {
    const Claim claim(other.slot());
    ASSERT_TRUE(claim);
    EXPECT_EQ(other.slot().state.load(relaxed), kDetached | kClaimed);
  }
  EXPECT_EQ(other.slot().state.load(relaxed), kDetached);
  back.store(true);
}

TEST_F(ClaimTest, an_attached_slot_is_refused) {
  const Companion other(world());
  EXPECT_FALSE(can_claim(other.slot()));
  EXPECT_FALSE(can_claim(self()));
  EXPECT_EQ(other.slot().state.load(relaxed), kAttached);
}

TEST_F(ClaimTest, a_claimed_slot_is_refused_and_stays_claimed) {
  Slot& slot = vacant_slot();
  const Claim claim(slot);
  ASSERT_TRUE(claim);
  EXPECT_FALSE(can_claim(slot));
  EXPECT_EQ(slot.state.load(relaxed), kVacant | kClaimed);
}

TEST_F(ClaimTest, a_suspended_slot_is_refused_and_stays_suspended) {
  Slot& slot = vacant_slot();
  const StoppedWorld pause(self());
  EXPECT_FALSE(can_claim(slot));
  EXPECT_EQ(slot.state.load(relaxed), kVacant | kSuspended);
}

TEST_F(ClaimTest, a_slot_whose_thread_waits_to_attach_is_refused) {
  Slot& slot = vacant_slot();
  slot.state.store(kDetached | kWaiter, relaxed);
  EXPECT_FALSE(can_claim(slot));
  EXPECT_EQ(slot.state.load(relaxed), kDetached | kWaiter);
  slot.state.store(kVacant, relaxed);
}

TEST_F(ClaimTest, a_claimed_vacant_slot_is_not_entered) {
  Slot& slot = vacant_slot();
  const Claim claim(slot);
  ASSERT_TRUE(claim);
  const Companion other(world());
  EXPECT_NE(&other.slot(), &slot);
}

TEST_F(ClaimTest, attaching_waits_for_the_release_of_a_claim) {
  Companion other(world());
  Slot& slot = other.slot();
  for (int round = 0; round < 50; ++round) {
    std::atomic<bool> away{false};
    std::atomic<bool> come_back{false};
    other.start([&] {
      Slot& mine = detach();
      away.store(true);
      wait_until([&] { return come_back.load(); });
      attach(mine);
      EXPECT_EQ(mine.dying, 42u);
      mine.dying = 0;
    });
    wait_until([&] { return away.load(); });
    {
      const Claim claim(slot);
      ASSERT_TRUE(claim);
      come_back.store(true);
      wait_until([&] {
        const std::uint32_t state = slot.state.load(relaxed);
        return (state & kWaiter) != 0 || is_attached(state);
      });
      EXPECT_EQ(slot.state.load(relaxed), kDetached | kClaimed | kWaiter);
      slot.dying = 42;
    }
    other.wait();
  }
}

TEST_F(ClaimTest, a_claim_never_undoes_a_suspension) {
  Companion claimer(world());
  Slot& vacant = vacant_slot();
  for (int round = 0; round < 50; ++round) {
    std::atomic<bool> claimed{false};
    claimer.start([&] {
      {
        const Claim claim(vacant);
        EXPECT_TRUE(claim);
        claimed.store(true);
        // Now the slot is suspended under the claim, and the pause waits for this thread.
        wait_until([&] { return (vacant.state.load(relaxed) & kSuspended) != 0; });
        wait_until([&] { return (current()->state.load(relaxed) & kSuspended) != 0; });
      }
      EXPECT_EQ(vacant.state.load(relaxed), kVacant | kSuspended);
      safepoint();
    });
    wait_until([&] { return claimed.load(); });
    {
      const StoppedWorld pause(self());
      EXPECT_EQ(vacant.state.load(relaxed), kVacant | kSuspended);
    }
    claimer.wait();
    EXPECT_EQ(vacant.state.load(relaxed), kVacant);
  }
}

// Holder and claimers count in the slot, by plain additions. The claimers have slots of
// their own before the holder comes: one that entered after it left would get its slot.
TEST_F(ClaimTest, holder_and_claimers_exclude_each_other) {
  constexpr std::uint32_t kEach = 500;
  std::atomic<Slot*> slot{nullptr};
  std::atomic<int> claimers{0};
  {
    const Detached while_they_run;
    std::vector<std::jthread> threads;
    threads.emplace_back([&] {
      wait_until([&] { return claimers.load() == 2; });
      const Visit visit(world());
      slot.store(current());
      for (std::uint32_t n = 0; n < kEach; ++n) {
        ++current()->dying;
        const Detached away;
        std::this_thread::yield();
      }
    });
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        const Visit visit(world());
        ++claimers;
        wait_until([&] { return slot.load() != nullptr; });
        for (std::uint32_t n = 0; n < kEach;) {
          {
            const Claim claim(*slot.load());
            if (claim) {
              ++slot.load()->dying;
              ++n;
            }
          }
          std::this_thread::yield();
        }
      });
    }
  }
  EXPECT_EQ(slot.load()->dying, 3 * kEach);
}

}  // namespace
}  // namespace threadmill
