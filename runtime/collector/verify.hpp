// SPDX-License-Identifier: Apache-2.0
//
// Heap verifier, an oracle: at quiescence every object's count is explained, edge by
// edge. It uses nothing of the collector's decisions but the walk over live blocks.
//
// Checked for each live object (V1 to V5; a violation's message cites the number)
//   V1  its count is the number of references from live objects plus that of the given
//       roots;
//   V2  owner 0 is merged, and an owner is not; nothing is queued once inboxes are empty;
//   V3  what it refers to is live, and the start of a block of this runtime;
//   V4  its lock is free;
//   V5  its type exists.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/object/header.hpp"

namespace threadmill {

struct HeapReport {
  std::uint64_t objects = 0;  // live, immortal ones included
  std::uint64_t edges = 0;    // references between them
  std::uint64_t violations = 0;
  char message[320] = "";  // the first violation
};

// Stops the world, again until nothing dies as inboxes are merged. `roots` has one entry
// per counted handle that the caller knows of.
[[nodiscard]] HeapReport verify_heap(Slot& self,
                                     std::span<Object* const> roots) noexcept;

// Mortal live objects. Stops the world likewise.
[[nodiscard]] std::uint64_t count_live_objects(Slot& self) noexcept;

}  // namespace threadmill
