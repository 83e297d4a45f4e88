// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/set.hpp"

#include <utility>

#include "runtime/base/fault.hpp"
#include "runtime/containers/hash_table.hpp"
#include "runtime/memory/retire.hpp"
#include "runtime/object/allocate.hpp"
#include "runtime/object/critical_section.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/safepoint.hpp"

namespace threadmill {

struct Set::Entry {
  ObjectSlot key;  // null: erased

  void put(Object* item) noexcept { key.put(item); }
  void put(const Entry& other) noexcept { put(other.key.peek()); }
};

// The functions of the Type. The caller has the set to itself, or the world is stopped.
struct SetType {
  static void traverse(Object& self, Visitor& visit) noexcept {
    Set::Table* table = static_cast<Set&>(self).table_.load(relaxed);  // relaxed: alone
    if (table == nullptr) return;
    table->for_each([&visit](Set::Entry& entry) noexcept { visit(entry.key.peek()); });
  }

  static void clear(Object& self) noexcept { static_cast<Set&>(self).clear(); }

  static void release(Object& self) noexcept {
    Set::Table* table = static_cast<Set&>(self).table_.load(relaxed);  // relaxed: alone
    if (table != nullptr) table->free();
  }
};

namespace {

constexpr Type kSet{.name = "set",
                    .traverse = SetType::traverse,
                    .clear = SetType::clear,
                    .release = SetType::release,
                    .hash = nullptr,
                    .equal = nullptr};

[[maybe_unused]] const TypeId registered = register_builtin_type(kSetType, kSet);

}  // namespace

Ref<Set> Set::create() noexcept {
  return Ref<Set>::adopt(allocate<Set>(sizeof(Set), kTypeId));
}

template <class Key>
inline bool Set::has(const Key& key) const noexcept {
  Slot& self = poll_outside_sections();
  Table* table = table_.load(acquire);  // edge: table-publish
  if (table == nullptr) return false;
  chaos_point(ChaosPoint::set_read);
  Match match = Match::no;
  {
    // As in Dict::get_value: no user code, hence no safepoint, while `table` is in use.
    const CascadeScope deaths_wait(self);
    table->probe(key.hash, [&](Entry& entry) noexcept {
      match = compare_lock_free(entry.key, key);
      return match != Match::no;
    });
    // D3: what equals the item may have come into the block of one that was taken out.
    // edge: table-publish
    if (match == Match::yes && table_.load(acquire) != table) match = Match::unstable;
  }
  if (match == Match::unstable && fault(Fault::unstable_means_absent)) return false;
  if (match != Match::unstable && !chaos_slow_path(ChaosPoint::set_read))
    return match == Match::yes;

  const CriticalSection section(*this);  // D4
  // relaxed: changed under the lock only
  Entry* entry = find_locked(table_.load(relaxed), key);
  if (entry == nullptr) return false;
  set_maybe_weak(*entry->key.peek());  // the next reader compares without the lock
  return true;
}

bool Set::contains(const Ref<Object>& item) const noexcept {
  return item && has(ObjectKey{*item});
}

bool Set::contains(std::string_view item) const noexcept { return has(TextKey{item}); }

// Room for `more` items. False: out of memory.
bool Set::make_room_locked(std::size_t more, Table*& outgrown) noexcept {
  Table* table = table_.load(relaxed);  // relaxed: changed under the lock only
  if (table != nullptr && table->capacity - table->used >= more) return true;
  const std::size_t live = size();
  Table* larger = Table::copy(table, live + (more > live ? more : live));
  if (larger == nullptr) return false;
  table_.store(larger, release);  // edge: table-publish
  outgrown = table;
  return true;
}

Set::Add Set::add(Ref<Object> item) noexcept {
  if (!item) return Add::refused;
  Slot& self = poll_outside_sections();
  const ObjectKey wanted{*item};
  Table* outgrown = nullptr;
  {
    const CriticalSection section(*this);
    // relaxed: changed under the lock only
    if (find_locked(table_.load(relaxed), wanted) != nullptr) return Add::was_there;
    if (!make_room_locked(1, outgrown)) return Add::refused;
    // relaxed: as above
    table_.load(relaxed)->add(wanted.hash, item.release());
    size_.store(size() + 1, relaxed);  // relaxed: see size()
  }
  if (outgrown != nullptr) retire(self, outgrown, outgrown->bytes());
  return Add::added;
}

bool Set::discard(const Ref<Object>& item) noexcept {
  if (!item) return false;
  poll_outside_sections();
  const ObjectKey wanted{*item};
  Ref<Object> old;
  {
    const CriticalSection section(*this);
    // relaxed: changed under the lock only
    Entry* entry = find_locked(table_.load(relaxed), wanted);
    if (entry == nullptr) return false;
    old = Ref<Object>::adopt(entry->key.swap(nullptr));
    size_.store(size() - 1, relaxed);  // relaxed: see size()
  }
  return true;  // the reference goes now, outside the section
}

Ref<Object> Set::pop() noexcept {
  Slot& self = poll_outside_sections();
  Table* outgrown = nullptr;
  Ref<Object> item;
  {
    const CriticalSection section(*this);
    Table* table = table_.load(relaxed);  // relaxed: changed under the lock only
    if (size() == 0) return nullptr;
    std::uint32_t last = table->used - 1;
    while (table->entries()[last].key.peek() == nullptr) --last;
    // As in Dict::pop_item.
    const std::uint32_t passed_by = table->used - 1 - last;
    Table* dense = passed_by > size() ? Table::copy(table, size()) : nullptr;
    if (dense != nullptr) {
      table_.store(dense, release);  // edge: table-publish
      outgrown = std::exchange(table, dense);
      last = table->used - 1;
    }
    item = Ref<Object>::adopt(table->entries()[last].key.swap(nullptr));
    size_.store(size() - 1, relaxed);  // relaxed: see size()
  }
  if (outgrown != nullptr) retire(self, outgrown, outgrown->bytes());
  return item;
}

bool Set::update(const Set& other) noexcept {
  Slot& self = poll_outside_sections();
  Table* outgrown = nullptr;
  {
    const CriticalSection both(*this, other);  // catalogue K15
    // relaxed, both: changed under the lock only
    Table* from = other.table_.load(relaxed);
    Table* table = table_.load(relaxed);
    if (other.size() == 0 || from == table) return true;
    Table* made = Table::copy(table, size() + other.size());
    if (made == nullptr) return false;
    std::size_t added = 0;
    from->for_each([&](Entry& entry) noexcept {
      Object* item = entry.key.peek();
      const ObjectKey wanted{*item};
      if (find_locked(made, wanted) != nullptr) return;
      incref(*item);
      made->add(wanted.hash, item);
      ++added;
    });
    table_.store(made, release);           // edge: table-publish
    size_.store(size() + added, relaxed);  // relaxed: see size()
    outgrown = table;
  }
  if (outgrown != nullptr) retire(self, outgrown, outgrown->bytes());
  return true;
}

bool Set::retain(const Set& other) noexcept { return keep_if(true, other); }
bool Set::subtract(const Set& other) noexcept { return keep_if(false, other); }

bool Set::keep_if(bool stands_in, const Set& other) noexcept {
  const Ref<List> removed = List::create();  // items, which go at the end
  if (!removed) return false;
  Table* outgrown = nullptr;
  {
    const CriticalSection both(*this, other);  // catalogue K15
    // relaxed, both: changed under the lock only
    Table* table = table_.load(relaxed);
    Table* theirs = other.table_.load(relaxed);
    if (size() == 0) return true;
    if (!removed->reserve_first(size())) return false;
    Table* made = Table::create(size());
    if (made == nullptr) return false;
    made->generation = table->generation + 1;
    std::size_t kept = 0;
    table->for_each([&](Entry& entry) noexcept {
      Object* item = entry.key.peek();
      const ObjectKey wanted{*item};
      if ((find_locked(theirs, wanted) != nullptr) == stands_in) {
        made->add(wanted.hash, item);
        ++kept;
      } else {
        removed->append_first(item);
      }
    });
    table_.store(made, release);  // edge: table-publish
    size_.store(kept, relaxed);   // relaxed: see size()
    outgrown = table;
  }
  retire(*current(), outgrown, outgrown->bytes());
  return true;
}

bool Set::is_subset_of(const Set& other) const noexcept {
  poll_outside_sections();
  const CriticalSection both(*this, other);
  // relaxed, both: changed under the lock only
  Table* table = table_.load(relaxed);
  Table* theirs = other.table_.load(relaxed);
  if (size() > other.size()) return false;
  bool all = true;
  if (table != nullptr) {
    table->for_each([&](Entry& entry) noexcept {
      all = all && find_locked(theirs, ObjectKey{*entry.key.peek()}) != nullptr;
    });
  }
  return all;
}

Ref<List> Set::items() const noexcept {
  poll_outside_sections();
  Ref<List> result = List::create();
  if (!result) return nullptr;
  const CriticalSection section(*this);
  if (!result->reserve_first(size())) return nullptr;
  Table* table = table_.load(relaxed);  // relaxed: changed under the lock only
  if (table == nullptr) return result;
  table->for_each([&](Entry& entry) noexcept {
    result->append_first(Ref<Object>::share(entry.key.peek()).release());
  });
  return result;
}

void Set::clear() noexcept {
  Slot& self = poll_outside_sections();
  Table* old;
  {
    const CriticalSection section(*this);
    old = table_.load(relaxed);      // relaxed: changed under the lock only
    table_.store(nullptr, release);  // edge: table-publish
    size_.store(0, relaxed);         // relaxed: see size()
  }
  if (old == nullptr) return;
  old->for_each([](Entry& entry) noexcept { decref(*entry.key.peek()); });
  retire(self, old, old->bytes());
}

}  // namespace threadmill
