// SPDX-License-Identifier: Apache-2.0
//
// Interning: of equal strings a runtime keeps one object (Python's sys.intern), so that
// they are compared by address and stored once. CPython makes an interned string
// immortal; here it lives as long as somebody refers to it.
//
// A StringTable also has the names that instances share (shared_names.hpp), a list for each
// class. It lists the interned strings and counts none of them. It is cut in stripes
// by the upper bits of the hash, each an open-addressed table under a lock of its own.
//
// Invariants
//   N1  a string is complete, flagged kInterned and maybe_weak before it is listed
//       (catalogue D4, D1);
//   N2  a string leaves the table as it dies, before its bytes and its block are freed,
//       and takes nothing out but itself. So what is listed can be read under the lock,
//       although it may be dying;
//   N3  who takes a string from the table does so by try_incref. If that is refused the
//       string is dying and counts as absent (catalogue D3), so beside it an equal one
//       may be listed. No two equal ones are alive;
//   N4  a stripe's lock is held across no safepoint, and no reference is dropped under
//       it.
//
// Edges
//   names-made   a list of names is whole before another thread uses it
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/base/config.hpp"
#include "runtime/containers/shared_names.hpp"
#include "runtime/containers/str.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/plain.hpp"
#include "runtime/sync/word_lock.hpp"

namespace threadmill {

// The interned string of this text, which is made if there is none. Null: out of memory.
[[nodiscard]] Ref<Str> intern(std::string_view text) noexcept;

// The interned string that equals `string`: itself, if there was none. Null: out of
// memory, or a null string.
[[nodiscard]] Ref<Str> intern(Ref<Str> string) noexcept;

// The names that instances of the class with this number share. Null: out of memory.
[[nodiscard]] SharedNames* names_of(TypeId its_class) noexcept;

// Final once it is true.
[[nodiscard]] inline bool is_interned(const Str& string) noexcept {
  // relaxed: who interned it had a reference, and dropped it before (drop-to-death)
  return (string.flags.load(relaxed) & flag::kInterned) != 0;
}

class StringTable {
 public:
  StringTable() noexcept = default;
  ~StringTable();

  StringTable(const StringTable&) = delete;
  StringTable& operator=(const StringTable&) = delete;

  [[nodiscard]] Ref<Str> intern(std::string_view text) noexcept;
  [[nodiscard]] Ref<Str> intern(Ref<Str> string) noexcept;

  // `dying` is listed, and dead.
  void remove(const Str& dying) noexcept;

  // Of the instances of the class with this number. Null: out of memory.
  [[nodiscard]] SharedNames* names_of(TypeId its_class) noexcept;

  // Strings that are listed; stale at once.
  [[nodiscard]] std::size_t size() noexcept;

 private:
  static constexpr std::size_t kStripes = 32;
  static constexpr std::size_t kNameLists = kExplored ? 1 : 256;

  struct alignas(kCacheLine) Stripe {
    WordLock lock;
    Plain<std::uint32_t> used TM_GUARDED_BY(lock) = 0;
    Plain<std::uint32_t> capacity TM_GUARDED_BY(lock) = 0;  // zero or a power of two
    Plain<Plain<Str*>*> places TM_GUARDED_BY(lock) = nullptr;

    [[nodiscard]] Ref<Str> find(std::string_view text, std::uint64_t hash) noexcept
        TM_REQUIRES(lock);
    // There is room for it.
    void list(Str& string) noexcept TM_REQUIRES(lock);
    void remove(const Str& string) noexcept TM_REQUIRES(lock);
    // False: out of memory, and nothing has changed.
    [[nodiscard]] bool make_room() noexcept TM_REQUIRES(lock);
    bool resize(std::uint32_t wanted) noexcept TM_REQUIRES(lock);
  };

  [[nodiscard]] Stripe& stripe_of(std::uint64_t hash) noexcept {
    return stripes_[hash >> 59];
  }

  // Of a fault: others find it before it is complete (N1).
  [[nodiscard]] Ref<Str> list_then_mark(Ref<Str> string) noexcept;

  Stripe stripes_[kStripes];
  WordLock names_lock_;
  Atomic<SharedNames*> names_[kNameLists];  // by class, the last made first
};

}  // namespace threadmill
