// SPDX-License-Identifier: Apache-2.0
//
// Dict: a hash table that keeps the order of insertion (Hettinger's compact dict).
// Lookups take no lock; changes take the dict's critical section. Any attached thread
// that has a reference may call anything. No key and no value is null. Each operation is
// one atomic step, but for size(), which a change updates last: a get() may answer as
// after the change while size() still answers as before.
//
// A table is one buffer: an open-addressed index of 32-bit words, then the entries in
// the order of their insertion. An index word is 0 or {tag: upper bits of the hash,
// entry number + 1: as many low bits as the index needs}.
//
// Invariants
//   D1  an entry is complete before an index word names it (catalogue K4);
//   D2  an index word, once set, stays; an entry's key is set once and becomes null when
//       it is erased; neither is used again within a table. So a lookup that meets an
//       empty word has seen every key that was there all the time;
//   D3  a reader keeps what it found only if the dict still uses the table in which it
//       found it: a replaced table lists objects that may be gone (catalogue K6);
//   D4  a lookup has three outcomes: found, absent, and unstable, which means "ask again
//       under the lock", never "absent" (catalogue K5).
//
// Edges
//   dict-table-publish   the content of a table happens before its use by a reader
//   dict-entry-publish   an entry is complete before a reader finds its index word
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/containers/list.hpp"
#include "runtime/object/lockfree_slot.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

class Dict : public Object {
 public:
  static constexpr TypeId kTypeId = kDictType;

  // An empty dict. Null: out of memory.
  [[nodiscard]] static Ref<Dict> create() noexcept;

  // Stale at once if others change the dict.
  [[nodiscard]] std::size_t size() const noexcept {
    return size_.load(relaxed);  // relaxed: a snapshot, publishes nothing
  }

  // Null: absent, as a null key is. Keys are None, Int, Float, Str, or a Tuple of these;
  // anything else fails the check `keys-are-hashable`.
  [[nodiscard]] Ref<Object> get(const Ref<Object>& key) const noexcept;
  // The same for a Str key, without a Str.
  [[nodiscard]] Ref<Object> get(std::string_view key) const noexcept;

  // Inserts, or replaces the value. False: out of memory, or a null key or value; the
  // dict is unchanged.
  [[nodiscard]] bool set(Ref<Object> key, Ref<Object> value) noexcept;

  // The value of `key`, which is `value` if there was none. Null: out of memory, or a
  // null key or value; the dict is unchanged.
  [[nodiscard]] Ref<Object> set_default(Ref<Object> key, Ref<Object> value) noexcept;

  // True: it was there. A null key never is.
  bool erase(const Ref<Object>& key) noexcept;

  // Key, value, key, value, ... in the order of insertion. Null: out of memory.
  [[nodiscard]] Ref<List> items() const noexcept;

  void clear() noexcept;

  Dict() noexcept = default;  // for allocate()

 private:
  friend struct DictType;
  struct Table;
  struct Entry;

  template <class Key>
  [[nodiscard]] Ref<Object> get_value(const Key& key) const noexcept;
  [[nodiscard]] bool insert_locked(Object* key,
                                   std::uint64_t hash,
                                   Object* value,
                                   Table*& outgrown) noexcept;
  // What `table` held, once no reader can find it.
  static void drop_content(Table* table) noexcept;

  Atomic<Table*> table_;  // null: no entry yet
  Atomic<std::size_t> size_;
};

static_assert(sizeof(Dict) == 32);

}  // namespace threadmill
