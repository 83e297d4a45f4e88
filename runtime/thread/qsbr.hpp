// SPDX-License-Identifier: Apache-2.0
//
// Quiescent-state-based reclamation (McKenney and Slingwine, 1998; CPython's qsbr.c):
// memory that was unlinked may be freed once every slot has passed a quiescent point
// afterwards. A safepoint is one; a slot that is not attached is always at one.
//
//   epoch        advances by one for each closed batch of unlinked memory, which then
//                waits to be freed (memory/retire.hpp), for each goal of empty pages
//                (memory/empty_pages.hpp), and to have everybody look (memory/heap.hpp, H2)
//   seen_epoch   per slot: the epoch at its last quiescent point
//   goal         an epoch; whoever has seen it cannot reach what was unlinked before
//   quiet_epoch  per slot, for its holder alone: equal to `epoch` if nothing is to be done
//                at a safepoint; never equal while closed batches wait
//
// There is no "offline" value to publish: whether a slot is attached is asked by a
// read-modify-write of its state word, so an attach either comes before it in that
// word's order, and is seen, or after it, and then reads what the asker unlinked. A
// store-load pair (catalogue F5, N7) does not arise. Nor with a new slot, which the asker
// may not have found: who adds it changes the epoch's word, by nothing, once it can be.
//
// Edges
//   epoch-advance     what was unlinked before an advance is unlinked for every thread
//                     that has seen the new epoch
//   quiescent-report  what a thread read before a quiescent point happens before the
//                     free that waited for it
#pragma once

#include <cstdint>

#include "runtime/base/fault.hpp"
#include "runtime/thread/slot.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

// The holder of `self` keeps no pointer that it read without a reference.
inline void note_quiescent(Slot& self) noexcept {
  // edge: epoch-advance
  const std::uint64_t epoch = self.world.epoch.load(acquire);
  // edge: quiescent-report
  self.seen_epoch.store(epoch, release);
  self.quiet_epoch = epoch;
}

// The next safepoint of `self`, which the caller holds, is a quiescent point even if the
// epoch is the same: what waits for others cannot know when they have reported.
inline void look_again(Slot& self) noexcept { self.quiet_epoch = 0; }

inline bool is_limbo_empty(const World& world) noexcept {
  return world.pages_in_limbo.load(relaxed) == 0;  // relaxed: a hint (memory/limbo.hpp)
}

// Whether the holder of `self` may have something to free.
[[nodiscard]] inline bool has_to_free(const Slot& self) noexcept {
  // relaxed: a hint; see memory/heap.hpp, H5
  return self.has_retired || self.gives_pages || self.asked_for_pages.load(relaxed);
}

// note_quiescent(), and whether there may be something to free now: of its own, or in
// limbo, of which a new epoch is news.
[[nodiscard]] inline bool note_quiescent_and_look(Slot& self) noexcept {
  const std::uint64_t before = self.quiet_epoch;
  note_quiescent(self);
  return has_to_free(self) ||
         (self.quiet_epoch != before && !is_limbo_empty(self.world));
}

// False: the call above would return false.
[[nodiscard]] inline bool is_worth_a_look(const Slot& self) noexcept {
  // relaxed: if it is new this moment, a keeper looks
  return has_to_free(self) || (!is_limbo_empty(self.world) &&
                               self.world.epoch.load(relaxed) != self.quiet_epoch);
}

// The goal for everything that the caller unlinked before this call.
[[nodiscard]] inline std::uint64_t advance_epoch(World& world) noexcept {
  // edge: epoch-advance
  const std::uint64_t before = world.epoch.fetch_add(1, acq_rel);
  if (fault(Fault::retire_goal_too_early)) return before;
  if (fault(Fault::delayed_death_is_legal)) return before + 2;
  return before + 1;
}

// True: whatever has `goal` may be freed. The cost is a look at every slot.
[[nodiscard]] bool goal_reached(const World& world, std::uint64_t goal) noexcept;

}  // namespace threadmill
