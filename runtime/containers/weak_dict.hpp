// SPDX-License-Identifier: Apache-2.0
//
// WeakValueDict and WeakKeyDict: caches that keep their values, or their keys, not alive
// (Python's WeakValueDictionary and WeakKeyDictionary). An item goes as the object dies; a
// lookup never gives a dead one, even before that.
//
// Both are handles to a Dict of weak references with callbacks: copies of a handle are the
// same cache, for any attached threads. Each operation is one atomic step, but that an
// item whose object is dying counts in size() until its callback has run; and items()
// takes the items of one moment and then asks one after the other whether its object
// lives: what it gives stood in the cache at that moment and is alive, and what it leaves
// out has died, if not by that moment, then by the time it returned.
//
// A callback removes an item only if the item is still its own: one that has been set
// again stays (statement tW41). It knows the dict by a weak reference, so the cache is no
// part of a cycle; that a value of a WeakKeyDict which refers to its key keeps it alive is
// as in Python.
#pragma once

#include "runtime/containers/dict.hpp"
#include "runtime/containers/list.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/weak.hpp"

namespace threadmill {

class WeakValueDict {
 public:
  // The handle of nothing.
  WeakValueDict() noexcept = default;
  // An empty cache. False by operator bool: out of memory.
  [[nodiscard]] static WeakValueDict create() noexcept;
  explicit operator bool() const noexcept { return entries_ != nullptr; }

  [[nodiscard]] std::size_t size() const noexcept { return entries_->size(); }

  // Null: absent, or its value is dead. Keys are those of a Dict.
  [[nodiscard]] Ref<Object> get(const Ref<Object>& key) const noexcept;

  // False: out of memory, or a null key or value; nothing is changed.
  [[nodiscard]] bool set(Ref<Object> key, const Ref<Object>& value) noexcept;

  // The living value of `key`, which is `value` if there was none. Null: out of memory, or
  // a null key or value.
  [[nodiscard]] Ref<Object> set_default(Ref<Object> key, Ref<Object> value) noexcept;

  // Removes the key and returns its value. Null: absent, or its value is dead.
  [[nodiscard]] Ref<Object> pop(const Ref<Object>& key) noexcept;
  // True: it was there.
  bool erase(const Ref<Object>& key) noexcept { return pop(key) != nullptr; }

  // Key, value, key, value, ... of those that live. Null: out of memory.
  [[nodiscard]] Ref<List> items() const noexcept;

  void clear() noexcept { entries_->clear(); }

  // The object behind it, to which this handle is a reference; null: there is none.
  [[nodiscard]] const Ref<Dict>& entries() const noexcept { return entries_; }

 private:
  Ref<Dict> entries_;  // key -> WeakReference
};

// Keys are any objects, and equal only to themselves.
class WeakKeyDict {
 public:
  WeakKeyDict() noexcept = default;
  // As above.
  [[nodiscard]] static WeakKeyDict create() noexcept;
  explicit operator bool() const noexcept { return entries_ != nullptr; }

  [[nodiscard]] std::size_t size() const noexcept { return entries_->size(); }

  // Null: absent.
  [[nodiscard]] Ref<Object> get(const Ref<Object>& key) const noexcept;

  // False: out of memory, or a null key or value; nothing is changed.
  [[nodiscard]] bool set(const Ref<Object>& key, const Ref<Object>& value) noexcept;

  // Removes the key and returns its value. Null: absent.
  [[nodiscard]] Ref<Object> pop(const Ref<Object>& key) noexcept;
  // True: it was there.
  bool erase(const Ref<Object>& key) noexcept { return pop(key) != nullptr; }

  // Key, value, key, value, ... of the keys that live. Null: out of memory.
  [[nodiscard]] Ref<List> items() const noexcept;

  void clear() noexcept { entries_->clear(); }

  // As above.
  [[nodiscard]] const Ref<Dict>& entries() const noexcept { return entries_; }

 private:
  Ref<Dict> entries_;  // identity of the key -> Tuple of WeakReference and value
};

namespace detail {

// The identity of `object`: its place in the arena, which is another object's when it has
// died. It is an Int as a key; lookups need none.
[[nodiscard]] std::int64_t identity_of(const Object& object) noexcept;
// Null: out of memory.
[[nodiscard]] Ref<Object> identity_key(const Object& object) noexcept;

// A weak reference to `target` that removes the item `key` from `entries`, as `target`
// dies, if the item is this weak reference or a tuple that begins with it. Null: out of
// memory.
[[nodiscard]] Ref<WeakReference> watch(const Ref<Dict>& entries,
                                       Ref<Object> key,
                                       Object& target) noexcept;

// The weak reference of an item as above; null: no item.
[[nodiscard]] Ref<WeakReference> reference_of(const Ref<Object>& item) noexcept;

// Whether the item is of `object`, to which the caller has a reference.
[[nodiscard]] bool is_item_of(const Ref<Object>& item, const Object& object) noexcept;

}  // namespace detail

}  // namespace threadmill
