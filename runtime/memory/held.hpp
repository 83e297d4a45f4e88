// SPDX-License-Identifier: Apache-2.0
//
// Held memory: what a world keeps although no live object needs it. Leaks that are no
// leaks of objects show here (catalogue C3, F9, F10, F19).
//
//   retired   buffers that wait for a grace period: never more than the budget allows
//             (retire_budget.hpp); a collection frees them all
//   inboxes   references that wait for their owner to merge. Each is somebody's duty
//             (thread/slot.hpp, S3), so none is left once every thread has left or is at
//             a safepoint
//   pages     of blocks. One without a taken block goes back at a full collection; one that
//             neither a heap nor limbo (limbo.hpp) knows of never does
//   blocks    taken, but of no live object: dead and not yet freed, or freed by another
//             thread and not yet taken back, or in quarantine. None is left after a
//             collection in and after which nothing died
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/thread/slot.hpp"

namespace threadmill {

struct HeldMemory {
  std::size_t retired_bytes = 0;
  // The sum over all slots of the most that each has held: there never was more.
  std::size_t most_retired_bytes = 0;
  // The most of one slot, and of all in closed batches, with what B1 and B2 allow; sections
  // of users in which several large buffers are retired are not allowed for.
  std::size_t most_retired_in_slot = 0;
  std::size_t may_retire_in_slot = 0;
  std::size_t most_retired_in_all = 0;
  std::size_t may_retire_in_all = 0;
  std::size_t inbox_entries = 0;
  std::size_t longest_inbox = 0;  // the most entries that were merged at once
  std::size_t pages = 0;
  std::size_t most_pages = 0;   // that were in use at a time
  std::size_t empty_pages = 0;  // of `pages`: without a taken block
  // In use by the arena's count, and nowhere (memory/heap.hpp, H3): 0, or a defect.
  std::size_t lost_pages = 0;
  std::uint64_t dead_blocks = 0;
};

// What is held now, by all slots. Looks at every page. `self` is the slot of this thread,
// attached; stops the world.
[[nodiscard]] HeldMemory measure_held_memory(Slot& self) noexcept;

}  // namespace threadmill
