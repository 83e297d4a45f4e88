// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/allocation_counts.hpp"

#include <new>

namespace threadmill {

AllocationCounts::~AllocationCounts() {
  for (Chunk* chunk : chunks_) delete chunk;
}

AllocationCounts::Entry* AllocationCounts::entry_of_slow(std::uint16_t type) noexcept {
  Plain<Chunk*>& chunk = chunks_[type / kFirst - 1];
  if (chunk == nullptr) chunk = new (std::nothrow) Chunk;
  return chunk == nullptr ? nullptr : &chunk->entries[type % kFirst];
}

AllocationCount AllocationCounts::of(std::uint16_t type) const noexcept {
  const Entry* entry = &first_[type % kFirst];
  if (type >= kFirst) {
    const Chunk* chunk = chunks_[type / kFirst - 1];
    if (chunk == nullptr) return {};
    entry = &chunk->entries[type % kFirst];
  }
  return {entry->made, entry->ended, entry->made_bytes, entry->ended_bytes};
}

}  // namespace threadmill
