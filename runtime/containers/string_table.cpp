// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/string_table.hpp"

#include <memory>
#include <new>
#include <utility>

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/safepoint.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

// N1 to N4: string_table.hpp.

namespace {

constexpr std::uint32_t kLeastCapacity = 8;
constexpr std::uint32_t kMostCapacity = std::uint32_t{1} << 30;

StringTable& strings() noexcept { return *current()->world.strings; }

}  // namespace

Ref<Str> intern(std::string_view text) noexcept {
  poll_outside_sections();
  return strings().intern(text);
}

Ref<Str> intern(Ref<Str> string) noexcept {
  if (!string || is_interned(*string)) return string;
  poll_outside_sections();
  return strings().intern(std::move(string));
}

SharedNames* names_of(TypeId its_class) noexcept {
  return strings().names_of(its_class);
}

StringTable::~StringTable() {
  for (Stripe& stripe : stripes_) {
    const WordLockGuard guard(stripe.lock);
    stripe.resize(0);
  }
  for (const Atomic<SharedNames*>& first : names_) {
    SharedNames* names = first.load(relaxed);  // relaxed: no other thread is left
    while (names != nullptr) delete std::exchange(names, names->next());
  }
}

SharedNames* StringTable::names_of(TypeId its_class) noexcept {
  Atomic<SharedNames*>& first = names_[its_class % kNameLists];
  const auto find_from = [its_class](SharedNames* names) noexcept {
    while (names != nullptr && names->its_class() != its_class) names = names->next();
    return names;
  };
  // edge: names-made
  if (SharedNames* names = find_from(first.load(acquire))) return names;

  const WordLockGuard guard(names_lock_);
  SharedNames* const newest = first.load(relaxed);  // relaxed: changed under the lock
  if (SharedNames* names = find_from(newest)) return names;
  auto* made = new (std::nothrow) SharedNames(its_class, newest);
  if (made != nullptr) first.store(made, release);  // edge: names-made
  return made;
}

Ref<Str> StringTable::intern(std::string_view text) noexcept {
  const std::uint64_t hash = Str::hash_of(text);
  Stripe& stripe = stripe_of(hash);
  {
    const WordLockGuard guard(stripe.lock);
    if (Ref<Str> found = stripe.find(text, hash)) return found;
  }
  return intern(Str::create(text));  // N1; a safepoint, so not under the lock
}

Ref<Str> StringTable::intern(Ref<Str> string) noexcept {
  if (!string) return nullptr;
  if (fault(Fault::register_before_construct)) return list_then_mark(std::move(string));
  Stripe& stripe = stripe_of(string->hash());
  const WordLockGuard guard(stripe.lock);
  if (Ref<Str> found = stripe.find(string->view(), string->hash())) return found;
  if (!stripe.make_room()) return nullptr;
  set_maybe_weak(*string);
  // relaxed: published by the lock
  string->flags.fetch_or(flag::kInterned, relaxed);
  stripe.list(*string);
  return string;
}

Ref<Str> StringTable::list_then_mark(Ref<Str> string) noexcept {
  Stripe& stripe = stripe_of(string->hash());
  {
    const WordLockGuard guard(stripe.lock);
    if (Ref<Str> found = stripe.find(string->view(), string->hash())) return found;
    if (!stripe.make_room()) return nullptr;
    stripe.list(*string);
  }
  set_maybe_weak(*string);
  string->flags.fetch_or(flag::kInterned, relaxed);  // relaxed: the fault
  return string;
}

void StringTable::remove(const Str& dying) noexcept {
  Stripe& stripe = stripe_of(dying.hash());
  const WordLockGuard guard(stripe.lock);
  stripe.remove(dying);
}

std::size_t StringTable::size() noexcept {
  std::size_t size = 0;
  for (Stripe& stripe : stripes_) {
    const WordLockGuard guard(stripe.lock);
    size += stripe.used;
  }
  return size;
}

Ref<Str> StringTable::Stripe::find(std::string_view text, std::uint64_t hash) noexcept {
  if (capacity == 0) return nullptr;
  const std::uint64_t mask = capacity - 1;
  for (std::uint64_t place = hash & mask;; place = (place + 1) & mask) {
    Str* string = places[place];
    if (string == nullptr) return nullptr;
    if (string->hash() != hash || string->view() != text) continue;
    chaos_point(ChaosPoint::string_find);
    if (fault(Fault::registry_returns_dying_object)) return Ref<Str>::share(string);
    if (try_incref(*string)) return Ref<Str>::adopt(string);  // N3
  }
}

void StringTable::Stripe::list(Str& string) noexcept {
  const std::uint64_t mask = capacity - 1;
  std::uint64_t place = string.hash() & mask;
  while (places[place] != nullptr) place = (place + 1) & mask;
  places[place] = &string;
  ++used;
}

// What stands behind it, up to the next empty place, moves towards its own place.
void StringTable::Stripe::remove(const Str& string) noexcept {
  TM_CHECK_OBJECT(capacity != 0, &string, "interned-strings-are-listed",
                  "a dying interned string is not in the table");
  const std::uint64_t mask = capacity - 1;
  std::uint64_t hole = string.hash() & mask;
  for (; places[hole] != &string; hole = (hole + 1) & mask) {
    TM_CHECK_OBJECT(places[hole] != nullptr, &string, "interned-strings-are-listed",
                    "a dying interned string is not in the table");
  }
  for (std::uint64_t next = (hole + 1) & mask; places[next] != nullptr;
       next = (next + 1) & mask) {
    const std::uint64_t way = next - places[next]->hash();  // from its own place
    if ((way & mask) < ((next - hole) & mask)) continue;
    places[hole] = places[next];
    hole = next;
  }
  places[hole] = nullptr;
  --used;
  // Without memory it stays too large.
  if (used == 0)
    resize(0);
  else if (capacity > kLeastCapacity && used < capacity / 8)
    (void)resize(capacity / 2);
}

bool StringTable::Stripe::make_room() noexcept {
  if (capacity == 0) return resize(kLeastCapacity);
  if (used < capacity / 2 || resize(capacity * 2)) return true;
  return used + 1 < capacity;  // a place stays empty, where searches end
}

bool StringTable::Stripe::resize(std::uint32_t wanted) noexcept {
  if (wanted > kMostCapacity) return false;
  const std::uint32_t old_capacity = capacity;
  Plain<Str*>* old_places = places;
  Plain<Str*>* new_places = nullptr;
  if (wanted != 0) {
    void* memory = buffer_allocate(wanted * sizeof(Plain<Str*>));
    if (memory == nullptr) return false;
    new_places = static_cast<Plain<Str*>*>(memory);
    std::uninitialized_value_construct_n(new_places, wanted);
  }
  places = new_places;
  capacity = wanted;
  used = 0;
  for (std::uint32_t i = 0; wanted != 0 && i < old_capacity; ++i) {
    if (old_places[i] != nullptr) list(*old_places[i]);
  }
  buffer_free(old_places, old_capacity * sizeof(Plain<Str*>));
  return true;
}

}  // namespace threadmill
