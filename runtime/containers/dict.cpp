// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/dict.hpp"

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

struct Dict::Entry {
  ObjectSlot key;    // null: erased
  ObjectSlot value;  // null: erased

  void put(Object* its_key, Object* its_value) noexcept {
    value.put(its_value);
    key.put(its_key);
  }
  void put(const Entry& other) noexcept { put(other.key.peek(), other.value.peek()); }
};

// The functions of the Type. The caller has the dict to itself, or the world is stopped.
struct DictType {
  static void traverse(Object& self, Visitor& visit) noexcept {
    Dict::Table* table =
        static_cast<Dict&>(self).table_.load(relaxed);  // relaxed: alone
    if (table == nullptr) return;
    table->for_each([&visit](Dict::Entry& entry) noexcept {
      visit(entry.key.peek());
      visit(entry.value.peek());
    });
  }

  static void clear(Object& self) noexcept { static_cast<Dict&>(self).clear(); }

  static void release(Object& self) noexcept {
    Dict::Table* table =
        static_cast<Dict&>(self).table_.load(relaxed);  // relaxed: alone
    if (table != nullptr) table->free();
  }
};

namespace {

constexpr Type kDict{
    "dict", DictType::traverse, DictType::clear, DictType::release, nullptr, nullptr};

[[maybe_unused]] const TypeId registered = register_builtin_type(kDictType, kDict);

}  // namespace

Ref<Dict> Dict::create() noexcept {
  return Ref<Dict>::adopt(allocate<Dict>(sizeof(Dict), kTypeId));
}

template <class Key>
inline Ref<Object> Dict::get_value(const Key& key) const noexcept {
  Slot& self = poll_outside_sections();
  Table* table = table_.load(acquire);  // edge: table-publish
  if (table == nullptr) return nullptr;
  chaos_point(ChaosPoint::dict_read);
  Object* found = nullptr;
  bool unstable = false;
  {
    // Comparing may drop the last reference to a key, whose end may run user code, which
    // may pass a safepoint; until it is left alone, `table` must stay.
    const CascadeScope deaths_wait(self);
    table->probe(key.hash, [&](Entry& entry) noexcept {
      const Match match = compare_lock_free(entry.key, key);
      if (match == Match::no) return false;
      unstable = match == Match::unstable ||
                 !entry.value.try_get(found, [this, table]() noexcept {
                   // D3. edge: table-publish
                   return fault(Fault::old_table_keeps_live_pointers) ||
                          table_.load(acquire) == table;
                 });
      return true;
    });
  }
  if (!unstable) return Ref<Object>::adopt(found);

  const CriticalSection section(*this);  // D4
  table = table_.load(relaxed);          // relaxed: changed under the lock only
  found = nullptr;
  if (table != nullptr) {
    table->probe(key.hash, [&](Entry& entry) noexcept {
      Object* candidate = entry.key.peek();
      if (candidate == nullptr || !key.equals(*candidate)) return false;
      set_maybe_weak(*candidate);  // the next reader compares without the lock
      found = entry.value.get_locked();
      return true;
    });
  }
  return Ref<Object>::adopt(found);
}

Ref<Object> Dict::get(const Ref<Object>& key) const noexcept {
  if (!key) return nullptr;
  return get_value(ObjectKey{*key});
}

Ref<Object> Dict::get(std::string_view key) const noexcept {
  return get_value(TextKey{key});
}

Ref<Object> Dict::get(std::int64_t key) const noexcept {
  return get_value(NumberKey{key});
}

// Takes over both references if it succeeds.
bool Dict::insert_locked(Object* key,
                         std::uint64_t hash,
                         Object* value,
                         Table*& outgrown) noexcept {
  Table* table = table_.load(relaxed);  // relaxed: changed under the lock only
  if (table == nullptr || table->used == table->capacity) {
    const std::size_t live = size();  // gets as much room again
    Table* larger = Table::copy(table, live == 0 ? 1 : live * 2);
    if (larger == nullptr) return false;
    table_.store(larger, release);  // edge: table-publish
    outgrown = std::exchange(table, larger);
  }
  table->add(hash, key, value);
  size_.store(size() + 1, relaxed);  // relaxed: see size()
  return true;
}

bool Dict::set(Ref<Object> key, Ref<Object> value) noexcept {
  if (!key || !value) return false;
  Slot& self = poll_outside_sections();
  const ObjectKey wanted{*key};
  Ref<Object> old;
  Table* outgrown = nullptr;
  {
    const CriticalSection section(*this);
    // relaxed: changed under the lock only
    if (Entry* entry = find_locked(table_.load(relaxed), wanted)) {
      old = Ref<Object>::adopt(entry->value.swap(value.release()));
    } else {
      if (!insert_locked(key.get(), wanted.hash, value.get(), outgrown)) return false;
      (void)key.release();
      (void)value.release();
    }
  }
  if (outgrown != nullptr) retire(self, outgrown, outgrown->bytes());
  return true;
}

Ref<Object> Dict::set_default(Ref<Object> key, Ref<Object> value) noexcept {
  if (!key || !value) return nullptr;
  Slot& self = poll_outside_sections();
  const ObjectKey wanted{*key};
  Table* outgrown = nullptr;
  Ref<Object> result;
  {
    const CriticalSection section(*this);
    // relaxed: changed under the lock only
    if (Entry* entry = find_locked(table_.load(relaxed), wanted))
      return Ref<Object>::adopt(entry->value.get_locked());
    if (fault(Fault::set_default_in_two_steps)) CriticalSection::let_others_in();
    result = value;
    if (!insert_locked(key.get(), wanted.hash, value.get(), outgrown)) return nullptr;
    (void)key.release();
    (void)value.release();
  }
  if (outgrown != nullptr) retire(self, outgrown, outgrown->bytes());
  return result;
}

Dict::Item Dict::take_locked(Entry& entry) noexcept {
  Item taken;
  taken.value = Ref<Object>::adopt(entry.value.swap(nullptr));
  taken.key = Ref<Object>::adopt(entry.key.swap(nullptr));
  size_.store(size() - 1, relaxed);  // relaxed: see size()
  return taken;
}

template <class Key>
Dict::Item Dict::take(const Key& key, const Object* only) noexcept {
  poll_outside_sections();
  const CriticalSection section(*this);
  // relaxed: changed under the lock only
  Entry* entry = find_locked(table_.load(relaxed), key);
  if (entry == nullptr || (only != nullptr && entry->value.peek() != only)) return {};
  return take_locked(*entry);  // the references go outside the section
}

bool Dict::erase(const Ref<Object>& key) noexcept {
  return key && take(ObjectKey{*key}).key != nullptr;
}

bool Dict::erase(std::string_view key) noexcept {
  return take(TextKey{key}).key != nullptr;
}

bool Dict::erase_if(const Ref<Object>& key, const Object& value) noexcept {
  return key && take(ObjectKey{*key}, &value).key != nullptr;
}

bool Dict::erase_if(std::int64_t key, const Object& value) noexcept {
  return take(NumberKey{key}, &value).key != nullptr;
}

Ref<Object> Dict::pop(const Ref<Object>& key) noexcept {
  if (!key) return nullptr;
  return take(ObjectKey{*key}).value;
}

Ref<Object> Dict::pop(std::string_view key) noexcept {
  return take(TextKey{key}).value;
}

Dict::Item Dict::pop_item() noexcept {
  Slot& self = poll_outside_sections();
  Table* outgrown = nullptr;
  Item taken;
  {
    const CriticalSection section(*this);
    Table* table = table_.load(relaxed);  // relaxed: changed under the lock only
    if (size() == 0) return taken;
    std::uint32_t last = table->used - 1;
    while (table->entries()[last].key.peek() == nullptr) --last;
    // Erased entries are passed by again and again: where they outnumber the others they
    // are left behind. Without memory for it they stay.
    const std::uint32_t passed_by = table->used - 1 - last;
    Table* dense = passed_by > size() ? Table::copy(table, size()) : nullptr;
    if (dense != nullptr) {
      table_.store(dense, release);  // edge: table-publish
      outgrown = std::exchange(table, dense);
      last = table->used - 1;
    }
    taken = take_locked(table->entries()[last]);
  }
  if (outgrown != nullptr) retire(self, outgrown, outgrown->bytes());
  return taken;
}

bool Dict::update(const Dict& other) noexcept {
  const Ref<List> replaced = List::create();  // values, which go at the end
  if (!replaced) return false;
  Table* outgrown = nullptr;
  {
    const CriticalSection both(*this, other);  // catalogue K15
    // relaxed, both: changed under the lock only
    Table* from = other.table_.load(relaxed);
    Table* table = table_.load(relaxed);
    if (other.size() == 0 || from == table) return true;
    if (!replaced->reserve_first(other.size())) return false;
    Table* made = Table::copy(table, size() + other.size());
    if (made == nullptr) return false;
    std::size_t added = 0;
    from->for_each([&](Entry& entry) noexcept {
      Object* key = entry.key.peek();
      Object* value = entry.value.peek();
      incref(*value);
      const ObjectKey wanted{*key};
      if (Entry* mine = find_locked(made, wanted)) {
        replaced->append_first(mine->value.swap(value));
        return;
      }
      incref(*key);
      made->add(wanted.hash, key, value);
      ++added;
    });
    table_.store(made, release);           // edge: table-publish
    size_.store(size() + added, relaxed);  // relaxed: see size()
    outgrown = table;
  }
  if (outgrown != nullptr) retire(*current(), outgrown, outgrown->bytes());
  return true;
}

bool Dict::reserve_first(std::size_t count) noexcept {
  if (count == 0) return true;
  Table* table = Table::create(count);
  if (table == nullptr) return false;
  table_.store(table, relaxed);  // relaxed: published with the dict
  return true;
}

void Dict::add_first(Ref<Object> key, Ref<Object> value) noexcept {
  const std::uint64_t hash = hash_of(*key);
  // relaxed, all: no other thread knows the dict
  table_.load(relaxed)->add(hash, key.release(), value.release());
  size_.store(size() + 1, relaxed);
}

std::size_t Dict::table_bytes() const noexcept {
  const CriticalSection section(*this);
  Table* table = table_.load(relaxed);  // relaxed: changed under the lock only
  return table == nullptr ? 0 : table->bytes();
}

Ref<List> Dict::items() const noexcept {
  Ref<List> result = List::create();
  if (!result) return nullptr;
  const CriticalSection section(*this);
  if (!result->reserve_first(size() * 2)) return nullptr;
  Table* table = table_.load(relaxed);  // relaxed: changed under the lock only
  for (std::uint32_t i = 0; table != nullptr && i < table->used; ++i) {
    Entry& entry = table->entries()[i];
    Object* key = entry.key.peek();
    if (key == nullptr) continue;
    result->append_first(Ref<Object>::share(key).release());
    result->append_first(Ref<Object>::share(entry.value.peek()).release());
  }
  return result;
}

void Dict::clear() noexcept {
  poll_outside_sections();
  Table* old;
  {
    const CriticalSection section(*this);
    old = table_.load(relaxed);      // relaxed: changed under the lock only
    table_.store(nullptr, release);  // edge: table-publish
    size_.store(0, relaxed);         // relaxed: see size()
  }
  if (old != nullptr) drop_content(old);
}

void Dict::drop_content(Table* table) noexcept {
  table->for_each([](Entry& entry) noexcept {
    Object* key = entry.key.peek();
    decref(*entry.value.peek());
    decref(*key);
  });
  retire(*current(), table, table->bytes());
}

DictCursor::DictCursor(Ref<Dict> dict) noexcept : dict_(std::move(dict)) {
  const CriticalSection section(*dict_);
  size_ = dict_->size();
  // relaxed: changed under the lock only
  if (Dict::Table* table = dict_->table_.load(relaxed)) generation_ = table->generation;
}

DictCursor::Step DictCursor::next(Dict::Item& item) noexcept {
  poll_outside_sections();
  Object* key = nullptr;
  Object* value = nullptr;
  {
    const CriticalSection section(*dict_);
    Dict::Table* table = dict_->table_.load(relaxed);  // relaxed: as above
    const std::uint32_t generation =
        table == nullptr ? 0 : std::uint32_t{table->generation};
    if (dict_->size() != size_ || generation != generation_) {
      size_ = ~std::size_t{0};
      return Step::changed;
    }
    while (table != nullptr && place_ < table->used && key == nullptr) {
      Dict::Entry& entry = table->entries()[place_++];
      key = entry.key.peek();
      value = entry.value.peek();
    }
    if (key == nullptr) return Step::end;
    if (!fault(Fault::borrowed_element)) {
      incref(*key);
      incref(*value);
    }
  }
  if (fault(Fault::borrowed_element)) {
    incref(*key);
    incref(*value);
  }
  // What the item held before may die, outside the section.
  item = {Ref<Object>::adopt(key), Ref<Object>::adopt(value)};
  return Step::item;
}

}  // namespace threadmill
