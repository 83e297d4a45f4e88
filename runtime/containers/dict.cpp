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
  static void traverse(Object& self, const Visitor& visit) noexcept {
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
                   // edge: table-publish
                   return table_.load(acquire) == table;  // D3
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

template <class Key>
bool Dict::erase_key(const Key& key) noexcept {
  poll_outside_sections();
  Ref<Object> old_key;
  Ref<Object> old_value;
  {
    const CriticalSection section(*this);
    // relaxed: changed under the lock only
    Entry* entry = find_locked(table_.load(relaxed), key);
    if (entry == nullptr) return false;
    old_value = Ref<Object>::adopt(entry->value.swap(nullptr));
    old_key = Ref<Object>::adopt(entry->key.swap(nullptr));
    size_.store(size() - 1, relaxed);  // relaxed: see size()
  }
  return true;  // the references go now, outside the section
}

bool Dict::erase(const Ref<Object>& key) noexcept {
  return key && erase_key(ObjectKey{*key});
}

bool Dict::erase(std::string_view key) noexcept { return erase_key(TextKey{key}); }

Ref<List> Dict::items() const noexcept {
  Ref<List> result = List::create();
  if (!result) return nullptr;
  const CriticalSection section(*this);
  // An append that grows retires an array, which may stop the world and so let others
  // into the section.
  if (!result->reserve_first(size() * 2)) return nullptr;
  Table* table = table_.load(relaxed);  // relaxed: changed under the lock only
  for (std::uint32_t i = 0; table != nullptr && i < table->used; ++i) {
    Entry& entry = table->entries()[i];
    Object* key = entry.key.peek();
    if (key == nullptr) continue;
    if (!result->append(Ref<Object>::share(key)) ||
        !result->append(Ref<Object>::share(entry.value.peek())))
      return nullptr;
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

}  // namespace threadmill
