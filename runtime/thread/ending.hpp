// SPDX-License-Identifier: Apache-2.0
//
// Ending: a runtime ends while threads are still in it. Close to Py_Finalize and its daemon
// threads: whoever comes in is refused, and whoever is in stops for good.
//
//   a thread that is            stops for good
//   attached                    at its next safepoint, or as it asks for a pause or for a
//                               collection: it detaches
//   waiting to attach           when it is attached, like that
//   asleep in the runtime       (SleepsInside: for a mutex of a section, a turn, helpers)
//                               when it is attached and comes to a safepoint
//   collecting                  when its collection is over
//   detached otherwise          when it wants to attach, if ever
//
// The ender stops the world again and again, and takes the slots of those who are detached,
// and not in the runtime: they become vacant. It is done when there is no other.
//
// "For good" is a sleep without an end, in which a thread touches no memory of a runtime: it
// cannot be made to exit, for what stands on its stack is its own. So the runtime may be
// freed under it. Only the record of a slot outlives its world if a thread may still come
// back to it, which then deletes it.
//
// Invariants
//   E1  a thread that runs on, or sleeps, in code of the runtime is attached, or has its slot
//       marked as a waiter's or as sleeping inside: such a slot is not taken away, so the
//       ender waits for its thread to come out;
//   E2  taking the slot away is a CAS from exactly detached and suspended, so it excludes
//       that the thread becomes a waiter at the same time.
#pragma once

#include <cstdint>

#include "runtime/base/config.hpp"
#include "runtime/thread/slot.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

// Its thread, attached, is about to detach and to sleep in the runtime. To the end of the
// scope, when it is attached again.
class SleepsInside {
 public:
  explicit SleepsInside(Slot& self) noexcept : self_(self) {
    if constexpr (!kExplored) {
      outer_ = self_.sleeps_inside;
      self_.sleeps_inside = true;
    }
  }
  ~SleepsInside() {
    if constexpr (!kExplored) self_.sleeps_inside = outer_;
  }

  SleepsInside(const SleepsInside&) = delete;
  SleepsInside& operator=(const SleepsInside&) = delete;

 private:
  Slot& self_;
  bool outer_ = false;
};

// Nobody comes in any more. A thread that does not see it yet came in before it: the ender
// finds it in a pause.
[[nodiscard]] inline bool is_ending(const World& world) noexcept {
  if constexpr (kExplored) return false;  // no scenario ends its runtime under others
  return world.ender.load(relaxed) != 0;  // relaxed: the handover of a slot orders
}

// The runtime ends, and this thread, attached, may stop for good here.
[[nodiscard]] inline bool is_over_for(const Slot& self) noexcept {
  if constexpr (kExplored) return false;                // as above
  const SlotId ender = self.world.ender.load(relaxed);  // relaxed: pauses order
  return ender != 0 && ender != self.id && !self.collects && !self.sleeps_inside;
}

// This thread, attached, detaches, leaving behind all that it has, and stops for good.
[[noreturn]] void leave_for_good(Slot& self) noexcept;

// This thread finds that its slot, from which it had detached, was taken from it.
[[noreturn]] void arrive_too_late(Slot& slot) noexcept;

// Nobody is, or comes to be, attached to `slot`, suspended. False: its thread first has to
// come out of the runtime.
[[nodiscard]] bool end_slot(Slot& slot) noexcept TM_REQUIRES(stopped_world);

// The world ends. False: a thread may still come back to `slot`, and deletes it.
[[nodiscard]] bool may_delete(Slot& slot) noexcept;

// How many threads have stopped for good, in this process.
[[nodiscard]] std::uint32_t stopped_for_good() noexcept;

}  // namespace threadmill
