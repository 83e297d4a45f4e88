// SPDX-License-Identifier: Apache-2.0
//
// List: a growing row of objects. Reads take no lock; changes take the list's critical
// section. Any attached thread that has a reference may call anything. No item is null.
//
// Each operation is one atomic step, for readers too. Only size() may run ahead: while a
// change is under way it says the larger of the old size and the new one.
//
// The items stand in an array that knows its own capacity. A change of capacity makes a
// new array and retires the old one.
//
// Invariants
//   L1  the size that is seen is never below the number of items in the array: a list
//       grows by its size first, and shrinks by its size last. So an index beyond the
//       size is beyond the list; and a reader checks it against the array's own capacity
//       too, which may be that of an older array (catalogue K3);
//   L2  slots beyond the items are null: a reader that finds null asks again under the
//       lock (catalogue K1);
//   L3  a reader keeps what it found only if the list still uses the array in which it
//       found it: a retired array lists objects that may be gone (catalogue K6);
//   L4  items change their places only while the list shows no array: then readers ask
//       under the lock, and keep nothing that they found before (catalogue K2, K14).
//
// Edges
//   list-array-publish   the content of an array happens before its use by a reader
//   list-size-publish    what made a list smaller happens before a reader sees that size
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

  // The index of the first item that is `wanted` or equal to it; kNotFound: none is.
  [[nodiscard]] std::size_t index_of(const Object& wanted) const noexcept;
  static constexpr std::size_t kNotFound = ~std::size_t{0};

  // False, of these three: out of memory or a null item, the list is unchanged.
  [[nodiscard]] bool append(Ref<Object> item) noexcept;
  // Before the item at `index`; at the end, if there is none.
  [[nodiscard]] bool insert(std::size_t index, Ref<Object> item) noexcept;
  [[nodiscard]] bool extend(std::span<const Ref<Object>> items) noexcept;
  // By what stands in `other`, which may be the same list, at one moment. False: out of
  // memory, the list is unchanged.
  [[nodiscard]] bool extend(const List& other) noexcept;

  // False: out of range or a null item, the list is unchanged.
  [[nodiscard]] bool set(std::size_t index, Ref<Object> item) noexcept;

  // Removes and returns the last item. Null: the list is empty.
  [[nodiscard]] Ref<Object> pop() noexcept;
  // The same for the item at `index`. Null: out of range.
  [[nodiscard]] Ref<Object> pop(std::size_t index) noexcept;
  // Removes the first item that is `wanted` or equal to it. False: none is.
  bool remove(const Object& wanted) noexcept;

  void reverse() noexcept;

  enum class Sort {
    done,
    changed,        // by others meanwhile: the list is as they left it
    out_of_memory,  // the list is unchanged
  };
  // Sorts by `less(const Object&, const Object&)`, keeping the order of equal ones. `less`
  // runs without the list's lock and may do what it likes, even change the list or answer
  // as it pleases: it sees the items of one moment, and their new order is published in
  // one step if the list still has the same ones in the same places.
  template <class Less>
  [[nodiscard]] Sort sort(Less less) noexcept {
    return sort_by(
        [](void* context, const Object& a, const Object& b) noexcept {
          return static_cast<bool>((*static_cast<Less*>(context))(a, b));
        },
        &less);
  }

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
  friend class Dict;  // reserve_first(), append_first()
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

  class Rearrangement;
  using LessFunction = bool (*)(void* context,
                                const Object& a,
                                const Object& b) noexcept;

  [[nodiscard]] Ref<Object> get_locked(std::size_t index) const noexcept;
  [[nodiscard]] Ref<Object> look_too_early() const noexcept;
  [[nodiscard]] std::size_t index_locked(const Object& wanted) const noexcept;
  // The array, with room for `more` than the `size` items; a larger one is published, and
  // the old one is `outgrown`. Null: out of memory.
  [[nodiscard]] Array* make_room_locked(std::size_t size,
                                        std::size_t more,
                                        Array*& outgrown) noexcept;
  [[nodiscard]] Ref<Object> pop_locked(std::size_t index) noexcept;
  [[nodiscard]] Sort sort_by(LessFunction less, void* context) noexcept;
  [[nodiscard]] bool reorder(const List& before, Object* const* after) noexcept;
  // Room for `capacity` items in a new list. False: out of memory.
  [[nodiscard]] bool reserve_first(std::size_t capacity) noexcept;
  // Takes over the reference. There is room, and no other thread knows the list: no
  // section, which could suspend the one around.
  void append_first(Object* item) noexcept;
  void replace_content(Array* array, std::size_t size) noexcept;
  static void drop_items(Array* array, std::size_t count) noexcept;

  Atomic<Array*> array_;  // null: no item yet, or L4
  Atomic<std::size_t> size_;
};

static_assert(sizeof(List) == 32);

}  // namespace threadmill
