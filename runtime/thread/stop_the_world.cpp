// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/stop_the_world.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/ending.hpp"
#include "runtime/thread/global_lock.hpp"
#include "runtime/thread/waiting.hpp"

namespace threadmill {

using namespace slot_state;

StoppedWorldCapability stopped_world;

namespace {

void take_stop_lock(Slot& self) noexcept
    TM_ACQUIRES(self.world.stop_lock) TM_NO_THREAD_SAFETY_ANALYSIS {
  // Who stops the world again and again may come to no other safepoint.
  if (is_global_lock_asked_for()) detail::let_another_run(self);
  if (is_over_for(self)) leave_for_good(self);
  TicketLock& lock = self.world.stop_lock;
  const std::uint32_t ticket = lock.take_ticket();
  if (lock.is_served(ticket)) return;
  // No user code with a ticket in hand: it could ask for another one, and wait for this
  // one. So what dies on the way out is only listed, for start_the_world().
  const bool was_in_cascade = self.in_cascade;
  self.in_cascade = true;
  {
    // The holder may be waiting for this thread to stop.
    const SleepsInside until_served(self);
    const Detached while_waiting;
    const Waiting for_turn(self, WaitReason::turn_to_stop);
    lock.wait_for(ticket);
  }
  self.in_cascade = was_in_cascade;
}

// The number of threads that are still on their way.
std::uint32_t suspend_everybody_else(Slot& self) noexcept {
  std::uint32_t on_their_way = 0;
  self.world.for_each_slot([&](Slot& slot) {
    if (&slot == &self) return;
    // edge: slot-handover, all-stopped
    if (is_attached(slot.state.fetch_or(kSuspended, acq_rel))) ++on_their_way;
  });
  return on_their_way;
}

void wait_for_arrivals(World& world, std::uint32_t on_their_way) noexcept {
  // edge: all-stopped
  std::uint32_t left = world.countdown.fetch_add(on_their_way, acq_rel) + on_their_way;
  while (left != 0) {
    os_wait(world.countdown, left);
    left = world.countdown.load(acquire);  // edge: all-stopped
  }
}

// Suspended -> not suspended; a thread that waits to attach is attached on its behalf.
void let_go(Slot& slot) noexcept {
  std::uint32_t state = slot.state.load(relaxed);  // relaxed: confirmed by the cas
  std::uint32_t next;
  do {
    TM_CHECK((state & kSuspended) != 0 && !is_attached(state),
             "nobody-attaches-in-pause",
             "at the end of a pause a slot is attached or not suspended");
    const bool let_in = (state & kWaiter) != 0 && !fault(Fault::pause_starves_attacher);
    next = let_in ? kAttached : state & ~kSuspended;
    // edge: slot-handover, pause-end, inbox-or-state (seq_cst: a pusher that saw the
    // suspension left its entry to this thread, which looks at the inbox next)
  } while (!slot.state.cas(state, next, seq_cst));
}

// slot.hpp, S3: what was pushed to a slot that was suspended while its thread was away.
// First in the pause: afterwards the next stopper may be the first to come to the slot,
// suspend it again and leave it to the one after, so that under back-to-back pauses nobody
// ever merged. A thread that waits to attach merges for itself.
void merge_for_those_away(Slot& self) noexcept {
  const bool was_in_cascade = self.in_cascade;
  self.in_cascade = true;  // no user code in the pause
  self.world.for_each_slot([&self](Slot& slot) {
    if (&slot == &self || slot.inbox.seems_empty()) return;
    // relaxed: as good as any moment; who waits is let in at the end of this pause
    if ((slot.state.load(relaxed) & kWaiter) == 0)
      self.world.hooks().help_slot(self, slot);
  });
  self.in_cascade = was_in_cascade;
}

}  // namespace

namespace detail {

void count_down(World& world) noexcept {
  // edge: all-stopped
  if (world.countdown.fetch_sub(1, acq_rel) == 1) os_wake_all(world.countdown);
}

}  // namespace detail

void stop_the_world(Slot& self) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  TM_ASSERT(!self.stopped_the_world, "pause-not-nested", "a pause inside a pause");
  take_stop_lock(self);
  World& world = self.world;
  world.pause_times.note_request();
  if constexpr (!kExplored) world.stopper.store(self.id, relaxed);  // relaxed: a report
  world.pause_word.fetch_add(1, acq_rel);                           // edge: pause-end
  chaos_point(self, ChaosPoint::stop);
  {
    const Waiting for_threads(self, WaitReason::threads_to_stop);
    const std::uint32_t on_their_way = suspend_everybody_else(self);
    if (fault(Fault::resume_section_while_stopping_world)) {
      const Detached while_waiting;
      wait_for_arrivals(world, on_their_way);
    } else {
      wait_for_arrivals(world, on_their_way);
    }
  }
  self.stopped_the_world = true;
  world.stopped.store(true, relaxed);  // relaxed: only checks read it
  world.pause_times.note_stopped();
}

void start_the_world(Slot& self) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  World& world = self.world;
  merge_for_those_away(self);
  if constexpr (!kExplored) world.stopper.store(0, relaxed);  // relaxed: a report
  world.stopped.store(false, relaxed);  // relaxed: published by let_go() below
  self.stopped_the_world = false;
  world.for_each_slot([&self](Slot& slot) {
    if (&slot != &self) let_go(slot);
  });
  world.pause_word.fetch_add(1, acq_rel);  // edge: pause-end
  os_wake_all(world.pause_word);
  world.pause_times.note_start();
  world.stop_lock.unlock();
  // S3: who was let go may have pushed to a slot that was not yet. The next stopper, if it
  // has suspended that again, merges in its pause.
  world.for_each_slot([&self, &world](Slot& slot) {
    if (&slot != &self && !slot.inbox.is_empty_after_leaving())
      world.hooks().help_slot(self, slot);
  });
  // What died while this thread waited for its turn, or was merged just now, unless a scope
  // stands that will end it.
  if (self.dying != 0 && !self.in_cascade) world.hooks().drain_inbox(self);
}

}  // namespace threadmill
