// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/settle.hpp"

#include "runtime/object/dealloc.hpp"
#include "runtime/object/inbox.hpp"
#include "runtime/object/refcount.hpp"

namespace threadmill {

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
