// SPDX-License-Identifier: Apache-2.0
//
// HashTable: what a Dict and a Set keep their entries in: a hash table that keeps the
// order of insertion (Hettinger's compact dict). Lookups take no lock; changes are made
// under the lock of the container.
//
// A table is one buffer: an open-addressed index of 32-bit words, then the entries in
// the order of their insertion. An index word is 0 or {tag: upper bits of the hash,
// entry number + 1: as many low bits as the index needs}. A table that is full is
// replaced by a larger one, and retired.
//
// Invariants
//   D1  an entry is complete before an index word names it (catalogue K4);
//   D2  an index word, once set, stays; an entry's key is set once and becomes null when
//       it is erased; neither is used again within a table. So a lookup that meets an
//       empty word has seen every key that was there all the time;
//   D3  a reader keeps what it found only if the container still uses the table in which
//       it found it: a replaced table lists objects that may be gone (catalogue K6);
//   D4  a lookup has three outcomes: found, absent, and unstable, which means "ask again
//       under the lock", never "absent" (catalogue K5).
//
// Edges
//   table-publish         the content of a table happens before its use by a reader
//   table-entry-publish   an entry is complete before a reader finds its index word
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

#include "runtime/base/fault.hpp"
#include "runtime/containers/hashing.hpp"
#include "runtime/containers/number.hpp"
#include "runtime/containers/str.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/object/lockfree_slot.hpp"
#include "runtime/sync/plain.hpp"

namespace threadmill {

// An Entry has an ObjectSlot `key`, null when it is erased, and `put()`, which takes over
// the references of its content, or of another entry, the key last.
template <class Entry>
struct HashTable {
  Plain<std::uint32_t> index_size;  // a power of two
  Plain<std::uint32_t> capacity;    // of entries: two thirds of the index
  Plain<std::uint32_t> used = 0;    // entries, erased ones too; under the lock
  // One more than that of the table which this one replaced: who goes from entry to entry
  // sees that they were numbered anew.
  Plain<std::uint32_t> generation = 1;

  using IndexWord = Atomic<std::uint32_t>;

  [[nodiscard]] IndexWord* index() noexcept {
    return reinterpret_cast<IndexWord*>(this + 1);
  }
  [[nodiscard]] Entry* entries() noexcept {
    return reinterpret_cast<Entry*>(index() + index_size);
  }
  [[nodiscard]] std::uint32_t mask() const noexcept { return index_size - 1; }
  [[nodiscard]] std::uint32_t word_for(std::uint64_t hash,
                                       std::uint32_t entry) const noexcept {
    return (static_cast<std::uint32_t>(hash >> 32) & ~mask()) | (entry + 1);
  }

  static std::uint32_t capacity_for(std::uint32_t index_size) noexcept {
    return static_cast<std::uint32_t>(std::uint64_t{index_size} * 2 / 3);
  }
  static std::size_t bytes(std::uint32_t index_size) noexcept {
    return sizeof(HashTable) + index_size * sizeof(IndexWord) +
           capacity_for(index_size) * sizeof(Entry);
  }

  // Empty, with room for `wanted` entries. Null: out of memory.
  [[nodiscard]] static HashTable* create(std::size_t wanted) noexcept {
    constexpr std::size_t kMaxEntries = std::size_t{1} << 28;
    if (wanted > kMaxEntries) return nullptr;
    std::uint32_t size = 8;
    while (capacity_for(size) < wanted) size *= 2;
    void* memory = buffer_allocate(bytes(size));
    if (memory == nullptr) return nullptr;
    auto* table = new (memory) HashTable{size, capacity_for(size)};
    std::uninitialized_value_construct_n(table->index(), size);
    std::uninitialized_value_construct_n(table->entries(), table->capacity);
    return table;
  }
  // The entries of `table`, which may be null, in a table with room for `wanted`. Erased
  // ones are left behind. Null: out of memory.
  [[nodiscard]] static HashTable* copy(HashTable* table, std::size_t wanted) noexcept {
    HashTable* made = create(wanted);
    if (made == nullptr || table == nullptr) return made;
    made->generation = table->generation + 1;
    table->for_each([made](Entry& entry) noexcept {
      made->add(hash_of(*entry.key.peek()), entry);
    });
    return made;
  }
  void free() noexcept { buffer_free(this, bytes(index_size)); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes(index_size); }

  // Makes an entry of `content`. The lock is held, or no other thread knows the table,
  // and there is room.
  template <class... Content>
  void add(std::uint64_t hash, const Content&... content) noexcept {
    const std::uint32_t number = used;
    ++used;
    if (!fault(Fault::index_before_entry)) entries()[number].put(content...);
    std::uint64_t place = hash;
    // relaxed: changed under the lock only
    while (index()[place & mask()].load(relaxed) != 0) ++place;
    // D1. edge: table-entry-publish
    index()[place & mask()].store(word_for(hash, number), release);
    if (fault(Fault::index_before_entry)) entries()[number].put(content...);
  }

  // Calls `visit` with each entry that may hold `hash`, until it returns true. False: no
  // such entry, and none ever while the lookup went on (D2).
  template <class Visit>
  bool probe(std::uint64_t hash, Visit visit) noexcept {
    for (std::uint64_t place = hash;; ++place) {
      // edge: table-entry-publish
      const std::uint32_t word = index()[place & mask()].load(acquire);
      if (word == 0) return false;
      const std::uint32_t number = (word & mask()) - 1;
      if (word == word_for(hash, number) && visit(entries()[number])) return true;
    }
  }

  // Calls `visit` with each entry that is not erased. Under the lock, or alone.
  template <class Visit>
  void for_each(Visit visit) noexcept {
    for (std::uint32_t i = 0; i < used; ++i) {
      if (entries()[i].key.peek() != nullptr) visit(entries()[i]);
    }
  }
};

// What a lookup looks for: an object that the caller keeps alive, or the text of a Str, or
// the value of an Int.
struct ObjectKey {
  const Object& object;
  std::uint64_t hash = hash_of(object);

  [[nodiscard]] bool is(const Object& other) const noexcept {
    return &other == &object;
  }
  [[nodiscard]] bool equals(const Object& other) const noexcept {
    return are_equal(object, other);
  }
};

struct TextKey {
  std::string_view text;
  std::uint64_t hash = Str::hash_of(text);

  [[nodiscard]] static bool is(const Object&) noexcept { return false; }
  [[nodiscard]] bool equals(const Object& other) const noexcept {
    // relaxed: written before the object was published
    return other.type.load(relaxed) == Str::kTypeId &&
           static_cast<const Str&>(other).view() == text;
  }
};

struct NumberKey {
  std::int64_t number;
  std::uint64_t hash = Int::hash_of(number);

  [[nodiscard]] static bool is(const Object&) noexcept { return false; }
  [[nodiscard]] bool equals(const Object& other) const noexcept {
    // relaxed: written before the object was published
    return other.type.load(relaxed) == Int::kTypeId &&
           static_cast<const Int&>(other).value() == number;
  }
};

enum class Match { no, yes, unstable };

// Compares with the key in `slot`, which may be erased meanwhile and its memory reused.
// The caller stands in a CascadeScope: the reference to the key may be the last. (These
// templates say `inline` for g++, which gives such ones more room: 1.5 ns of a lookup.)
template <class Key>
inline Match compare_lock_free(const ObjectSlot& slot, const Key& key) noexcept {
  Object* candidate = slot.peek();
  if (candidate == nullptr) return Match::no;
  if (key.is(*candidate)) return Match::yes;
  if (!slot.try_get(candidate, []() noexcept { return true; })) return Match::unstable;
  if (candidate == nullptr) return Match::no;
  const Match match = key.equals(*candidate) ? Match::yes : Match::no;
  decref(*candidate);
  return match;
}

// The entry of `key`; null: absent. Under the lock.
template <class Entry, class Key>
inline Entry* find_locked(HashTable<Entry>* table, const Key& key) noexcept {
  Entry* found = nullptr;
  if (table == nullptr) return found;
  table->probe(key.hash, [&](Entry& entry) noexcept {
    const Object* candidate = entry.key.peek();
    if (candidate == nullptr || !key.equals(*candidate)) return false;
    found = &entry;
    return true;
  });
  return found;
}

}  // namespace threadmill
