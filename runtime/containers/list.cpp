// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/list.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "runtime/base/fault.hpp"
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
  static void traverse(Object& self, const Visitor& visit) noexcept {
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

Ref<List> List::create() noexcept {
  return Ref<List>::adopt(allocate<List>(sizeof(List), kTypeId));
}

Ref<Object> List::get(std::size_t index) const noexcept {
  poll_outside_sections();
  if (index >= size()) return nullptr;  // L1: first the size,
  chaos_point(ChaosPoint::list_read);
  Array* array = array_.load(acquire);  // then the array. edge: list-array-publish
  chaos_point(ChaosPoint::list_item);
  if (array == nullptr || index >= array->capacity) return get_locked(index);
  Object* found;
  const bool got =
      array->slots()[index].try_get(found, [this, array, index]() noexcept {
        // L3, L4. edge: list-array-publish
        return array_.load(acquire) == array && index < size();
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

// The same items in an array with room for more.
List::Array* List::enlarge(Array* array, std::size_t size) noexcept {
  Array* larger = Array::create(array == nullptr ? kFirstCapacity : size * 2);
  if (larger == nullptr) return nullptr;
  for (std::size_t i = 0; i < size; ++i)
    larger->slots()[i].put(array->slots()[i].peek());
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

bool List::append(Ref<Object> item) noexcept {
  if (!item) return false;
  Slot& self = poll_outside_sections();
  Array* outgrown = nullptr;
  {
    const CriticalSection section(*this);
    const std::size_t count = size();
    Array* array = array_.load(relaxed);  // relaxed: changed under the lock only
    if (array == nullptr || count == array->capacity) {
      Array* larger = enlarge(array, count);
      if (larger == nullptr) return false;
      array_.store(larger, release);  // edge: list-array-publish
      outgrown = std::exchange(array, larger);
    }
    array->slots()[count].put(item.release());
    chaos_point(ChaosPoint::list_append);
    size_.store(count + 1, release);  // edge: list-size-publish
  }
  if (outgrown != nullptr) retire(self, outgrown, Array::bytes(outgrown->capacity));
  return true;
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
  const std::size_t count = size();
  if (count == 0) return nullptr;
  Array* array = array_.load(relaxed);  // relaxed: changed under the lock only
  size_.store(count - 1, release);      // edge: list-size-publish
  Ref<Object> last = Ref<Object>::adopt(array->slots()[count - 1].swap(nullptr));
  if (fault(Fault::pop_in_two_steps) && seen) return seen;
  return last;
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

// Drops the old content once the new one is visible and the list unlocked.
void List::replace_content(Array* array, std::size_t count) noexcept {
  Array* old;
  std::size_t old_count;
  {
    const CriticalSection section(*this);
    old_count = size();
    old = array_.load(relaxed);  // relaxed: changed under the lock only
    // A larger size is visible only after its array, a smaller one only before (L1).
    if (count < old_count) size_.store(count, release);   // edge: list-size-publish
    array_.store(array, release);                         // edge: list-array-publish
    if (count >= old_count) size_.store(count, release);  // edge: list-size-publish
  }
  if (old == nullptr) return;
  for (std::size_t i = 0; i < old_count; ++i) decref(*old->slots()[i].peek());
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
