// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/inbox.hpp"

#include <vector>

#include "runtime/object/refcount.hpp"
#include "runtime/thread/claim.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

class InboxTest : public ObjectTest {
 protected:
  std::atomic<int> deaths_{0};
};

TEST_F(InboxTest, an_attached_owner_merges_at_its_next_safepoint_and_not_before) {
  TM_NEEDS_OWNERS();
  Companion owner(runtime_);
  Object* raw = nullptr;
  owner.run([&] { raw = make<Mortal>(deaths_).release(); });
  decref(*raw);
  EXPECT_EQ(deaths_.load(), 0);
  owner.start_polling();
  while (deaths_.load() == 0) rest();
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(InboxTest, an_owner_that_leaves_merges_what_is_in_its_inbox) {
  TM_NEEDS_OWNERS();
  Object* raw = nullptr;
  {
    Companion owner(runtime_);
    owner.run([&] { raw = make<Mortal>(deaths_).release(); });
    decref(*raw);
    EXPECT_EQ(deaths_.load(), 0);
  }
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(InboxTest,
       an_object_merged_by_its_owner_while_in_the_inbox_loses_one_reference) {
  auto object = make<Mortal>(deaths_);
  Companion other(runtime_);
  // Two references here, one of them dropped by the other thread, which keeps a third.
  incref(*object);
  other.run([&] {
    decref(*object);  // queued
    incref(*object);
  });
  Object* raw = object.get();
  object.reset();  // local 1 is left, of the inbox
  safepoint();
  EXPECT_EQ(refcount(*raw), 1);
  EXPECT_EQ(deaths_.load(), 0);
  other.run([raw] { decref(*raw); });
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(InboxTest, what_found_no_memory_for_the_inbox_is_noted) {
  Slot& self = *current();
  self.inbox.note_overflow();
  EXPECT_TRUE(self.inbox.take_overflow());
  EXPECT_FALSE(self.inbox.take_overflow());
}

// Owners detach and attach in a loop while others drop what they made: nothing may be
// left in an inbox once everybody is gone.
TEST_F(InboxTest, nothing_stays_behind_when_owners_come_and_go) {
  constexpr int kObjects = 4000;
  std::vector<std::atomic<Object*>> boxes(64);
  std::atomic<bool> done{false};
  {
    const Detached while_waiting;
    std::thread owner([&] {
      for (int i = 0; i < kObjects;) {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        for (int n = 0; n < 16 && i < kObjects; ++n) {
          auto& box = boxes[static_cast<std::size_t>(i) % boxes.size()];
          if (box.load() != nullptr) break;
          box.store(make<Mortal>(deaths_).release());
          ++i;
        }
        { const Detached away; }
        leave();
      }
      done.store(true);
    });
    std::thread dropper([&] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      for (bool last = false; !last;) {
        last = done.load();
        for (auto& box : boxes) {
          Object* got = box.exchange(nullptr);
          if (got != nullptr) decref(*got);
        }
        safepoint();
      }
      leave();
    });
    owner.join();
    dropper.join();
  }
  EXPECT_EQ(deaths_.load(), kObjects);
}

}  // namespace
}  // namespace threadmill
