// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/inbox.hpp"

#include <algorithm>
#include <cstddef>

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/object/header_check.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/claim.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

namespace {

void make_mortal(Object& object) noexcept {
  object.word0.store(0, relaxed);  // relaxed: the fault
  // relaxed: as above
  object.shared.store(shared_word::make(1, shared_word::kMerged), relaxed);
}

// The caller holds, claims or has stopped `slot`, and stands in a CascadeScope.
void settle(const Slot& slot, Object& object) noexcept {
  // relaxed: if it names this slot, only the caller writes it
  const std::uint64_t word = object.word0.load(relaxed);
  if (word0::is_immortal(word)) {  // gh-152276: the reference means nothing now
    if (fault(Fault::queued_immortal_merged)) make_mortal(object);
    if (!fault(Fault::queued_then_immortal)) return;
  }
  if (word0::owner(word) != slot.id) {
    // Merged since it was queued: like any reference (catalogue B6).
    if (!fault(Fault::merge_without_owner_recheck)) decref(object);
    return;
  }
  assert_queued(object);
  if (merge(object, -1)) die(object);
}

void settle_all(Slot& slot) noexcept {
  InboxEntry* entry = slot.inbox.take_all();
  std::size_t taken = 0;
  while (entry != nullptr) {
    ++taken;
    InboxEntry* next = entry->next;
    auto& object = *static_cast<Object*>(entry->object);
    buffer_free(entry, sizeof *entry);
    settle(slot, object);
    entry = next;
  }
  slot.longest_inbox = std::max(slot.longest_inbox, taken);
}

void settle_claimed(Slot& self, Slot& target) noexcept {
  do {
    const Claim claim(target);
    if (!claim) return;
    chaos_point(self, ChaosPoint::claim);
    settle_all(target);
  } while (!fault(Fault::drain_before_transfer) &&
           !target.inbox.is_empty_after_leaving());
}

void claim_and_settle(Slot& self, Slot& target) noexcept {
  if (fault(Fault::absent_owner_not_helped)) return;
  if (fault(Fault::destructor_under_queue_lock)) {
    settle_claimed(self, target);
    return;
  }
  const CascadeScope deaths_wait(self);
  settle_claimed(self, target);
}

}  // namespace

void queue_to_owner(Object& object) noexcept {
  Slot& self = *current();
  // relaxed: an old owner's slot passes the entry on; see settle()
  const std::uint64_t word = object.word0.load(relaxed);
  const SlotId owner = word0::owner(word);
  if (word0::is_immortal(word)) return;
  if (owner == 0 || word0::is_distributed(word)) {
    decref(object);  // the owner merged in between (catalogue B6)
    return;
  }
  Slot& slot = self.world.slot(owner);
  chaos_point(self, ChaosPoint::queue);
  auto* entry = static_cast<InboxEntry*>(buffer_allocate(sizeof(InboxEntry)));
  if (entry == nullptr) {
    if (!fault(Fault::queue_push_oom_drops_reference)) slot.inbox.note_overflow();
    return;
  }
  entry->object = &object;
  slot.inbox.push(*entry);
  claim_and_settle(self, slot);
}

void drain_inbox(Slot& self) noexcept {
  const CascadeScope deaths_wait(self);
  settle_all(self);
}

void help_slot(Slot& self, Slot& target) noexcept {
  if (!self.stopped_the_world)
    claim_and_settle(self, target);
  else if (!fault(Fault::absent_owner_not_helped))
    settle_all(target);
}

void drain_inbox_in_pause(Slot& slot) noexcept { settle_all(slot); }

}  // namespace threadmill
