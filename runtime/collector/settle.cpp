// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/settle.hpp"

#include "runtime/object/dealloc.hpp"
#include "runtime/object/distributed.hpp"
#include "runtime/object/inbox.hpp"
#include "runtime/object/refcount.hpp"

namespace threadmill {

namespace {

void merge_what_is_in_no_inbox(const World& world) noexcept TM_REQUIRES(stopped_world) {
  for_each_live_object(world, [](Object& object) noexcept {
    // relaxed: the world is stopped
    const std::int32_t shared = object.shared.load(relaxed);
    if (shared_word::state(shared) == shared_word::kQueued && merge(object, -1))
      die(object);
  });
}

}  // namespace

void settle_counts_in_pause(const World& world) noexcept {
  bool overflowed = false;
  world.for_each_slot([&](Slot& slot) {
    drain_inbox_in_pause(slot);
    overflowed |= slot.inbox.take_overflow();
  });
  if (overflowed) merge_what_is_in_no_inbox(world);
  // After the inboxes, which may drop references to distributed objects.
  if (world.distribution != nullptr) world.distribution->fold_in_pause();
}

void settle_counts(Slot& self) noexcept {
  const CascadeScope deaths_wait(self);
  const StoppedWorld pause(self);
  settle_counts_in_pause(self.world);
}

}  // namespace threadmill
