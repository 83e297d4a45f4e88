// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/side_counts.hpp"

#include <cstring>

#include "runtime/memory/buffer.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/object/inbox.hpp"
#include "runtime/object/refcount.hpp"

namespace threadmill {

namespace {

std::size_t bytes_for(const Page& page) noexcept {
  return page.handed_out * sizeof(std::uint32_t);
}

}  // namespace

SideCounts::SideCounts(const World& world) noexcept : world_(world) {
  for_each_page(world, [this](Page& page) noexcept {
    if (!complete_ || page.in_use == 0) return;
    page.counts = static_cast<std::uint32_t*>(buffer_allocate(bytes_for(page)));
    complete_ = page.counts != nullptr;
    if (complete_) std::memset(page.counts, 0, bytes_for(page));
  });
}

SideCounts::~SideCounts() TM_NO_THREAD_SAFETY_ANALYSIS {
  for_each_page(world_, [](Page& page) noexcept {
    if (page.counts != nullptr) buffer_free(page.counts, bytes_for(page));
    page.counts = nullptr;
  });
}

void settle_counts_in_pause(const World& world) noexcept {
  bool overflowed = false;
  world.for_each_slot([&](Slot& slot) {
    drain_inbox_in_pause(slot);
    overflowed |= slot.inbox.take_overflow();
  });
  if (!overflowed) return;
  // What is queued now is in no inbox.
  for_each_live_object(world, [](Object& object) noexcept {
    // relaxed: the world is stopped
    const std::int32_t shared = object.shared.load(relaxed);
    if (shared_word::state(shared) == shared_word::kQueued && merge(object, -1))
      die(object);
  });
}

void settle_counts(Slot& self) noexcept {
  const CascadeScope deaths_wait(self);
  const StoppedWorld pause(self);
  settle_counts_in_pause(self.world);
}

}  // namespace threadmill
