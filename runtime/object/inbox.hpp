// SPDX-License-Identifier: Apache-2.0
//
// The inbox: how a thread that drops the last reference it knows of asks the owner to
// merge (CPython's brc.c, without its table of locks). The inbox owns the reference that
// was dropped. Merging runs no destructor, so whenever a pause may begin a queued object
// is in its owner's inbox, or in none and the inbox has noted an overflow (no memory for
// the entry); a pause that settles counts finds both. The dead end afterwards.
#pragma once

#include "runtime/object/header.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

// `object` was just made queued by this thread. Hands it to its owner's inbox, and if
// the owner is away merges on its behalf.
void queue_to_owner(Object& object) noexcept;

// Merges what is in the inbox of `self`, the slot of this thread.
void drain_inbox(Slot& self) noexcept;

// Merges what is in the inbox of `target`. In a pause of `self`: the caller sees to it that
// deaths wait. Else if `target` can be claimed; again until the inbox stays empty or somebody
// else has the duty (thread/slot.hpp, S3).
void help_slot(Slot& self, Slot& target) noexcept;

// In a pause: merges what is in the inbox of `slot`, any slot. The caller stands in a
// CascadeScope, so deaths wait until the world runs.
void drain_inbox_in_pause(Slot& slot) noexcept;

}  // namespace threadmill
