// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/attach.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/ending.hpp"
#include "runtime/thread/global_lock.hpp"
#include "runtime/thread/qsbr.hpp"
#include "runtime/thread/section.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "runtime/thread/waiting.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

using namespace slot_state;

namespace {

// The thread is attached: make it so in its own eyes.
void arrive(Slot& slot) noexcept {
  // relaxed: only a check; had the stopper not let this thread in, it would read true
  TM_ASSERT(!slot.world.stopped.load(relaxed), "no-mutator-in-pause",
            "a thread attached while the world is stopped");
  set_current(&slot);
  if (note_quiescent_and_look(slot)) look_again(slot);
}

// Of a fault: the thread has given up the slot already.
void drain_as_if_there(Slot& self) noexcept {
  set_current(&self);
  if (!self.inbox.seems_empty()) self.world.hooks().drain_inbox(self);
  set_current(nullptr);
}

// The same pair as an inbox's (inbox_list.hpp): who asked before seeing the new mode has
// left it to this thread (memory/heap.hpp, H5).
bool was_asked_after_leaving(const Slot& self) noexcept {
  if (fault(Fault::departs_as_it_is_asked)) return false;
  return self.asked_for_pages.load(seq_cst);  // edge: inbox-or-state
}

// Attached -> `mode`, then S3 (slot.hpp): look at the inbox once more. Whoever pushed
// before seeing the new mode left its entry to this thread. What dies here may run user
// code, which may detach, attach and so resume a section: they are suspended last.
void depart(Slot& self, std::uint32_t mode) noexcept {
  const World::Hooks& hooks = self.world.hooks();
  for (;;) {
    if (!self.inbox.seems_empty() && !fault(Fault::leave_registry_before_drain))
      hooks.drain_inbox(self);
    if (is_worth_a_look(self) && note_quiescent_and_look(self)) hooks.quiescent(self);
    if (mode == kVacant || self.gives_pages) hooks.departing(self, mode == kVacant);
    suspend_sections(self);
    chaos_point(self, ChaosPoint::detach);
    set_current(nullptr);
    // edge: slot-handover, inbox-or-state (seq_cst: see inbox_list.hpp)
    const std::uint32_t before = self.state.fetch_sub(kAttached - mode, seq_cst);
    if ((before & kSuspended) != 0) {
      if (!fault(Fault::countdown_lost_thread_exit)) detail::count_down(self.world);
      return;  // S3: the starter of the world looks
    }
    if (fault(Fault::leave_registry_before_drain)) {
      drain_as_if_there(self);
      return;
    }
    if (fault(Fault::drain_once_at_exit)) return;
    if (self.inbox.is_empty_after_leaving() && !was_asked_after_leaving(self)) return;
    std::uint32_t state = mode;
    // edge: slot-handover
    if (!self.state.cas_strong(state, kAttached, acq_rel))
      return;  // S3: a stopper, a claimer or, if vacant, the next holder has it
    set_current(&self);
  }
}

// `state` -> attached.
bool take(Slot& slot, std::uint32_t state) noexcept {
  if (fault(Fault::epoch_attach_release))
    return slot.state.cas_strong(state, kAttached, release);  // edge: slot-handover
  return slot.state.cas_strong(state, kAttached, acq_rel);    // edge: slot-handover
}

Slot* take_vacant_slot(World& world) noexcept {
  const SlotId count = world.slot_count();
  for (SlotId id = 1; id <= count; ++id) {
    Slot& slot = world.slot(id);
    // relaxed: a look before the cas, which decides
    if (slot.state.load(relaxed) == kVacant && take(slot, kVacant)) return &slot;
  }
  return nullptr;
}

// Those that are over.
std::uint32_t pauses_so_far(const World& world) noexcept {
  if constexpr (kExplored) return 0;
  return world.pause_word.load(relaxed) / 2;  // relaxed: a statistic
}

// A vacant slot or a new one; null: out of memory or of slots.
Slot* take_or_add_slot(World& world) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  if (fault(Fault::new_thread_runs_inside_pause))
    return world.add_slot(world.slot_count());
  const SlotId seen =
      fault(Fault::slot_array_read_outside_lock) ? world.slot_count() : 0;
  // Nothing can be suspended while this thread has the stop lock.
  const std::uint32_t ticket = world.stop_lock.take_ticket();
  const std::uint32_t before = pauses_so_far(world);
  world.stop_lock.wait_for(ticket);
  const std::uint32_t after = pauses_so_far(world);
  const bool is_over = is_ending(world);
  Slot* slot = is_over ? nullptr : take_vacant_slot(world);
  if (slot == nullptr && !is_over) {
    slot = world.add_slot(
        fault(Fault::slot_array_read_outside_lock) ? seen : world.slot_count());
  }
  if (slot == nullptr && fault(Fault::start_waits_for_dead_child)) return nullptr;
  if (slot != nullptr) slot->attach_waits.note_entry(after - before);
  world.stop_lock.unlock();
  return slot;
}

// Until the starter of the world or a free slot lets this thread in.
void wait_to_attach(Slot& slot, PausesWaited& pauses) noexcept {
  World& world = slot.world;
  for (;;) {
    // edge: slot-handover
    std::uint32_t state = slot.state.load(acquire);
    if (is_attached(state)) return;  // the starter of the world let us in
    if ((state & kEnded) != 0) arrive_too_late(slot);
    if ((state & (kClaimed | kSuspended)) == 0) {
      // edge: slot-handover
      if (slot.state.cas_strong(state, kAttached, acq_rel)) return;
      continue;
    }
    if ((state & kWaiter) == 0) {
      // edge: slot-handover
      if (!slot.state.cas_strong(state, state | kWaiter, acq_rel)) continue;
      state |= kWaiter;
    }
    if ((state & kSuspended) == 0) {
      const Waiting for_claimer(slot, WaitReason::claim_end);
      os_wait(slot.state, state);
      if (fault(Fault::interrupt_flag_not_rechecked_after_block)) return;
      continue;
    }
    // The starter changes the slots first and the pause word afterwards, so a word that
    // was read before a slot still suspended is the word of this pause.
    // edge: pause-end
    const std::uint32_t pause = world.pause_word.load(acquire);
    // relaxed: if it reads an older value, os_wait finds the pause word changed
    if (slot.state.load(relaxed) != state) continue;
    pauses.note(pause);
    const Waiting for_starter(slot, WaitReason::pause_end);
    os_wait(world.pause_word, pause);
  }
}

// Detached -> attached, by a thread that has the global lock, if there is one.
void come_back(Slot& slot) noexcept {
  const bool had_to_wait = !take(slot, kDetached);
  if (had_to_wait) detail::attach_slow(slot);
  arrive(slot);
  if (had_to_wait && is_over_for(slot)) leave_for_good(slot);
}

}  // namespace

Slot* enter(World& world) noexcept {
  TM_CHECK(current() == nullptr, "one-world-per-thread",
           "this thread is attached already; leave or detach first");
  take_global_lock();
  Slot* slot = take_vacant_slot(world);
  if (slot == nullptr) slot = take_or_add_slot(world);
  if (slot == nullptr) {
    release_global_lock();
    return nullptr;
  }
  arrive(*slot);
  if (!is_ending(world)) return slot;
  leave();
  return nullptr;
}

void leave() noexcept {
  Slot& self = *current();
  TM_CHECK(self.sections == nullptr, "leave-without-sections",
           "a thread leaves its runtime inside a critical section");
  TM_CHECK(self.stack_references == nullptr, "leave-without-stack-references",
           "a thread leaves its runtime while it has a Deferred");
  TM_CHECK(self.user_code_depth == 0 && !self.in_cascade,
           "leave-not-in-user-code-of-deaths",
           "a finalizer, a destructor or a callback leaves its runtime");
  if (fault(Fault::detached_before_unlinked)) {
    depart(self, kDetached);
    self.state.store(kVacant, release);  // edge: slot-handover
    return;
  }
  depart(self, kVacant);
  release_global_lock();
  if (fault(Fault::act_after_leaving_participants)) self.in_cascade = false;
}

Slot& detach() noexcept {
  Slot& self = *current();
  detail::detach_bare(self);
  return self;
}

void attach(Slot& slot) noexcept {
  detail::attach_bare(slot);
  if (slot.sections != nullptr) detail::resume_innermost(slot);
}

namespace detail {

void detach_bare(Slot& self) noexcept {
  TM_ASSERT(!self.stopped_the_world, "stopper-stays-attached",
            "a thread that stopped the world detaches");
  depart(self, kDetached);
  release_global_lock();
}

void let_another_run(Slot& self) noexcept {
  {
    const SleepsInside until_its_turn(self);
    depart(self, kDetached);
    {
      const Waiting for_turn(self, WaitReason::turn_to_run);
      hand_over_global_lock();
    }
    come_back(self);
  }
  if (self.sections != nullptr) resume_innermost(self);
}

void attach_bare(Slot& slot) noexcept {
  TM_CHECK(current() == nullptr, "one-world-per-thread",
           "this thread is attached already; leave or detach first");
  if (!try_take_global_lock()) {
    const Waiting for_turn(slot, WaitReason::turn_to_run);
    take_global_lock();
  }
  come_back(slot);
}

void attach_slow(Slot& slot) noexcept {
  const std::uint64_t began = steady_nanoseconds();
  PausesWaited pauses;
  wait_to_attach(slot, pauses);
  slot.attach_waits.note(steady_nanoseconds() - began, pauses.count());
}

}  // namespace detail

}  // namespace threadmill
