// SPDX-License-Identifier: Apache-2.0
//
// The header of every object: 16 bytes (free-threaded CPython's: 32).
//
//   word0    u64  {owner: slot id, high half | local: the owner's count, low half}
//   shared   i32  count of everybody else, shifted left by 2, plus a state
//   type     u16  number of the Type
//   lock     u8   the object's mutex
//   flags    u8   what has happened to the object, see `flag`
//
// `word0` is always read and written whole: a split read could pair a new owner with an
// old local count. An owned object's word0 is written by the thread that holds, claims
// or has stopped the owner's slot; an unowned one's by whoever won it by compare-and-swap
// of `shared` (rebias.hpp, immortal.hpp), in a pause, or by whoever brought its count to
// zero.
//
//   word0                     meaning
//   {owner, 1..}              the owner counts without atomics
//   {owner, 0}                never: the owner merges as its count reaches zero
//   {0, 0}                    unowned: `shared` is the whole count
//   {0, kImmortalLocal}       immortal: counts no more
//   {kDistributed, id}        every slot counts by itself (distributed.hpp)
//   {0, link < 2^31}          dead (memory/page.hpp)
//
//   state of shared   meaning                                  leaves by
//   plain             no other thread has asked anything       any: maybe_weak ·
//                                                              non-owner: queued ·
//                                                              owner: merged
//   maybe_weak        lock-free readers may take references    non-owner: queued ·
//                                                              owner: merged
//   queued            the owner has been asked to merge; the   whoever holds, claims or
//                     inbox owns one reference                 has stopped the owner:
//                                                              merged
//   merged            the owner is 0, or distributed           any: maybe_weak, by
//                                                              re-biasing ·
//                                                              reuse of the block
//
// Where objects have no owners (kRefcount is atomic or locked) an object is born unowned
// and merged: of the first table only the last four rows occur, of the second only merged.
// Then (n, merged) is all that is ever counted, by an atomic add, or, if locked, by a load
// and a store, since only the thread with the global lock counts (thread/global_lock.hpp).
//
// Invariants
//   H1  the true count is local + shared count; references that distinct threads drop
//       and take may make the shared count negative, and only while it is queued. A
//       distributed object's is what X1 to X3 say.
//   H2  owner 0 and not immortal implies merged, whenever user code may run (catalogue
//       A2), but for the moment in which a thread re-biases the object (rebias.hpp).
//   H3  whoever makes an object merged stores word0 first and touches the object last
//       with the store of `shared`, unless the count then reached zero (catalogue
//       A1).
//   H4  queued is entered at most once while an object has the same owner, and left by
//       the end of that ownership alone.
//   H5  (plain, 0) and (merged, 0) refuse try_incref. The first is what the owner frees
//       without a read-modify-write, the second is what a dead object has.
//   H6  counts saturate, nothing wraps (catalogue E8): beyond its limit a local count, or
//       the sum at a merge, makes the object immortal; a shared count sticks, and then
//       the object is never freed either.
//   H7  a finalizer runs at most once in an object's life: whoever sets `kFinalized` runs
//       it. Resurrection changes word0 and `shared` alone (catalogue A6).
//
// Edges
//   drop-to-death     a thread's last use of an object happens before its end
//   owner-to-reader   what the maker of an object wrote, and what happened before the
//                     block was used anew, happens before the use by a thread that read
//                     word0 or counted itself in `shared`. So a late reader of the
//                     block's earlier life, whose try_incref succeeds on the new one,
//                     sees in its second look that the place where it found the block
//                     has changed
#pragma once

#include <cstdint>

#include "runtime/memory/arena.hpp"
#include "runtime/memory/page.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/mutex.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

using TypeId = std::uint16_t;

// What word0 says. Local counts up to kLocalLimit are ordinary; above they saturate.
namespace word0 {

inline constexpr std::uint64_t kLocalMask = 0xffff'ffff;
inline constexpr std::uint64_t kLocalLimit = std::uint64_t{1} << 31;
inline constexpr std::uint64_t kImmortalLocal = 0xc000'0000;
inline constexpr std::uint64_t kImmortal = kImmortalLocal;  // owner 0

constexpr SlotId owner(std::uint64_t word) noexcept {
  return static_cast<SlotId>(word >> 32);
}
constexpr std::uint64_t local(std::uint64_t word) noexcept { return word & kLocalMask; }
constexpr bool is_immortal(std::uint64_t word) noexcept { return word == kImmortal; }

inline constexpr SlotId kDistributed = 0xffff'ffff;  // no slot's id

constexpr bool is_distributed(std::uint64_t word) noexcept {
  return owner(word) == kDistributed;
}
constexpr std::uint64_t make_distributed(std::uint32_t id) noexcept {
  return (std::uint64_t{kDistributed} << 32) | id;
}
constexpr std::uint32_t id(std::uint64_t word) noexcept {
  return static_cast<std::uint32_t>(word);
}

// One compare: `self_word` owns the object and its local count is in
// [least, kLocalLimit]. It fails for dead, dying, unowned, distributed and immortal
// objects.
constexpr bool is_owned(std::uint64_t word,
                        std::uint64_t self_word,
                        std::uint64_t least) noexcept {
  return word - (self_word + least) <= kLocalLimit - least;
}

}  // namespace word0

// What `shared` says.
namespace shared_word {

enum State : std::int32_t { kPlain = 0, kMaybeWeak = 1, kQueued = 2, kMerged = 3 };

inline constexpr std::int32_t kOne = 4;
// Beyond +-kCountLimit a count is sticky: far from the limits of +-2^29, so that every
// thread may overshoot once.
inline constexpr std::int32_t kCountLimit = 1 << 28;
// What the count of a distributed object has more.
inline constexpr std::int32_t kBias = kCountLimit / 2;

constexpr State state(std::int32_t word) noexcept { return State(word & 3); }
constexpr std::int32_t count(std::int32_t word) noexcept { return word >> 2; }
constexpr std::int32_t make(std::int32_t count, State state) noexcept {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(count) << 2) | state;
}
constexpr bool is_sticky(std::int32_t word) noexcept {
  return count(word) >= kCountLimit || count(word) <= -kCountLimit;
}

inline constexpr std::int32_t kDead = make(0, kMerged);
inline constexpr std::int32_t kUnowned = make(1, kMerged);  // with one reference

// One compare: merged, and the count is in [least, kCountLimit).
constexpr bool is_counted(std::int32_t word, std::int32_t least) noexcept {
  const auto from = static_cast<std::uint32_t>(make(least, kMerged));
  const auto to = static_cast<std::uint32_t>(make(kCountLimit, kPlain));
  return static_cast<std::uint32_t>(word) - from < to - from;
}

}  // namespace shared_word

// Set once published by fetch_or, and cleared by fetch_and, alone.
namespace flag {

inline constexpr std::uint8_t kFinalized = 1;         // its finalizer has begun
inline constexpr std::uint8_t kWeaklyReferenced = 2;  // a weak reference was made to it
inline constexpr std::uint8_t kMuted = 4;             // a weak reference that was trash
inline constexpr std::uint8_t kInterned = 8;          // the table of strings knows it
inline constexpr std::uint8_t kDeferred = 16;  // one reference more (deferred.hpp)
// Where no object has an owner: what the state maybe_weak says elsewhere.
inline constexpr std::uint8_t kMaybeWeak = 32;

}  // namespace flag

class Object {
 public:
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  BlockWord word0;
  Atomic<std::int32_t> shared;
  Atomic<TypeId> type;
  Mutex lock;
  Atomic<std::uint8_t> flags;

 protected:
  // The bytes stay: late readers of the block's earlier life still load them, so the
  // header is written by atomic stores when the object is complete (allocate.hpp).
  Object() noexcept
      : word0(KeepBytes{}),
        shared(KeepBytes{}),
        type(KeepBytes{}),
        lock(KeepBytes{}),
        flags(KeepBytes{}) {}
  ~Object() = default;
};

static_assert(sizeof(Object) == 16);

// Where objects have no owners: one reference, the caller's, to an object that refuses
// late readers until now.
inline void give_to_nobody(Object& object) noexcept {
  object.word0.store(0, relaxed);  // relaxed: published by the next one
  // edge: owner-to-reader
  object.shared.store(shared_word::kUnowned, release);
}

// H7: the caller, and nobody else, runs the object's finalizer.
[[nodiscard]] inline bool take_finalization(Object& object) noexcept {
  // relaxed: only one gets it; what it orders, references order
  return (object.flags.fetch_or(flag::kFinalized, relaxed) & flag::kFinalized) == 0;
}

namespace detail {
void check_usable(const Object* object) noexcept;
}

// In debug, sanitizer and fault builds: this thread is attached, and `object` may be an
// object of its runtime.
inline void assert_usable([[maybe_unused]] const Object* object) noexcept {
  if constexpr (kChecks >= 1) detail::check_usable(object);
}

// " {owner 3, local 1, shared 0 plain, type list}", for failure messages; `object` may be
// any address. Nothing if it is in no block of the runtime of this thread.
void describe_object(const void* object, char* text, unsigned long size) noexcept;

}  // namespace threadmill
