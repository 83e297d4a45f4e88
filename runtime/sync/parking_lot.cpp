// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/parking_lot.hpp"

#include <cstddef>

#include "runtime/base/annotations.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/sync/plain.hpp"
#include "runtime/sync/word_lock.hpp"

namespace threadmill {

namespace {

struct Sleeper {
  const void* address;
  Plain<Sleeper*> next;
  Atomic<std::uint32_t> woken;
};

// First come, first woken, per address, but for who joins at the front.
struct alignas(kCacheLine) Bucket {
  WordLock lock;
  Plain<Sleeper*> first TM_GUARDED_BY(lock) = nullptr;
  Plain<Sleeper*> last TM_GUARDED_BY(lock) = nullptr;

  void enqueue(Sleeper& sleeper, QueueEnd place) noexcept TM_REQUIRES(lock) {
    if (place == QueueEnd::front && first != nullptr) {
      sleeper.next = first;
      first = &sleeper;
      return;
    }
    (last != nullptr ? last->next : first) = &sleeper;
    last = &sleeper;
  }

  // Null: nobody waits on `address`. `more` says whether somebody else still does.
  Sleeper* dequeue(const void* address, bool& more) noexcept TM_REQUIRES(lock) {
    Sleeper* before = nullptr;
    Sleeper* found = first;
    while (found != nullptr && found->address != address) {
      before = found;
      found = found->next;
    }
    more = false;
    if (found == nullptr) return nullptr;
    for (Sleeper* s = found->next; s != nullptr && !more; s = s->next)
      more = s->address == address;
    if (fault(Fault::has_waiters_underestimated)) more = false;
    if (fault(Fault::lock_bit_overestimate)) more = true;
    (before != nullptr ? before->next : first) = found->next;
    if (last == found) last = before;
    return found;
  }
};

constexpr std::size_t kBuckets = 256;

// Process-wide, like the addresses that threads sleep on.
constinit Bucket buckets[kBuckets];

Bucket& bucket_of(const void* address) noexcept {
  auto key = reinterpret_cast<std::uintptr_t>(address) * 0x9e3779b97f4a7c15u;
  return buckets[key >> 56];
}

}  // namespace

namespace detail {

ParkResult park_slow(const void* address,
                     ParkValidate validate,
                     void* context,
                     QueueEnd place) noexcept {
  Sleeper self{address, nullptr, {}};
  Bucket& bucket = bucket_of(address);
  {
    const bool valid_before =
        fault(Fault::validate_outside_bucket_lock) && validate(context);
    WordLockGuard guard(bucket.lock);
    if (!valid_before && !validate(context)) return ParkResult::changed;  // P1
    bucket.enqueue(self, place);
  }
  // edge: unpark-to-park
  while (self.woken.load(acquire) == 0) {
    os_wait(self.woken, 0);
    if (fault(Fault::spurious_wake_destroys_semaphore)) break;
  }
  return ParkResult::woken;
}

void unpark_slow(const void* address, UnparkNotify notify, void* context) noexcept {
  Bucket& bucket = bucket_of(address);
  Sleeper* sleeper;
  {
    WordLockGuard guard(bucket.lock);
    bool more = false;
    sleeper = bucket.dequeue(address, more);
    notify(context, sleeper != nullptr, more);
  }
  if (sleeper == nullptr) return;
  Atomic<std::uint32_t>& woken = sleeper->woken;
  // edge: unpark-to-park
  woken.store(1, release);
  os_wake_one(woken);
}

}  // namespace detail

void forget_sleepers() noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  for (Bucket& bucket : buckets) {
    bucket.lock.forget_holder();
    bucket.first = bucket.last = nullptr;
  }
}

}  // namespace threadmill
