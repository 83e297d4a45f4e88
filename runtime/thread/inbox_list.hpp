// SPDX-License-Identifier: Apache-2.0
//
// InboxList: a lock-free stack of objects that others hand to a slot. Any attached
// thread pushes; whoever holds, claims or has stopped the slot takes everything at once,
// so a pop never competes with another and no ABA arises (catalogue F14).
//
// Edges
//   inbox-handover   what the pusher did before the push happens before the taking
//
// `push` and `is_empty_after_leaving` are one half each of a store-then-load pair:
//
//     pusher                          holder
//     push X          (seq_cst)       state: attached -> detached   (seq_cst)
//     load state      (seq_cst)       load head                     (seq_cst)
//
// With anything weaker both loads may pass both stores: the pusher sees "attached" and
// leaves X to the holder, the holder sees an empty inbox, and X waits for ever.
//   inbox-or-state   one of the two sees what the other did
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/fault.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/plain.hpp"

namespace threadmill {

struct InboxEntry {
  void* object;
  Plain<InboxEntry*> next;
};

class InboxList {
 public:
  void push(InboxEntry& entry) noexcept {
    InboxEntry* head = head_.load(relaxed);  // relaxed: confirmed by the cas
    do {
      entry.next = head;
    } while (!publish(head, entry));
  }

  // Null: empty.
  [[nodiscard]] InboxEntry* take_all() noexcept {
    if (fault(Fault::token_reset_by_store)) {
      InboxEntry* taken = head_.load(acquire);  // edge: inbox-handover
      head_.store(nullptr, relaxed);            // relaxed: the fault
      return taken;
    }
    // edge: inbox-handover
    return head_.exchange(nullptr, acquire);
  }

  [[nodiscard]] bool seems_empty() const noexcept {
    return head_.load(relaxed) == nullptr;  // relaxed: a poll, repeated at safepoints
  }

  // For whoever has just given the slot up, as slot.hpp's S3 has it: a holder that left
  // the attached mode, a claimer that released its claim, the starter of the world.
  [[nodiscard]] bool is_empty_after_leaving() const noexcept {
    if (fault(Fault::waiter_flag_dekker))
      return head_.load(relaxed) == nullptr;  // relaxed: the fault
    // edge: inbox-or-state (seq_cst: see above)
    return head_.load(seq_cst) == nullptr;
  }

  // In a pause.
  [[nodiscard]] std::size_t size_in_pause() const noexcept {
    std::size_t size = 0;
    const InboxEntry* entry = head_.load(relaxed);  // relaxed: the world is stopped
    for (; entry != nullptr; entry = entry->next) ++size;
    return size;
  }

  // A push that found no memory: the object is queued but in no list. The next
  // collection looks for it page by page.
  void note_overflow() noexcept {
    overflowed_.store(true, relaxed);  // relaxed: a hint to the next pause
  }
  [[nodiscard]] bool take_overflow() noexcept {
    return overflowed_.exchange(false, relaxed);  // relaxed: the world is stopped
  }

 private:
  bool publish(InboxEntry*& head, InboxEntry& entry) noexcept {
    if (fault(Fault::poll_bit_before_payload))
      return head_.cas(head, &entry, relaxed);  // relaxed: the fault
    // edge: inbox-handover, inbox-or-state (seq_cst: see above)
    return head_.cas(head, &entry, seq_cst);
  }

  Atomic<InboxEntry*> head_;
  Atomic<bool> overflowed_;
};

}  // namespace threadmill
