// SPDX-License-Identifier: Apache-2.0
//
// Visits every live block of a world, of exited threads' slots too. In a pause only:
// a block that is under construction or dying is not live, so what is visited is whole.
#pragma once

#include <cstdint>

#include "runtime/base/annotations.hpp"
#include "runtime/memory/block_state.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

template <class Visit>
void for_each_page(const World& world, Visit visit) noexcept
    TM_REQUIRES(stopped_world) {
  world.for_each_slot([&visit](Slot& slot) { slot.heap->for_each_page(visit); });
}

// `visit(page, index)`.
template <class Visit>
void for_each_live_block(Page& page, Visit visit) noexcept TM_REQUIRES(stopped_world) {
  for (std::uint32_t i = 0; i < page.handed_out; ++i) {
    // relaxed: the world is stopped
    if (block_state::is_live(page.liveness(i).load(relaxed))) visit(page, i);
  }
}

}  // namespace threadmill
