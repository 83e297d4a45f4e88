// SPDX-License-Identifier: Apache-2.0
//
// Safepoints: here an attached thread stops for pauses, merges what others queued for
// it, and reports that it is quiescent. Allocation passes one on entry, and so do container
// operations outside of critical sections; a loop without either calls `safepoint()` itself.
#pragma once

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/global_lock.hpp"
#include "runtime/thread/slot.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

namespace detail {

void safepoint_slow(Slot& self) noexcept;

inline bool has_mail(const Slot& self) noexcept {
  return !self.inbox.seems_empty() && !fault(Fault::queue_without_poke);
}

}  // namespace detail

// `self` is the slot of this thread, attached. Afterwards nothing that was read without
// a reference may be used.
inline void safepoint(Slot& self) noexcept {
  // relaxed, both: a poll; the slow path synchronises
  if (self.state.load(relaxed) != slot_state::kAttached || detail::has_mail(self) ||
      self.world.epoch.load(relaxed) != self.quiet_epoch || is_global_lock_asked_for())
      [[unlikely]]
    detail::safepoint_slow(self);
}

inline void safepoint() noexcept {
  TM_ASSERT(current() != nullptr, "objects-need-attachment",
            "safepoint() by a thread that is not attached");
  safepoint(*current());
}

// For operations of containers: inside a critical section of the caller's they are no
// safepoint, for stopping there would let others into the section.
inline Slot& poll_outside_sections() noexcept {
  Slot& self = *current();
  if (self.sections == nullptr) safepoint(self);
  return self;
}

}  // namespace threadmill
