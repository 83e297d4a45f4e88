// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/dict.hpp"

#include <bit>
#include <memory>
#include <new>
#include <utility>

#include "runtime/containers/hashing.hpp"
#include "runtime/containers/str.hpp"
#include "runtime/memory/buffer.hpp"
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
};

struct Dict::Table {
  Plain<std::uint32_t> index_size;  // a power of two
  Plain<std::uint32_t> capacity;    // of entries: two thirds of the index
  Plain<std::uint32_t> used = 0;    // entries, erased ones too; under the lock
  std::uint32_t reserved = 0;       // keeps what follows aligned

  using IndexWord = Atomic<std::uint32_t>;

  [[nodiscard]] IndexWord* index() noexcept {
    return reinterpret_cast<IndexWord*>(this + 1);
  }
  [[nodiscard]] Entry* entries() noexcept {
    return reinterpret_cast<Entry*>(index() + index_size);
  }
  [[nodiscard]] std::uint32_t mask() const noexcept { return index_size - 1; }
  [[nodiscard]] std::uint32_t word_for(std::uint64_t hash,
                                       std::uint32_t entry) const noexcept {
    return (static_cast<std::uint32_t>(hash >> 32) & ~mask()) | (entry + 1);
  }

  static std::uint32_t capacity_for(std::uint32_t index_size) noexcept {
    return static_cast<std::uint32_t>(std::uint64_t{index_size} * 2 / 3);
  }
  static std::size_t bytes(std::uint32_t index_size) noexcept {
    return sizeof(Table) + index_size * sizeof(IndexWord) +
           capacity_for(index_size) * sizeof(Entry);
  }

  // Empty, with room for `entries` and as many again. Null: out of memory.
  [[nodiscard]] static Table* create(std::size_t entries) noexcept;
  void free() noexcept { buffer_free(this, bytes(index_size)); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes(index_size); }

  // The lock is held, or no other thread knows the table, and there is room.
  void add(Object* key, std::uint64_t hash, Object* value) noexcept;

  // Calls `visit` with each entry that may hold `hash`, until it returns true. False: no
  // such entry, and none ever while the lookup went on (D2).
  template <class Visit>
  bool probe(std::uint64_t hash, Visit visit) noexcept {
    for (std::uint64_t place = hash;; ++place) {
      // edge: dict-entry-publish
      const std::uint32_t word = index()[place & mask()].load(acquire);
      if (word == 0) return false;
      const std::uint32_t number = (word & mask()) - 1;
      if (word == word_for(hash, number) && visit(entries()[number])) return true;
    }
  }
};

Dict::Table* Dict::Table::create(std::size_t wanted) noexcept {
  constexpr std::size_t kMaxEntries = std::size_t{1} << 28;
  if (wanted > kMaxEntries) return nullptr;
  std::uint32_t size = 8;
  while (capacity_for(size) < wanted) size *= 2;
  void* memory = buffer_allocate(bytes(size));
  if (memory == nullptr) return nullptr;
  auto* table = new (memory) Table{size, capacity_for(size)};
  std::uninitialized_value_construct_n(table->index(), size);
  std::uninitialized_value_construct_n(table->entries(), table->capacity);
  return table;
}

void Dict::Table::add(Object* key, std::uint64_t hash, Object* value) noexcept {
  const std::uint32_t number = used;
  ++used;
  Entry& entry = entries()[number];
  entry.value.put(value);
  entry.key.put(key);
  std::uint64_t place = hash;
  // relaxed: changed under the lock only
  while (index()[place & mask()].load(relaxed) != 0) ++place;
  // D1. edge: dict-entry-publish
  index()[place & mask()].store(word_for(hash, number), release);
}

// The functions of the Type. The caller has the dict to itself, or the world is stopped.
struct DictType {
  static void traverse(Object& self, const Visitor& visit) noexcept {
    Dict::Table* table =
        static_cast<Dict&>(self).table_.load(relaxed);  // relaxed: alone
    if (table == nullptr) return;
    for (std::uint32_t i = 0; i < table->used; ++i) {
      visit(table->entries()[i].key.peek());
      visit(table->entries()[i].value.peek());
    }
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

// What a lookup looks for: an object that the caller keeps alive, or the text of a Str.
struct ObjectKey {
  const Object& object;
  std::uint64_t hash = hash_of(object);

  [[nodiscard]] bool is(const Object& other) const noexcept {
    return &other == &object;
  }
  [[nodiscard]] bool equals(const Object& other) const noexcept {
    return are_equal(object, other);
  }
};

struct TextKey {
  std::string_view text;
  std::uint64_t hash = Str::hash_of(text);

  [[nodiscard]] static bool is(const Object&) noexcept { return false; }
  [[nodiscard]] bool equals(const Object& other) const noexcept {
    // relaxed: written before the object was published
    return other.type.load(relaxed) == Str::kTypeId &&
           static_cast<const Str&>(other).view() == text;
  }
};

enum class Match { no, yes, unstable };

// Compares with the key in `slot`, which may be erased meanwhile and its memory reused.
template <class Key>
Match compare_lock_free(const ObjectSlot& slot, const Key& key) noexcept {
  Object* candidate = slot.peek();
  if (candidate == nullptr) return Match::no;
  if (key.is(*candidate)) return Match::yes;
  if (!slot.try_get(candidate, []() noexcept { return true; })) return Match::unstable;
  if (candidate == nullptr) return Match::no;
  const Match match = key.equals(*candidate) ? Match::yes : Match::no;
  decref(*candidate);
  return match;
}

}  // namespace

Ref<Dict> Dict::create() noexcept {
  return Ref<Dict>::adopt(allocate<Dict>(sizeof(Dict), kTypeId));
}

template <class Key>
Ref<Object> Dict::get_value(const Key& key) const noexcept {
  Slot& self = poll_outside_sections();
  Table* table = table_.load(acquire);  // edge: dict-table-publish
  if (table == nullptr) return nullptr;
  chaos_point();
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
                   // edge: dict-table-publish
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

namespace {

// The entry of `key`; null: absent. Under the lock.
template <class Table, class Key>
auto* find_locked(Table* table, const Key& key) noexcept {
  decltype(table->entries()) found = nullptr;
  if (table == nullptr) return found;
  table->probe(key.hash, [&](auto& entry) noexcept {
    const Object* candidate = entry.key.peek();
    if (candidate == nullptr || !key.equals(*candidate)) return false;
    found = &entry;
    return true;
  });
  return found;
}

}  // namespace

// Takes over both references if it succeeds.
bool Dict::insert_locked(Object* key,
                         std::uint64_t hash,
                         Object* value,
                         Table*& outgrown) noexcept {
  Table* table = table_.load(relaxed);  // relaxed: changed under the lock only
  if (table == nullptr || table->used == table->capacity) {
    // Erased entries are left behind; what remains gets as much room again.
    const std::size_t live = size();
    Table* larger = Table::create(live == 0 ? 1 : live * 2);
    if (larger == nullptr) return false;
    for (std::uint32_t i = 0; table != nullptr && i < table->used; ++i) {
      Entry& entry = table->entries()[i];
      Object* old_key = entry.key.peek();
      if (old_key != nullptr)
        larger->add(old_key, hash_of(*old_key), entry.value.peek());
    }
    table_.store(larger, release);  // edge: dict-table-publish
    outgrown = std::exchange(table, larger);
  }
  table->add(key, hash, value);
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
    result = value;
    if (!insert_locked(key.get(), wanted.hash, value.get(), outgrown)) return nullptr;
    (void)key.release();
    (void)value.release();
  }
  if (outgrown != nullptr) retire(self, outgrown, outgrown->bytes());
  return result;
}

bool Dict::erase(const Ref<Object>& key) noexcept {
  if (!key) return false;
  poll_outside_sections();
  const ObjectKey wanted{*key};
  Ref<Object> old_key;
  Ref<Object> old_value;
  {
    const CriticalSection section(*this);
    // relaxed: changed under the lock only
    Entry* entry = find_locked(table_.load(relaxed), wanted);
    if (entry == nullptr) return false;
    old_value = Ref<Object>::adopt(entry->value.swap(nullptr));
    old_key = Ref<Object>::adopt(entry->key.swap(nullptr));
    size_.store(size() - 1, relaxed);  // relaxed: see size()
  }
  return true;  // the references go now, outside the section
}

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
    table_.store(nullptr, release);  // edge: dict-table-publish
    size_.store(0, relaxed);         // relaxed: see size()
  }
  if (old != nullptr) drop_content(old);
}

void Dict::drop_content(Table* table) noexcept {
  for (std::uint32_t i = 0; i < table->used; ++i) {
    Entry& entry = table->entries()[i];
    if (Object* key = entry.key.peek()) {
      decref(*entry.value.peek());
      decref(*key);
    }
  }
  retire(*current(), table, table->bytes());
}

}  // namespace threadmill
