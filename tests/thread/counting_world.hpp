// SPDX-License-Identifier: Apache-2.0
//
// A world without objects: its hooks count their calls. An inbox holds `Letter`s, and
// whoever takes one counts it there, by a plain addition: taking twice, or without the
// order that the inbox promises, shows.
#pragma once

#include <atomic>
#include <memory>

#include <gtest/gtest.h>

#include "runtime/thread/attach.hpp"
#include "runtime/thread/claim.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

class Letter {
 public:
  Letter() = default;
  Letter(const Letter&) = delete;
  Letter& operator=(const Letter&) = delete;

  void send(Slot& to) { to.inbox.push(entry_); }

  // After the taking, seen by this thread.
  [[nodiscard]] int taken() const { return taken_; }
  void take() { ++taken_; }

 private:
  int taken_ = 0;
  InboxEntry entry_{this, nullptr};
};

class CountingWorld {
 public:
  CountingWorld()
      : world_(std::make_unique<World>(
            World::Hooks{.context = this,
                         .open_slot = open_slot,
                         .close_slot = close_slot,
                         .drain_inbox = drain_inbox,
                         .help_slot = help_slot,
                         .quiescent = [](Slot& self) noexcept { ++of(self).quiescent; },
                         .before_growth = [](Slot&) noexcept {}})) {}

  [[nodiscard]] World& world() { return *world_; }
  void destroy() { world_.reset(); }

  bool may_open = true;
  std::atomic<int> opened{0};
  std::atomic<int> closed{0};
  std::atomic<int> drained{0};
  std::atomic<int> helped{0};
  std::atomic<int> quiescent{0};

 private:
  static CountingWorld& of(Slot& slot) noexcept {
    return *static_cast<CountingWorld*>(slot.world.hooks().context);
  }
  static bool open_slot(void* context, Slot&) noexcept {
    auto& self = *static_cast<CountingWorld*>(context);
    if (!self.may_open) return false;
    ++self.opened;
    return true;
  }
  static void close_slot(void* context, Slot&) noexcept {
    ++static_cast<CountingWorld*>(context)->closed;
  }
  static void take_letters(Slot& from) noexcept {
    for (InboxEntry* entry = from.inbox.take_all(); entry != nullptr;) {
      InboxEntry* next = entry->next;
      static_cast<Letter*>(entry->object)->take();
      entry = next;
    }
  }
  static void drain_inbox(Slot& self) noexcept {
    ++of(self).drained;
    take_letters(self);
  }
  // As the object layer does it.
  static void help_slot(Slot& self, Slot& target) noexcept {
    ++of(self).helped;
    if (self.stopped_the_world) {
      take_letters(target);
      return;
    }
    do {
      const Claim claim(target);
      if (!claim) return;
      take_letters(target);
    } while (!target.inbox.is_empty_after_leaving());
  }

  std::unique_ptr<World> world_;
};

// The calling thread is attached for the length of a scope.
class Visit {
 public:
  explicit Visit(World& world) { EXPECT_NE(enter(world), nullptr); }
  ~Visit() { leave(); }

  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
};

// The calling thread is attached for the length of a test.
class WorldTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(enter(world()), nullptr); }
  void TearDown() override { leave(); }

  [[nodiscard]] World& world() { return counting_.world(); }
  [[nodiscard]] Slot& self() { return *current(); }

  CountingWorld counting_;
};

}  // namespace threadmill
