// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/held.hpp"

#include <algorithm>

#include "runtime/memory/heap_walk.hpp"
#include "runtime/memory/retire.hpp"

namespace threadmill {

namespace {

void add_page(Page& page, HeldMemory& held) noexcept TM_REQUIRES(stopped_world) {
  ++held.pages;
  if (page.in_use == 0) ++held.empty_pages;
  std::uint64_t live = 0;
  for_each_live_block(page, [&live](Page&, std::uint32_t) noexcept { ++live; });
  held.dead_blocks += page.in_use - live;
}

// B1 and B2: one buffer of the largest size beyond the limits.
void add_retired(const World& world, HeldMemory& held) noexcept
    TM_REQUIRES(stopped_world) {
  std::size_t slots = 0;
  std::size_t largest = 0;
  RetireLimits limits;
  world.for_each_slot([&](Slot& slot) {
    const RetireList& list = *slot.retired;
    held.retired_bytes += list.bytes();
    held.most_retired_bytes += list.most_bytes();
    held.most_retired_in_slot = std::max(held.most_retired_in_slot, list.most_bytes());
    held.most_retired_in_all = list.budget().most_bytes();
    limits = list.budget().limits();
    largest = std::max(largest, list.largest_buffer());
    ++slots;
  });
  const std::size_t beyond = RetireList::kBatchBytes + largest;
  held.may_retire_in_slot = limits.per_slot + beyond;
  held.may_retire_in_all = limits.in_all + slots * beyond;
}

}  // namespace

HeldMemory measure_held_memory(Slot& self) noexcept {
  const StoppedWorld pause(self);
  HeldMemory held;
  add_retired(self.world, held);
  self.world.for_each_slot([&held](Slot& slot) {
    held.inbox_entries += slot.inbox.size_in_pause();
    held.longest_inbox = std::max<std::size_t>(held.longest_inbox, slot.longest_inbox);
  });
  Arena& arena = self.heap->arena();
  held.pages = held.empty_pages = arena.limbo().size();
  for_each_page(self.world, [&held](Page& page)
                                TM_NO_THREAD_SAFETY_ANALYSIS { add_page(page, held); });
  held.lost_pages = arena.pages_in_use() - held.pages;
  held.most_pages = arena.most_pages_in_use();
  return held;
}

}  // namespace threadmill
