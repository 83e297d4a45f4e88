// SPDX-License-Identifier: Apache-2.0
//
// The door that every allocation of the runtime passes: whoever stands there may refuse it,
// and the caller has to do as if the system had no memory. In builds without chaos
// (kRefusals) it is no code; who decides is in memory/failing_memory.hpp.
#pragma once

#include <cstdint>

#include "runtime/base/config.hpp"

namespace threadmill {

enum class MemoryKind : std::uint8_t {
  record,  // system memory: slots, heaps, lists, batches, chunks of worklists
  buffer,  // arrays, tables, long strings, entries of inboxes, lists of weak references
  page,    // of objects
};

inline constexpr unsigned kMemoryKinds = 3;

inline constexpr bool kRefusals = kChaos;

// True: it is not given.
using RefuseMemory = bool (*)(MemoryKind kind) noexcept;

namespace detail {
// Null: nobody refuses anything. Written while no other thread uses the runtime.
extern RefuseMemory refuse_memory;
}  // namespace detail

[[nodiscard]] inline bool is_refused([[maybe_unused]] MemoryKind kind) noexcept {
  if constexpr (kRefusals)
    return detail::refuse_memory != nullptr && detail::refuse_memory(kind);
  return false;
}

}  // namespace threadmill
