// SPDX-License-Identifier: Apache-2.0
//
// Settling: after it every object's count is the number of references to it, because
// nothing waits in an inbox, and `shared` has what slots have counted by themselves.
#pragma once

#include "runtime/memory/heap_walk.hpp"
#include "runtime/object/header.hpp"

namespace threadmill {

// Calls `visit(Object&)` with every live object. In a pause.
template <class Visit>
void for_each_live_object(const World& world, Visit visit) noexcept
    TM_REQUIRES(stopped_world) {
  for_each_page(world, [&visit](Page& page) TM_NO_THREAD_SAFETY_ANALYSIS {
    for_each_live_block(page, [&visit](Page& its_page, std::uint32_t index) {
      visit(*static_cast<Object*>(its_page.block(index)));
    });
  });
}

// Merges what is in every inbox and what an inbox had no memory for, and adds up the counts
// of distributed objects, so that every count is exact. Deaths wait for the end of the caller's CascadeScope, outside the pause.
void settle_counts_in_pause(const World& world) noexcept TM_REQUIRES(stopped_world);

// The same in a pause of its own, deaths included.
void settle_counts(Slot& self) noexcept;

}  // namespace threadmill
