// SPDX-License-Identifier: Apache-2.0
//
// The birth of objects. The memory of an object is in use by nobody but late readers of
// its block's earlier life, whom every intermediate header refuses (catalogue L3); the
// heap walk sees the object only when it is complete (catalogue J8).
#pragma once

#include <cstring>
#include <new>
#include <utility>

#include "runtime/base/fault.hpp"
#include "runtime/memory/block_state.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/object/header.hpp"
#include "runtime/object/type.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/safepoint.hpp"

namespace threadmill {

// Memory for an object of `bytes` (at most kMaxObjectBytes), header included. A
// safepoint. Null: out of memory.
[[nodiscard]] inline void* allocate_object(std::size_t bytes) noexcept {
  Slot& self = *current();
  safepoint(self);
  if (chaos_before_allocation(self)) self.world.hooks().before_growth(self);
  return self.heap->allocate(bytes);
}

// The heap walk sees the object from now on.
inline void make_live(Slot& self, void* object, TypeId type) noexcept {
  using namespace block_state;
  const bool refers = detail::type_table[type]->traverse != nullptr;
  if (refers) ++self.new_containers;
  Page& page = page_of(object);
  self.heap->counts().note_made(type, page.block_bytes);
  page.liveness(page.index_of(object))
      .store(refers ? kLive : kLive | kUntracked, relaxed);  // relaxed: pauses order
}

// The object in `object`'s memory is complete: gives it its header, with one reference,
// the caller's, and makes it live.
inline void announce_object(Object& object, TypeId type) noexcept {
  Slot& self = *current();
  // relaxed, both: nobody has a reference
  object.type.store(type, relaxed);
  object.flags.store(0, relaxed);

  if constexpr (kRefcount != Refcount::biased) {
    give_to_nobody(object);
  } else if (fault(Fault::pool_revive_resets_header_plainly)) {
    // relaxed, both: the fault
    object.shared.store(shared_word::make(0, shared_word::kPlain), relaxed);
    object.word0.store(self.self_word + 1, relaxed);
  } else {
    // edge: owner-to-reader
    object.shared.store(shared_word::make(0, shared_word::kPlain), release);
    // edge: owner-to-reader
    object.word0.store(self.self_word + 1, release);
  }
  if (!fault(Fault::collector_sees_half_built_object)) make_live(self, &object, type);
}

// The block of `object`, which has ended, is free.
inline void free_object(Slot& self, Object& object) noexcept {
  // relaxed: written before the object was published
  self.heap->counts().note_ended(object.type.load(relaxed),
                                 page_of(&object).block_bytes);
  self.heap->free(&object);
}

// A T in `memory` whose header keeps its bytes, whatever constructor T has: `T()` may
// begin by zeroing all of it, so what follows the header is zeroed here instead, where T
// is a user's type and may have members without initializers.
template <class T, class... Arguments>
[[nodiscard]] T* construct_object(void* memory, Arguments&&... arguments) noexcept {
  if constexpr (sizeof...(Arguments) != 0) {
    return new (memory) T(std::forward<Arguments>(arguments)...);
  } else {
    if constexpr (requires { T::kTypeName; })
      std::memset(static_cast<char*>(memory) + sizeof(Object), 0,
                  sizeof(T) - sizeof(Object));
    return new (memory) T;
  }
}

// Makes a T of `bytes` (its size, plus what follows it), constructed from `arguments`.
// Null: out of memory.
// Always inline, so that the size class of a T without a tail is a constant.
template <class T, class... Arguments>
[[nodiscard, gnu::always_inline]] inline T* allocate(
    std::size_t bytes, TypeId type, Arguments&&... arguments) noexcept {
  void* memory = allocate_object(bytes);
  if (memory == nullptr) return nullptr;
  if (fault(Fault::collector_sees_half_built_object))
    make_live(*current(), memory, type);
  T* object = construct_object<T>(memory, std::forward<Arguments>(arguments)...);
  announce_object(*object, type);
  return object;
}

}  // namespace threadmill
