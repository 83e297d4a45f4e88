// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/empty_pages.hpp"

#include "runtime/thread/qsbr.hpp"

namespace threadmill {

Page* EmptyPages::first_unseen(World& world) noexcept {
  Page* const oldest = pages_.first();
  if (oldest == nullptr) return nullptr;
  if (oldest->goal == 0) {
    const std::uint64_t goal = advance_epoch(world);
    for (Page* page = oldest; page != nullptr; page = pages_.after(*page))
      page->goal = goal;
    return nullptr;
  }
  if (oldest->goal != reached_) {
    if (!goal_reached(world, oldest->goal)) return nullptr;
    reached_ = oldest->goal;
  }
  return oldest;
}

}  // namespace threadmill
