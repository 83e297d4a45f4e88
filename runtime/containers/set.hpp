// SPDX-License-Identifier: Apache-2.0
//
// Set: objects that differ from each other, in the order of their insertion
// (hash_table.hpp, D1 to D4). Asking whether one is there takes no lock; changes take the
// set's critical section. Any attached thread that has a reference may call anything. No
// item is null. Each operation is one atomic step, but for size(), which a change updates
// last: a contains() may answer as after the change while size() still answers as before.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/containers/list.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

template <class Entry>
struct HashTable;

class Set : public Object {
 public:
  static constexpr TypeId kTypeId = kSetType;

  // An empty set. Null: out of memory.
  [[nodiscard]] static Ref<Set> create() noexcept;

  // Stale at once if others change the set.
  [[nodiscard]] std::size_t size() const noexcept {
    return size_.load(relaxed);  // relaxed: a snapshot, publishes nothing
  }

  // A null item never is there. Items are what keys of a Dict are; anything else fails
  // the check `keys-are-hashable`.
  [[nodiscard]] bool contains(const Ref<Object>& item) const noexcept;
  // The same for a Str, without a Str.
  [[nodiscard]] bool contains(std::string_view item) const noexcept;

  enum class Add {
    added,
    was_there,  // an equal one, which stays
    refused,    // out of memory, or a null item; the set is unchanged
  };
  [[nodiscard]] Add add(Ref<Object> item) noexcept;

  // True: it was there.
  bool discard(const Ref<Object>& item) noexcept;

  // Removes and returns what was inserted last. Null: the set is empty.
  [[nodiscard]] Ref<Object> pop() noexcept;

  // Each of these three looks at `other`, which may be the same set, at one moment, changes
  // this set in one step, and costs a copy of it. False: out of memory, and the set is
  // unchanged.
  // Adds what stands in `other`.
  [[nodiscard]] bool update(const Set& other) noexcept;
  // Removes what does not stand in `other`.
  [[nodiscard]] bool retain(const Set& other) noexcept;
  // Removes what stands in `other`.
  [[nodiscard]] bool subtract(const Set& other) noexcept;

  // Whether all of its items stand in `other`, at one moment of both.
  [[nodiscard]] bool is_subset_of(const Set& other) const noexcept;

  // In the order of insertion. Null: out of memory.
  [[nodiscard]] Ref<List> items() const noexcept;

  void clear() noexcept;

  Set() noexcept = default;  // for allocate()

 private:
  friend struct SetType;
  struct Entry;
  using Table = HashTable<Entry>;

  template <class Key>
  [[nodiscard]] bool has(const Key& key) const noexcept;
  [[nodiscard]] bool make_room_locked(std::size_t more, Table*& outgrown) noexcept;
  // Keeps those that stand in `other`, or those that do not.
  [[nodiscard]] bool keep_if(bool stands_in, const Set& other) noexcept;

  Atomic<Table*> table_;  // null: no item yet
  Atomic<std::size_t> size_;
};

static_assert(sizeof(Set) == 32);

}  // namespace threadmill
