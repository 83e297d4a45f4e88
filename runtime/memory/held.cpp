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

}  // namespace

HeldMemory measure_held_memory(Slot& self) noexcept {
  const StoppedWorld pause(self);
  HeldMemory held;
  self.world.for_each_slot([&held](Slot& slot) {
    held.retired_bytes += slot.retired->bytes();
    held.most_retired_bytes += slot.retired->most_bytes();
    held.inbox_entries += slot.inbox.size_in_pause();
    held.longest_inbox = std::max<std::size_t>(held.longest_inbox, slot.longest_inbox);
  });
  for_each_page(self.world, [&held](Page& page)
                                TM_NO_THREAD_SAFETY_ANALYSIS { add_page(page, held); });
  held.most_pages = self.heap->arena().most_pages_in_use();
  return held;
}

}  // namespace threadmill
