// SPDX-License-Identifier: Apache-2.0
//
// Entering and leaving a world, and detaching in between. An attached thread may touch
// objects and must come to a safepoint now and then; a detached one may block for as
// long as it likes and touches no object. See slot.hpp for the states.
#pragma once

#include "runtime/thread/slot.hpp"

namespace threadmill {

class World;

// Takes a vacant slot, or a new one, and attaches. Waits while the world is stopped.
// Null: out of memory or of slots. The calling thread must not be attached anywhere.
[[nodiscard]] Slot* enter(World& world) noexcept;

// Gives up the slot of this thread, which is attached. Its objects stay, owned by the
// slot.
void leave() noexcept;

// Detaches this thread, which is attached: suspends its critical sections and merges
// what is in its inbox. Returns the slot for `attach`.
[[nodiscard]] Slot& detach() noexcept;

// Attaches again to `slot`, from which this thread detached. Waits while the world is
// stopped or the slot is claimed.
void attach(Slot& slot) noexcept;

// Blocking code stands in the scope of one of these.
class Detached {
 public:
  Detached() noexcept : slot_(detach()) {}
  ~Detached() { attach(slot_); }

  Detached(const Detached&) = delete;
  Detached& operator=(const Detached&) = delete;

 private:
  Slot& slot_;
};

namespace detail {
// As above, for callers that see to the sections themselves.
void detach_bare(Slot& self) noexcept;
void attach_bare(Slot& slot) noexcept;
// Hands over the global lock, which another thread has asked for; a safepoint. The slot is
// detached in between, so that no pause and no grace period waits for this thread.
void let_another_run(Slot& self) noexcept;
// Waits until the starter of the world or a free slot lets this thread in.
void attach_slow(Slot& slot) noexcept;
}  // namespace detail

}  // namespace threadmill
