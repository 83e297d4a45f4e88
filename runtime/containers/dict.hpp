// SPDX-License-Identifier: Apache-2.0
//
// Dict: keys with values, in the order of their insertion (hash_table.hpp, D1 to D4).
// Lookups take no lock; changes take the dict's critical section. Any attached thread
// that has a reference may call anything. No key and no value is null. Each operation is
// one atomic step, but for size(), which a change updates last: a get() may answer as
// after the change while size() still answers as before.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/containers/list.hpp"
#include "runtime/object/lockfree_slot.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

template <class Entry>
struct HashTable;

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
  // The same for an Int key, without an Int.
  [[nodiscard]] Ref<Object> get(std::int64_t key) const noexcept;

  // Inserts, or replaces the value. False: out of memory, or a null key or value; the
  // dict is unchanged.
  [[nodiscard]] bool set(Ref<Object> key, Ref<Object> value) noexcept;

  // The value of `key`, which is `value` if there was none. Null: out of memory, or a
  // null key or value; the dict is unchanged.
  [[nodiscard]] Ref<Object> set_default(Ref<Object> key, Ref<Object> value) noexcept;

  // True: it was there. A null key never is.
  bool erase(const Ref<Object>& key) noexcept;
  // The same for a Str key, without a Str.
  bool erase(std::string_view key) noexcept;
  // The same, if its value is `value`, and not merely equal to it.
  bool erase_if(const Ref<Object>& key, const Object& value) noexcept;
  // The same for an Int key, without an Int.
  bool erase_if(std::int64_t key, const Object& value) noexcept;

  // Removes the key and returns its value. Null: absent, as a null key is.
  [[nodiscard]] Ref<Object> pop(const Ref<Object>& key) noexcept;
  // The same for a Str key, without a Str.
  [[nodiscard]] Ref<Object> pop(std::string_view key) noexcept;

  struct Item {
    Ref<Object> key;
    Ref<Object> value;
  };
  // Removes and returns what was inserted last. Nulls: the dict is empty.
  [[nodiscard]] Item pop_item() noexcept;

  // Sets every key that stands in `other` at one moment to its value there, all at once.
  // False: out of memory, the dict is unchanged.
  [[nodiscard]] bool update(const Dict& other) noexcept;

  // For a dict that no other thread knows, and that is empty: makes room for so many. False:
  // out of memory.
  [[nodiscard]] bool reserve_first(std::size_t count) noexcept;
  // There is room, the key is not there yet, and neither is null.
  void add_first(Ref<Object> key, Ref<Object> value) noexcept;

  // Of the buffer with the entries; a statistic.
  [[nodiscard]] std::size_t table_bytes() const noexcept;

  // Key, value, key, value, ... in the order of insertion. Null: out of memory.
  [[nodiscard]] Ref<List> items() const noexcept;

  void clear() noexcept;

  Dict() noexcept = default;  // for allocate()

 private:
  friend struct DictType;
  friend class DictCursor;
  struct Entry;
  using Table = HashTable<Entry>;

  template <class Key>
  [[nodiscard]] Ref<Object> get_value(const Key& key) const noexcept;
  // Takes out the entry of `key`, if its value is `only`, or any if that is null.
  template <class Key>
  [[nodiscard]] Item take(const Key& key, const Object* only = nullptr) noexcept;
  [[nodiscard]] Item take_locked(Entry& entry) noexcept;
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

// Goes through a dict in the order of insertion, while anybody changes it: one thread's.
// It gives what stands in the dict at the moment of the step, and sees what Python sees:
// that the size is no longer that of the beginning, or that the entries were numbered anew.
// Values that are replaced are no such change; nor is a key that goes while another comes,
// which may be given or not, nor one that goes and comes again, which may be given twice.
// Any other key is given once.
class DictCursor {
 public:
  explicit DictCursor(Ref<Dict> dict) noexcept;

  enum class Step {
    item,
    end,
    changed,  // since the cursor was made; so it stays
  };
  [[nodiscard]] Step next(Dict::Item& item) noexcept;

 private:
  const Ref<Dict> dict_;
  std::size_t size_ = 0;
  std::uint32_t generation_ = 0;  // of the table; 0: there was none
  std::uint32_t place_ = 0;       // of the next entry
};

}  // namespace threadmill
