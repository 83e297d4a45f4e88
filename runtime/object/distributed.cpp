// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/distributed.hpp"

#include <new>
#include <utility>

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/object/collected.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/object/immortal.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/thread/current.hpp"

namespace threadmill {

using namespace shared_word;

namespace {

// Counts from here on are biased already, or as far from it as they may become.
constexpr std::int32_t kMostUnbiased = kBias / 2;

// Null: out of memory.
SlotCounts* open_counts(Slot& self) noexcept {
  auto* counts = new (std::nothrow) SlotCounts;
  self.counts.store(counts, release);  // edge: counts-open
  return counts;
}

// X5. The count stays near the bias: a decrement too many for that is forgotten, so that
// at worst the object never ends.
void count_in_shared(Object& object, int by) noexcept {
  std::int32_t word = object.shared.load(relaxed);  // relaxed: confirmed by the cas
  do {
    if (is_sticky(word) || (by < 0 && count(word) < kMostUnbiased)) return;
    // edge: drop-to-death
  } while (!object.shared.cas(word, word + by * kOne, acq_rel));
}

// X1, X2. `local`: what the owner, this thread, counts; 0: there is no owner.
bool bias(Object& object, std::uint64_t local) noexcept {
  std::int32_t word = object.shared.load(relaxed);  // relaxed: confirmed by the cas
  std::int32_t next;
  do {
    const bool fits = local == 0 ? state(word) == kMerged : state(word) != kQueued;
    const std::int64_t total = count(word) + static_cast<std::int64_t>(local);
    if (!fits || is_sticky(word) || total >= kMostUnbiased) return false;
    next = make(static_cast<std::int32_t>(total) + kBias, kMerged);
    // edge: drop-to-death
  } while (!object.shared.cas(word, next, acq_rel));
  return true;
}

// False: another thread has made it immortal meanwhile.
bool publish(Object& object, std::uint64_t before, std::uint32_t id) noexcept {
  const std::uint64_t after = word0::make_distributed(id);
  if (before != 0) {
    object.word0.store(after, release);  // edge: owner-to-reader
    return true;
  }
  // edge: owner-to-reader
  return object.word0.cas_strong(before, after, release);
}

// It has an owner who alone may distribute it, or who is asked to merge it.
bool is_in_the_way(const Slot& self, const Object& object) noexcept {
  // relaxed, both: a snapshot, for a way that is right for all
  const std::uint64_t word = object.word0.load(relaxed);
  if (word0::owner(word) == 0 || word0::is_distributed(word)) return false;
  return word0::owner(word) != self.id || state(object.shared.load(relaxed)) == kQueued;
}

}  // namespace

Distribution::~Distribution() {
  world_.for_each_slot([](Slot& slot) {
    delete slot.counts.load(relaxed);  // relaxed: alone
  });
}

std::uint32_t Distribution::take_id(Object& object) noexcept {
  const WordLockGuard guard(lock_);
  std::uint32_t id = free_;
  if (id != 0)
    free_ = next_[id];
  else if (used_ < kMostDistributed)
    id = ++used_;
  if (id != 0) objects_[id] = &object;
  return id;
}

void Distribution::give_back(std::uint32_t id) noexcept {
  const WordLockGuard guard(lock_);
  objects_[id] = nullptr;
  next_[id] = std::exchange(returned_, id);
}

std::int64_t Distribution::take_counts(std::uint32_t id) noexcept {
  std::int64_t sum = 0;
  world_.for_each_slot([&sum, id](Slot& slot) {
    // relaxed, all: the world is stopped
    SlotCounts* counts = slot.counts.load(relaxed);
    if (counts == nullptr) return;
    if (fault(Fault::per_thread_counts_not_merged) &&
        (slot.state.load(relaxed) & slot_state::kModeMask) == slot_state::kVacant)
      return;
    sum += counts->of[id].load(relaxed);
    counts->of[id].store(0, relaxed);
  });
  return sum;
}

void Distribution::fold_in_pause() noexcept {
  const WordLockGuard guard(lock_);
  for (std::uint32_t id = 1; id <= used_; ++id) {
    const std::int64_t counted = take_counts(id);
    Object* object = objects_[id];
    if (object == nullptr) continue;
    // relaxed, all: the world is stopped
    const std::int32_t word = object->shared.load(relaxed);
    const std::int64_t total = count(word) - kBias + counted;
    if (is_sticky(word) || total >= kMostUnbiased) {
      make_immortal_unowned(*object);  // H6
      objects_[id] = nullptr;
      next_[id] = std::exchange(returned_, id);
      continue;
    }
    TM_CHECK_OBJECT(total >= 0, object, "count-not-negative",
                    "more references were dropped than taken");
    object->shared.store(make(static_cast<std::int32_t>(total) + kBias, kMerged),
                         relaxed);
  }
  while (returned_ != 0) {
    const std::uint32_t id = std::exchange(returned_, next_[returned_]);
    next_[id] = std::exchange(free_, id);
  }
}

bool try_distribute(Object& object) noexcept {
  assert_usable(&object);
  const Slot& self = *current();
  Distribution* ids = self.world.distribution;
  // relaxed: if this thread or nobody owns it, confirmed by `shared`
  const std::uint64_t word = object.word0.load(relaxed);
  const bool is_mine = word0::is_owned(word, self.self_word, 1);
  if (ids == nullptr || (word != 0 && !is_mine) || !is_collected(object)) return false;
  const std::uint32_t id = ids->take_id(object);
  if (id == 0) return false;
  if (bias(object, is_mine ? word0::local(word) : 0) && publish(object, word, id))
    return true;
  ids->give_back(id);
  return false;
}

bool distribute(Object& object) noexcept {
  if (try_distribute(object)) return true;
  Slot& self = *current();
  if (!is_in_the_way(self, object) || !is_collected(object)) return false;
  {
    const CascadeScope deaths_wait(self);
    const StoppedWorld pause(self);
    if (merge(object, 0)) die(object);  // no: the caller has a reference
  }
  return try_distribute(object);
}

bool gather(Object& object) noexcept {
  assert_usable(&object);
  Slot& self = *current();
  const StoppedWorld pause(self);
  // relaxed, all: the world is stopped
  if (!word0::is_distributed(object.word0.load(relaxed))) return false;
  self.world.distribution->fold_in_pause();
  const std::uint64_t word = object.word0.load(relaxed);
  if (!word0::is_distributed(word)) return false;  // immortal by now
  object.word0.store(0, relaxed);
  object.shared.store(make(count(object.shared.load(relaxed)) - kBias, kMerged),
                      relaxed);
  self.world.distribution->give_back(word0::id(word));
  return true;
}

void forget_distributed(Slot& self, const Object& object) noexcept {
  // relaxed: nobody else has the object
  const std::uint64_t word = object.word0.load(relaxed);
  if (word0::is_distributed(word)) self.world.distribution->give_back(word0::id(word));
}

namespace detail {

void count_distributed(Object& object, std::uint64_t word, int by) noexcept {
  Slot& self = *current();
  SlotCounts* counts = self.counts.load(relaxed);  // relaxed: only the holder writes it
  if (counts == nullptr) [[unlikely]]
    counts = open_counts(self);
  if (counts == nullptr) {
    count_in_shared(object, by);
    return;
  }
  Atomic<std::int64_t>& mine = counts->of[word0::id(word)];
  // relaxed, both: only the holder writes it, and pauses order
  mine.store(mine.load(relaxed) + by, relaxed);
}

std::int64_t counts_of_slots(std::uint64_t word) noexcept {
  std::int64_t sum = 0;
  current()->world.for_each_slot([&sum, word](const Slot& slot) {
    // edge: counts-open
    const SlotCounts* counts = slot.counts.load(acquire);
    if (counts != nullptr)
      sum += counts->of[word0::id(word)].load(relaxed);  // relaxed: a snapshot
  });
  return sum;
}

}  // namespace detail

}  // namespace threadmill
