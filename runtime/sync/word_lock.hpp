// SPDX-License-Identifier: Apache-2.0
//
// WordLock: a 4-byte lock that needs no parking lot; the parking lot's buckets use it.
// After Drepper, "Futexes Are Tricky" (2011), mutex 2.
//
//   word   meaning
//    0     free
//    1     held, nobody sleeps
//    2     held, somebody may sleep
//
// Edges
//   word-lock-handover   the critical section of the last holder happens before the next
#pragma once

#include <cstdint>

#include "runtime/base/annotations.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/os_wait.hpp"

namespace threadmill {

class TM_CAPABILITY WordLock {
 public:
  void lock() noexcept TM_ACQUIRES() {
    std::uint32_t word = 0;
    // edge: word-lock-handover
    if (word_.cas_strong(word, 1, acquire)) return;
    while (exchange_awaited() != 0) os_wait(word_, 2);
  }

  void unlock() noexcept TM_RELEASES() {
    // edge: word-lock-handover
    if (word_.exchange(0, release) == 2) os_wake_one(word_);
  }

  // In the child of a fork, which has one thread, and that does not hold it: it is free.
  void forget_holder() noexcept {
    word_.store(0, relaxed);  // relaxed: there is no other thread
  }

 private:
  std::uint32_t exchange_awaited() noexcept {
    if (fault(Fault::queue_lock_one_sided_order))
      return word_.exchange(2, relaxed);  // relaxed: the fault
    return word_.exchange(2, acquire);    // edge: word-lock-handover
  }

  Atomic<std::uint32_t> word_;
};

class TM_SCOPED_CAPABILITY WordLockGuard {
 public:
  explicit WordLockGuard(WordLock& lock) noexcept TM_ACQUIRES(lock) : lock_(lock) {
    lock_.lock();
  }
  ~WordLockGuard() TM_RELEASES() { lock_.unlock(); }

  WordLockGuard(const WordLockGuard&) = delete;
  WordLockGuard& operator=(const WordLockGuard&) = delete;

 private:
  WordLock& lock_;
};

}  // namespace threadmill
