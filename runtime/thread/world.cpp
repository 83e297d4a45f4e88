// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/world.hpp"

#include <new>

#include "runtime/base/fault.hpp"
#include "runtime/base/random.hpp"
#include "runtime/thread/ending.hpp"

namespace threadmill {

World::~World() {
  for_each_slot([this](Slot& slot) {
    hooks_.close_slot(hooks_.context, slot);
    if (may_delete(slot)) delete &slot;
  });
}

Slot* World::add_slot(SlotId count) noexcept {
  const SlotId id = count + 1;
  if (id > kMaxSlots) return nullptr;
  Slot* slot = new (std::nothrow) Slot(*this, id);
  if (slot == nullptr) return nullptr;
  slot->chaos.random = mix_seed(chaos_.seed, id);
  slot->chaos.level = chaos_.level;
  slot->chaos.reuses_late = chaos_.reuses_late;
  if (fault(Fault::slot_leak_on_failed_start)) publish(id, slot);
  if (!hooks_.open_slot(hooks_.context, *slot)) {
    if (!fault(Fault::slot_leak_on_failed_start)) delete slot;
    return nullptr;
  }
  publish(id, slot);
  // QSBR: who closed a batch before this is seen by the slot's first look at the epoch, and
  // who does so after it asks the slot (qsbr.hpp).
  // edge: epoch-advance, slot-published
  if (!fault(Fault::new_slot_unordered)) epoch.fetch_add(0, acq_rel);
  return slot;
}

void World::publish(SlotId id, Slot* slot) noexcept {
  slots_[id].store(slot, release);  // edge: slot-published
  count_.store(id, release);        // edge: slot-published
}

}  // namespace threadmill
