// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/list.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "runtime/base/fault.hpp"
#include "runtime/containers/hashing.hpp"
#include "runtime/containers/merge_sort.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/memory/retire.hpp"
#include "runtime/object/allocate.hpp"
#include "runtime/object/critical_section.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/safepoint.hpp"

namespace threadmill {

// The functions of the Type.
struct ListType {
  // The caller has the list to itself, or the world is stopped.
  static void traverse(Object& self, Visitor& visit) noexcept {
    auto& list = static_cast<List&>(self);
    List::Array* array = list.array_.load(relaxed);  // relaxed: see above
    if (array == nullptr) return;
    const std::size_t size = list.size_.load(relaxed);  // relaxed: see above
    for (std::size_t i = 0; i < size; ++i) visit(array->slots()[i].peek());
  }

  static void clear(Object& self) noexcept { static_cast<List&>(self).clear(); }

  static void release(Object& self) noexcept {
    // No reader has a reference, so nobody is in the array. relaxed: the same
    List::Array* array = static_cast<List&>(self).array_.load(relaxed);
    if (array != nullptr) array->free();
  }
};

namespace {

constexpr Type kList{
    "list", ListType::traverse, ListType::clear, ListType::release, nullptr, nullptr};

[[maybe_unused]] const TypeId registered = register_builtin_type(kListType, kList);

constexpr std::size_t kFirstCapacity = 4;
constexpr std::size_t kMaxCapacity = std::size_t{1} << 40;

}  // namespace

List::Array* List::Array::create(std::size_t capacity) noexcept {
  if (capacity > kMaxCapacity) return nullptr;
  void* memory = buffer_allocate(bytes(capacity));
  if (memory == nullptr) return nullptr;
  auto* array = new (memory) Array{capacity};
  if (!fault(Fault::grow_exposes_uninitialised_slots))
    std::uninitialized_value_construct_n(array->slots(), capacity);  // L2
  return array;
}

void List::Array::free() noexcept { buffer_free(this, bytes(capacity)); }

// L4: while it stands, the caller, who has the lock, moves items of `array`.
class List::Rearrangement {
 public:
  Rearrangement(List& list, Array* array, bool is_hidden = true) noexcept
      : list_(list), array_(array) {
    if (!is_hidden || fault(Fault::in_place_sort_visible)) return;
    list_.array_.store(nullptr, release);  // edge: list-array-publish
  }
  ~Rearrangement() {
    list_.array_.store(array_, release);  // edge: list-array-publish
  }
  Rearrangement(const Rearrangement&) = delete;
  Rearrangement& operator=(const Rearrangement&) = delete;

 private:
  List& list_;
  Array* const array_;
};

Ref<List> List::create() noexcept {
  return Ref<List>::adopt(allocate<List>(sizeof(List), kTypeId));
}

Ref<Object> List::get(std::size_t index) const noexcept {
  poll_outside_sections();
  if (index >= size()) return nullptr;  // first the size (L1),
  chaos_point(ChaosPoint::list_read);
  Array* array = array_.load(acquire);  // then the array. edge: list-array-publish
  chaos_point(ChaosPoint::list_item);
  if (array == nullptr) return get_locked(index);
  if (index >= array->capacity && !fault(Fault::size_before_array))
    return get_locked(index);
  Object* found;
  const bool got = array->slots()[index].try_get(found, [this, array]() noexcept {
    // L3. edge: list-array-publish
    return fault(Fault::old_table_keeps_live_pointers) || array_.load(acquire) == array;
  });
  if (!got || found == nullptr) return get_locked(index);
  return Ref<Object>::adopt(found);
}

Ref<Object> List::get_locked(std::size_t index) const noexcept {
  const CriticalSection section(*this);
  if (index >= size()) return nullptr;
  Array* array = array_.load(relaxed);  // relaxed: changed under the lock only
  return Ref<Object>::adopt(array->slots()[index].get_locked());
}

List::Array* List::make_room_locked(std::size_t count,
                                    std::size_t more,
                                    Array*& outgrown) noexcept {
  Array* array = array_.load(relaxed);  // relaxed: changed under the lock only
  if (array != nullptr && array->capacity - count >= more) return array;
  Array* larger = Array::create(std::max({kFirstCapacity, count * 2, count + more}));
  if (larger == nullptr) return nullptr;
  for (std::size_t i = 0; i < count; ++i)
    larger->slots()[i].put(array->slots()[i].peek());
  if (fault(Fault::publish_table_relaxed))
    array_.store(larger, relaxed);  // relaxed: the fault
  else
    array_.store(larger, release);  // edge: list-array-publish
  outgrown = array;
  return larger;
}

// No other thread knows the list, and it has no item.
bool List::reserve_first(std::size_t capacity) noexcept {
  if (capacity == 0) return true;
  Array* array = Array::create(capacity);
  if (array == nullptr) return false;
  array_.store(array, relaxed);  // relaxed: published with the list
  return true;
}

void List::append_first(Object* item) noexcept {
  // relaxed, all: no other thread knows the list
  Array* array = array_.load(relaxed);
  const std::size_t count = size_.load(relaxed);
  array->slots()[count].put(item);
  size_.store(count + 1, relaxed);
}

bool List::append(Ref<Object> item) noexcept {
  if (!item) return false;
  Slot& self = poll_outside_sections();
  Array* outgrown = nullptr;
  {
    const CriticalSection section(*this);
    const std::size_t count = size();
    Array* array = make_room_locked(count, 1, outgrown);
    if (array == nullptr) return false;
    size_.store(count + 1, release);  // L1. edge: list-size-publish
    chaos_point(ChaosPoint::list_append);
    array->slots()[count].put(item.release());
  }
  if (outgrown != nullptr) retire(self, outgrown, Array::bytes(outgrown->capacity));
  return true;
}

bool List::insert(std::size_t index, Ref<Object> item) noexcept {
  if (!item) return false;
  Slot& self = poll_outside_sections();
  Array* outgrown = nullptr;
  {
    const CriticalSection section(*this);
    const std::size_t count = size();
    Array* array = make_room_locked(count, 1, outgrown);
    if (array == nullptr) return false;
    size_.store(count + 1, release);  // L1. edge: list-size-publish
    const Rearrangement moving(*this, array,
                               !fault(Fault::bytewise_move_under_readers));
    std::size_t place = count;
    for (; place > index; --place)
      array->slots()[place].put(array->slots()[place - 1].peek());
    array->slots()[place].put(item.release());
  }
  if (outgrown != nullptr) retire(self, outgrown, Array::bytes(outgrown->capacity));
  return true;
}

bool List::extend(std::span<const Ref<Object>> items) noexcept {
  if (std::find(items.begin(), items.end(), nullptr) != items.end()) return false;
  Slot& self = poll_outside_sections();
  Array* outgrown = nullptr;
  if (!items.empty()) {
    const CriticalSection section(*this);
    const std::size_t count = size();
    Array* array = make_room_locked(count, items.size(), outgrown);
    if (array == nullptr) return false;
    size_.store(count + items.size(), release);  // L1. edge: list-size-publish
    for (std::size_t i = 0; i < items.size(); ++i)
      array->slots()[count + i].put(Ref<Object>(items[i]).release());
  }
  if (outgrown != nullptr) retire(self, outgrown, Array::bytes(outgrown->capacity));
  return true;
}

bool List::extend(const List& other) noexcept {
  Slot& self = poll_outside_sections();
  Array* outgrown = nullptr;
  {
    // Catalogue K15.
    const CriticalSection both(*this,
                               fault(Fault::other_operand_unlocked) ? *this : other);
    const std::size_t count = size();
    const std::size_t more = other.size();
    if (more == 0) return true;
    Array* array = make_room_locked(count, more, outgrown);
    if (array == nullptr) return false;
    // After the line above, for it may be the same list.
    Array* from = other.array_.load(relaxed);  // relaxed: changed under the lock only
    size_.store(count + more, release);        // L1. edge: list-size-publish
    for (std::size_t i = 0; i < more; ++i) {
      Object* item = from->slots()[i].peek();
      incref(*item);
      array->slots()[count + i].put(item);
    }
  }
  if (outgrown != nullptr) retire(self, outgrown, Array::bytes(outgrown->capacity));
  return true;
}

std::size_t List::index_of(const Object& wanted) const noexcept {
  poll_outside_sections();
  const CriticalSection section(*this);
  return index_locked(wanted);
}

std::size_t List::index_locked(const Object& wanted) const noexcept {
  Array* array = array_.load(relaxed);  // relaxed: changed under the lock only
  for (std::size_t i = 0; i < size(); ++i) {
    if (are_equal(*array->slots()[i].peek(), wanted)) return i;
  }
  return kNotFound;
}

bool List::set(std::size_t index, Ref<Object> item) noexcept {
  if (!item) return false;
  poll_outside_sections();
  Object* old;
  {
    const CriticalSection section(*this);
    if (index >= size()) return false;
    Array* array = array_.load(relaxed);  // relaxed: changed under the lock only
    old = array->slots()[index].swap(item.release());
  }
  decref(*old);  // catalogue H6: the list is consistent and unlocked
  return true;
}

// Of a fault: the last item, before others get the lock once more.
Ref<Object> List::look_too_early() const noexcept {
  const std::size_t count = size();
  if (count == 0) return nullptr;
  Array* array = array_.load(relaxed);  // relaxed: changed under the lock only
  Ref<Object> last = Ref<Object>::adopt(array->slots()[count - 1].get_locked());
  CriticalSection::let_others_in();
  return last;
}

Ref<Object> List::pop() noexcept {
  poll_outside_sections();
  const CriticalSection section(*this);
  const Ref<Object> seen = fault(Fault::pop_in_two_steps) ? look_too_early() : nullptr;
  Ref<Object> last = pop_locked(size() - 1);  // of an empty list: out of range
  if (fault(Fault::pop_in_two_steps) && seen) return seen;
  return last;
}

Ref<Object> List::pop(std::size_t index) noexcept {
  poll_outside_sections();
  const CriticalSection section(*this);
  return pop_locked(index);
}

bool List::remove(const Object& wanted) noexcept {
  poll_outside_sections();
  Ref<Object> old;
  {
    const CriticalSection section(*this);
    old = pop_locked(index_locked(wanted));
  }
  return old != nullptr;  // the reference goes now, outside the section
}

Ref<Object> List::pop_locked(std::size_t index) noexcept {
  const std::size_t count = size();
  if (index >= count) return nullptr;
  Array* array = array_.load(relaxed);  // relaxed: changed under the lock only
  Object* item;
  if (index == count - 1) {
    item = array->slots()[index].swap(nullptr);
  } else {
    const Rearrangement moving(*this, array);
    item = array->slots()[index].peek();
    for (std::size_t i = index; i + 1 < count; ++i)
      array->slots()[i].put(array->slots()[i + 1].peek());
    array->slots()[count - 1].put(nullptr);
  }
  size_.store(count - 1, release);  // L1. edge: list-size-publish
  return Ref<Object>::adopt(item);
}

void List::reverse() noexcept {
  poll_outside_sections();
  const CriticalSection section(*this);
  if (size() < 2) return;
  Array* array = array_.load(relaxed);  // relaxed: changed under the lock only
  const Rearrangement moving(*this, array);
  ObjectSlot* low = array->slots();
  for (ObjectSlot* high = low + size() - 1; low < high; ++low, --high) {
    Object* item = low->peek();
    low->put(high->peek());
    high->put(item);
  }
}

List::Sort List::sort_by(LessFunction less, void* context) noexcept {
  const Ref<List> before = slice(0, kMaxCapacity);
  if (!before) return Sort::out_of_memory;
  const std::size_t count = before->size();
  const std::size_t bytes = 2 * count * sizeof(Object*);
  if (count < 2) return Sort::done;
  auto* after = static_cast<Object**>(buffer_allocate(bytes));
  if (after == nullptr) return Sort::out_of_memory;
  Array* from = before->array_.load(relaxed);  // relaxed: nobody else knows it
  for (std::size_t i = 0; i < count; ++i) after[i] = from->slots()[i].peek();
  merge_sort(after, after + count, count,
             [less, context](Object* a, Object* b) { return less(context, *a, *b); });
  const bool done = reorder(*before, after);
  buffer_free(after, bytes);
  return done ? Sort::done : Sort::changed;
}

// Puts the items of `before` in the order of `after`, if this list still has them so.
bool List::reorder(const List& before, Object* const* after) noexcept {
  const CriticalSection section(*this);
  const std::size_t count = size();
  if (count != before.size()) return false;
  // relaxed, both: changed under the lock only, and known to nobody else
  Array* array = array_.load(relaxed);
  Array* expected = before.array_.load(relaxed);
  for (std::size_t i = 0; i < count; ++i) {
    if (array->slots()[i].peek() != expected->slots()[i].peek()) return false;
  }
  const Rearrangement moving(*this, array);
  for (std::size_t i = 0; i < count; ++i) array->slots()[i].put(after[i]);
  return true;
}

bool List::assign(std::span<const Ref<Object>> items) noexcept {
  if (std::find(items.begin(), items.end(), nullptr) != items.end()) return false;
  poll_outside_sections();
  Array* array = nullptr;
  if (!items.empty()) {
    array = Array::create(items.size());
    if (array == nullptr) return false;
    for (std::size_t i = 0; i < items.size(); ++i)
      array->slots()[i].put(Ref<Object>(items[i]).release());
  }
  replace_content(array, items.size());
  return true;
}

void List::clear() noexcept {
  poll_outside_sections();
  replace_content(nullptr, 0);
}

void List::drop_items(Array* array, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) decref(*array->slots()[i].peek());
}

// Drops the old content once the new one is visible and the list unlocked.
void List::replace_content(Array* array, std::size_t count) noexcept {
  Array* old;
  std::size_t old_count;
  {
    const CriticalSection section(*this);
    old_count = size();
    old = array_.load(relaxed);  // relaxed: changed under the lock only
    if (fault(Fault::decref_inside_section_breaks_invariant))
      drop_items(old, old_count);
    if (count > old_count) size_.store(count, release);  // L1. edge: list-size-publish
    array_.store(array, release);                        // edge: list-array-publish
    if (count < old_count) size_.store(count, release);  // edge: list-size-publish
  }
  if (old == nullptr) return;
  if (!fault(Fault::decref_inside_section_breaks_invariant)) drop_items(old, old_count);
  retire(*current(), old, Array::bytes(old->capacity));
}

Ref<List> List::slice(std::size_t begin, std::size_t end) const noexcept {
  Ref<List> result = create();
  if (!result) return nullptr;
  const CriticalSection section(*this);
  end = std::min(end, size());
  if (begin >= end) return result;
  Array* from = array_.load(relaxed);  // relaxed: changed under the lock only
  Array* to = Array::create(end - begin);
  if (to == nullptr) return nullptr;
  for (std::size_t i = begin; i < end; ++i) {
    Object* item = from->slots()[i].peek();
    incref(*item);
    to->slots()[i - begin].put(item);
  }
  // relaxed, both: no other thread knows the new list
  result->array_.store(to, relaxed);
  result->size_.store(end - begin, relaxed);
  return result;
}

}  // namespace threadmill
