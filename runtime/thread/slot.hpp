// SPDX-License-Identifier: Apache-2.0
//
// Slot: the record that a running thread holds, and the owner of objects. Ownership
// belongs to the slot, not to the thread: a thread that exits leaves its slot vacant,
// with its heap and its inbox, and the next holder inherits its objects.
//
// States of `state` (mode, plus bits)
//
//   mode       meaning                                leaves by
//   vacant     no thread holds it                     an entering thread: attached
//   detached   its thread does not touch objects      its thread: attached ·
//                                                     starter of the world: attached ·
//                                                     ender, child of a fork: vacant
//   attached   its thread may touch objects           its thread: detached, vacant
//
//   bit        set by                                 cleared by
//   suspended  whoever stops the world, on every      whoever stopped the world
//              slot but its own
//   claimed    an attached thread, on a vacant or     the same thread, by fetch_and
//              detached slot without these three
//   waiter     its thread, when it cannot attach      by becoming attached, or vacant
//   ended      who ends the runtime, in a pause, on   nobody: nobody attaches to it any
//              a slot that nobody is attached to,     more (ending.hpp)
//              which becomes vacant
//   arrived    its thread, which stops for good and   nobody
//              is done with it; or, if vacant, ender
//   orphaned   the end of the world, unless arrived   nobody: the record is the thread's
//
// Invariants
//   S1  a slot becomes attached only from a state without claimed and suspended, or by
//       the starter of the world on behalf of a waiter. Without it a thread would run
//       inside a pause or beside a claimer (catalogue I1).
//   S2  every transition is an acquire-release read-modify-write, so each one is in the
//       release sequence of those before it, and owner-only plain data is handed over.
//       (The fault suspended-state-not-recorded stores, and breaks S1 by it.)
//   S3  an entry of an inbox is always somebody's duty: of the attached holder at its
//       next safepoint; of a thread that detaches or leaves, which looks again
//       afterwards; of a claimer, which looks again after it released the claim; of the
//       starter of the world, for slots that were suspended while not attached.
//
// Edges
//   slot-handover   what the holder, claimer or stopper of a slot did happens before
//                   what the next one does (S2)
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/config.hpp"
#include "runtime/base/system_memory.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/plain.hpp"
#include "runtime/thread/chaos_settings.hpp"
#include "runtime/thread/inbox_list.hpp"
#include "runtime/thread/latency.hpp"

namespace threadmill {

class Heap;
class RetireList;
class StackReference;
class World;
struct Section;
struct SlotCounts;

// Names a slot in object headers; 0 is nobody.
using SlotId = std::uint32_t;

// See waiting.hpp.
enum class WaitReason : std::uint8_t {
  nothing,
  section,          // the mutex of a critical section
  claim_end,        // a claimer of its slot
  pause_end,        // the stopper of the world
  turn_to_stop,     // likewise, to stop the world itself
  threads_to_stop,  // threads that have not come to a safepoint
  turn_to_collect,  // the collection that runs
  collection,       // likewise, before the heap may grow
  helpers,          // threads that help to clear trash
  turn_to_run,      // the global lock
};

namespace slot_state {

inline constexpr std::uint32_t kModeMask = 3;
inline constexpr std::uint32_t kVacant = 0;
inline constexpr std::uint32_t kDetached = 1;
inline constexpr std::uint32_t kAttached = 2;

inline constexpr std::uint32_t kClaimed = 4;
inline constexpr std::uint32_t kSuspended = 8;
inline constexpr std::uint32_t kWaiter = 16;
inline constexpr std::uint32_t kEnded = 32;
inline constexpr std::uint32_t kArrived = 64;
inline constexpr std::uint32_t kOrphaned = 128;

constexpr bool is_attached(std::uint32_t state) noexcept {
  return (state & kModeMask) == kAttached;
}

}  // namespace slot_state

struct alignas(kCacheLine) Slot : SystemAllocated {
  Slot(World& its_world, SlotId its_id) noexcept
      : state(slot_state::kAttached),
        world(its_world),
        id(its_id),
        self_word(std::uint64_t{its_id} << 32) {}

  // One line that other threads write; its holder polls it.
  Atomic<std::uint32_t> state;
  InboxList inbox;
  // The last epoch that this slot has seen at a quiescent point; its holder writes it.
  Atomic<std::uint64_t> seen_epoch;
  // Others have freed much of what its heap holds (memory/heap.hpp, H5).
  Atomic<bool> asked_for_pages;

  // From here on only the holder, a claimer or a pause reads and writes (S2), but for
  // what never changes.
  alignas(kCacheLine) World& world;
  const SlotId id;
  const std::uint64_t self_word;       // word0 of an object of this slot, local count 0
  Heap* heap = nullptr;                // set once by the memory layer
  RetireList* retired = nullptr;       // likewise
  Plain<Section*> sections = nullptr;  // innermost critical section of the holder
  Plain<StackReference*> stack_references = nullptr;  // the last one of the holder's
  Atomic<SlotCounts*> counts;      // of distributed objects; null until there are any
  Plain<std::uint32_t> dying = 0;  // list of dead objects that wait for their cascade
  Plain<bool> in_cascade = false;  // the holder is freeing a cascade
  Plain<std::uint32_t> user_code_depth = 0;  // user code of deaths, one in another
  Plain<bool> has_retired = false;           // `retired` is not empty
  Plain<bool> gives_pages = false;           // the holder has pages to give back
  Plain<bool> over_budget = false;           // memory/retire_budget.hpp: B1, B2
  // The epoch at which a safepoint has nothing to do; see look_again().
  Plain<std::uint64_t> quiet_epoch = 0;
  // Containers that its holders made, less those that they ended, since this was last
  // added up (collector/generations.hpp).
  Plain<std::int32_t> new_containers = 0;
  Plain<bool> collects = false;  // the holder collects, helps, or waits to collect
  Plain<bool> stopped_the_world = false;  // the holder has everybody else stopped
  Plain<bool> sleeps_inside = false;      // detached, in the runtime: see SleepsInside
  Atomic<WaitReason> waits_for;           // its holder writes both, anybody reads
  Atomic<const void*> waits_on;
  ChaosState chaos;  // see chaos.hpp
  AttachWaits attach_waits;
  std::size_t longest_inbox = 0;  // the most entries that were merged at once
};

}  // namespace threadmill
