// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/collect.hpp"

#include <algorithm>

#include "runtime/collector/reclaim.hpp"
#include "runtime/collector/side_counts.hpp"
#include "runtime/collector/trace.hpp"
#include "runtime/memory/retire.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

namespace {

// Whatever was freed comes back now: everybody is at a safepoint.
void return_memory(const World& world) noexcept TM_REQUIRES(stopped_world) {
  world.for_each_slot([](Slot& slot) {
    slot.retired->free_all();
    slot.heap->flush_quarantine();
  });
  world.for_each_slot([](Slot& slot) { slot.heap->tidy_in_pause(); });
}

}  // namespace

CollectResult Collector::collect(Slot& self) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  // relaxed: only this thread stores its own slot
  if (collecting_.load(relaxed) == &self) return {};
  const std::uint32_t ticket = lock_.take_ticket();
  if (!lock_.is_served(ticket)) {
    const Detached while_waiting;
    lock_.wait_for(ticket);
  }
  collecting_.store(&self, relaxed);  // relaxed: see above
  ChunkStack<Object> trash;
  CollectResult result;
  result.completed = find_and_hold(self, trash);
  if (result.completed) {
    result.collected = trash.size();
    clear_trash(self, trash);
    if (result.collected != 0) {
      // Once more, for plan_next(): the threshold counts no page of what just ended.
      const StoppedWorld pause(self);
      return_memory(world_);
    }
    collections_.fetch_add(1, relaxed);  // relaxed: a statistic
  }
  plan_next();
  collecting_.store(nullptr, relaxed);  // relaxed: see above
  lock_.unlock();
  return result;
}

bool Collector::find_and_hold(Slot& self, ChunkStack<Object>& trash) noexcept {
  const CascadeScope deaths_wait(self);
  const StoppedWorld pause(self);
  settle_counts_in_pause(world_);
  bool found;
  {
    const SideCounts counts(world_);
    found = counts.is_complete() && find_unreachable(world_, trash);
  }
  if (found) hold_trash(trash);
  return_memory(world_);
  return found;
}

void Collector::collect_if_due(Slot& self) noexcept {
  // relaxed, all: a heuristic
  if (!enabled_.load(relaxed) || collecting_.load(relaxed) != nullptr ||
      arena_.pages_in_use() < next_pages_.load(relaxed))
    return;
  collect(self);
}

void Collector::plan_next() noexcept {
  // relaxed: a heuristic
  next_pages_.store(std::max(kLeastPages, arena_.pages_in_use() * 2), relaxed);
}

}  // namespace threadmill
