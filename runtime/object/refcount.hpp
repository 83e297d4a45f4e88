// SPDX-License-Identifier: Apache-2.0
//
// Biased reference counting (Choi, Shull, Torrellas 2018; PEP 703): the owner counts
// with plain loads and stores, everybody else with atomic adds; the two meet in a merge.
// See header.hpp for the words. Two variants of the runtime count objects without owners
// instead (kRefcount): in `shared` alone.
#pragma once

#include "runtime/object/header.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

namespace detail {
void incref_slow(Object& object, std::uint64_t word) noexcept;
void decref_slow(Object& object, std::uint64_t word) noexcept;

// Where objects have no owners. `before`: what `shared` was, and it is no ordinary count.
void incref_unowned_slow(Object& object, std::int32_t before) noexcept;
void decref_unowned_slow(Object& object, std::int32_t before) noexcept;

// Counts in `shared` of an object without owner; the value before.
inline std::int32_t add_unowned(Object& object, std::int32_t delta) noexcept {
  if constexpr (kRefcount == Refcount::locked) {
    // relaxed, both: the global lock orders
    const std::int32_t before = object.shared.load(relaxed);
    object.shared.store(before + delta, relaxed);
    return before;
  }
  if (delta < 0) return object.shared.fetch_add(delta, acq_rel);  // edge: drop-to-death
  // relaxed: taking a reference from one already held orders nothing
  return object.shared.fetch_add(delta, relaxed);
}

// One reference more, or (-1) less, to a distributed object whose word0 is `word`, and what
// slots have counted of it (distributed.cpp).
void count_distributed(Object& object, std::uint64_t word, int by) noexcept;
[[nodiscard]] std::int64_t counts_of_slots(std::uint64_t word) noexcept;
}  // namespace detail

// One more reference to `object`, to which the caller has one or which it knows to be
// alive. Attached threads.
inline void incref(Object& object) noexcept {
  assert_usable(&object);
  const std::uint64_t word = object.word0.load(relaxed);  // relaxed: only the owner
                                                          // writes it
  if constexpr (kRefcount == Refcount::biased) {
    if (word0::is_owned(word, current()->self_word, 1)) [[likely]]
      object.word0.store(word + 1,
                         relaxed);  // relaxed: others only ask who the owner is
    else
      detail::incref_slow(object, word);
  } else if (word == 0) [[likely]] {
    const std::int32_t before = detail::add_unowned(object, shared_word::kOne);
    if (!shared_word::is_counted(before, 1)) [[unlikely]]
      detail::incref_unowned_slow(object, before);
  } else {
    detail::incref_slow(object, word);
  }
}

// Gives up a reference; the object ends with the last one. Attached threads. May run a
// cascade of deaths.
inline void decref(Object& object) noexcept {
  assert_usable(&object);
  const std::uint64_t word = object.word0.load(relaxed);  // relaxed: as above
  if constexpr (kRefcount == Refcount::biased) {
    if (word0::is_owned(word, current()->self_word, 2)) [[likely]]
      object.word0.store(word - 1, relaxed);  // relaxed: as above
    else
      detail::decref_slow(object, word);
  } else if (word == 0) [[likely]] {
    const std::int32_t before = detail::add_unowned(object, -shared_word::kOne);
    if (!shared_word::is_counted(before, 2)) [[unlikely]]
      detail::decref_unowned_slow(object, before);
  } else {
    detail::decref_slow(object, word);
  }
}

// Takes a reference to an object that this thread found without one, in memory that may
// have been reused: false if it is dead, and for a live one in (plain, 0), which only its
// owner may count, and that only up to kLocalLimit (H5). The caller then makes sure that
// what it found is still there, or gives the reference back.
[[nodiscard]] bool try_incref(Object& object) noexcept;

// Lets try_incref succeed on an object with no shared references. The caller has a
// reference, and publishes the object afterwards.
void set_maybe_weak(Object& object) noexcept;

// The total count, but for a reference of the runtime's own (deferred.hpp). A large
// constant for an immortal object.
inline constexpr std::int64_t kImmortalRefcount = std::int64_t{3} << 30;

// In a pause, when counts are settled; needs no attached thread.
[[nodiscard]] inline std::int64_t settled_refcount(const Object& object) noexcept {
  // relaxed, all: the world is stopped, or a snapshot that is stale at once
  const std::uint64_t word = object.word0.load(relaxed);
  if (word0::is_immortal(word)) return kImmortalRefcount;
  const std::int32_t shared = object.shared.load(relaxed);
  if (shared_word::is_sticky(shared)) return kImmortalRefcount;
  const bool is_deferred = (object.flags.load(relaxed) & flag::kDeferred) != 0;
  const std::int64_t local = word0::is_distributed(word)
                                 ? -std::int64_t{shared_word::kBias}
                                 : static_cast<std::int64_t>(word0::local(word));
  return local + shared_word::count(shared) - (is_deferred ? 1 : 0);
}

// Exact if no other thread changes it.
[[nodiscard]] inline std::int64_t refcount(const Object& object) noexcept {
  const std::int64_t settled = settled_refcount(object);
  // relaxed: as above
  const std::uint64_t word = object.word0.load(relaxed);
  if (!word0::is_distributed(word) || settled >= kImmortalRefcount) return settled;
  return settled + detail::counts_of_slots(word);
}

// Only this thread can take a reference to `object`: it is the owner, if objects have owners,
// and its count is 1, which is not enough if others have references, or may take some
// without one (catalogue A8).
[[nodiscard]] bool is_unique(const Object& object) noexcept;

// Merges, and adds `extra` (-1: the inbox's reference goes; +1: the collector takes one):
// afterwards `shared` is the whole count. The caller holds, claims or has stopped the
// owner's slot or, for an object that nobody owns, has stopped the world. True: the count
// reached zero, and the caller must pass the object to die(). A distributed object stays
// so, and the answer is false.
[[nodiscard]] bool merge(Object& object, std::int32_t extra) noexcept;

// For tests of saturation: sets the counts of an object that only this thread knows.
void set_counts_for_test(Object& object,
                         std::uint64_t local,
                         std::int32_t shared) noexcept;

}  // namespace threadmill
