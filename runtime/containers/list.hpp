// SPDX-License-Identifier: Apache-2.0
//
// List: a growing row of objects. Reads take no lock; changes take the list's critical
// section. Any attached thread that has a reference may call anything. No item is null.
//
// Each operation is one atomic step, but for assign, which is that for whoever takes the
// section: a size() or get() without the lock may see it half done, since size and array
// change one after the other: a smaller size while old items are still there, or new items
// while the size is still a smaller one.
//
// The items stand in an array that knows its own capacity. A change of capacity makes a
// new array and retires the old one.
//
// Invariants
//   L1  whoever sees a size, reads the array afterwards and finds an array that was
//       published with or after that size, or checks the index against the array's own
//       capacity (catalogue K3);
//   L2  slots beyond the size are null: a reader whose size is out of date finds null and
//       asks again under the lock (catalogue K1);
//   L3  a reader keeps what it found only if the list still uses the array in which it
//       found it: a retired array lists objects that may be gone (catalogue K6);
//   L4  a reader keeps what it found only if the size, once more, is beyond the index.
//       Since its first look others may have popped, and an append may have put an item
//       at the index whose size is not published yet: whoever asks for it after the
//       reader would not find it.
//
// Edges
//   list-array-publish   the content of an array happens before its use by a reader
//   list-size-publish    what was put at an index happens before a reader sees a size
//                        beyond it
#pragma once

#include <cstdint>
#include <span>

#include "runtime/object/lockfree_slot.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

class List : public Object {
 public:
  static constexpr TypeId kTypeId = kListType;

  // An empty list. Null: out of memory.
  [[nodiscard]] static Ref<List> create() noexcept;

  // Stale at once if others change the list.
  [[nodiscard]] std::size_t size() const noexcept {
    return size_.load(acquire);  // edge: list-size-publish
  }

  // Null: out of range. Lock-free unless the item was never read by another thread.
  [[nodiscard]] Ref<Object> get(std::size_t index) const noexcept;

  // False: out of memory or a null item, the list is unchanged.
  [[nodiscard]] bool append(Ref<Object> item) noexcept;

  // False: out of range or a null item, the list is unchanged.
  [[nodiscard]] bool set(std::size_t index, Ref<Object> item) noexcept;

  // Removes and returns the last item. Null: the list is empty.
  [[nodiscard]] Ref<Object> pop() noexcept;

  // Replaces the whole content. False: out of memory or a null item, the list is
  // unchanged.
  [[nodiscard]] bool assign(std::span<const Ref<Object>> items) noexcept;

  // A new list of the items from `begin` to before `end`, clamped to the size. Null: out
  // of memory.
  [[nodiscard]] Ref<List> slice(std::size_t begin, std::size_t end) const noexcept;

  void clear() noexcept;

  List() noexcept = default;  // for allocate()

 private:
  friend struct ListType;
  friend class Dict;  // reserve_first()
  friend class Set;   // likewise

  struct Array {
    Plain<std::size_t> capacity;

    [[nodiscard]] ObjectSlot* slots() noexcept {
      return reinterpret_cast<ObjectSlot*>(this + 1);
    }
    static std::size_t bytes(std::size_t capacity) noexcept {
      return sizeof(Array) + capacity * sizeof(ObjectSlot);
    }
    // All slots null. Null: out of memory.
    [[nodiscard]] static Array* create(std::size_t capacity) noexcept;
    void free() noexcept;
  };

  [[nodiscard]] Ref<Object> get_locked(std::size_t index) const noexcept;
  [[nodiscard]] Ref<Object> look_too_early() const noexcept;
  [[nodiscard]] static Array* enlarge(Array* array, std::size_t size) noexcept;
  // Room for `capacity` items in a new list. False: out of memory.
  [[nodiscard]] bool reserve_first(std::size_t capacity) noexcept;
  void replace_content(Array* array, std::size_t size) noexcept;

  Atomic<Array*> array_;  // null: no item yet
  Atomic<std::size_t> size_;
};

static_assert(sizeof(List) == 32);

}  // namespace threadmill
