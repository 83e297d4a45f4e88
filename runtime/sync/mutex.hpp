// SPDX-License-Identifier: Apache-2.0
//
// Mutex: one byte, so that every object header can carry one.
//
//   parked locked
//      0     0     free
//      0     1     held, nobody sleeps
//      1     0     free; one sleeper was just woken, others still sleep
//      1     1     held, at least one thread sleeps or is about to
//
// Invariants
//   M1  a thread sleeps on the byte only while `parked` is set;
//   M2  `parked` is cleared only under the parking lot's bucket lock.
//       Without M2 a thread could sleep on a mutex that nobody will wake it from.
// A woken thread competes with newcomers ("barging"): ownership is never handed to a
// thread that is asleep, so no pause can find the owner suspended (gh-144513).
//
// Edges
//   mutex-handover   unlock -> lock: the critical section of the last holder happens
//                    before that of the next one
#pragma once

#include <cstdint>

#include "runtime/base/annotations.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/parking_lot.hpp"

namespace threadmill {

class TM_CAPABILITY Mutex {
 public:
  constexpr Mutex() noexcept = default;
  explicit Mutex(KeepBytes keep) noexcept : word_(keep) {}  // in object headers

  void lock() noexcept TM_ACQUIRES() {
    if (!try_lock()) lock_slow();
  }

  [[nodiscard]] bool try_lock() noexcept TM_TRY_ACQUIRES(true) {
    std::uint8_t word = word_.load(relaxed);  // relaxed: a guess, confirmed by the cas
    // edge: mutex-handover
    return (word & kLocked) == 0 &&
           word_.cas_strong(word, static_cast<std::uint8_t>(word | kLocked), acquire);
  }

  void unlock() noexcept TM_RELEASES() {
    std::uint8_t word = kLocked;
    // edge: mutex-handover
    if (!word_.cas_strong(word, 0, release)) unlock_slow();
  }

  // Sleeps until the mutex may be free, if it is held now; the caller tries again.
  void wait_until_free() noexcept {
    if (announce_sleeper()) park(word_, static_cast<std::uint8_t>(kLocked | kParked));
  }

  [[nodiscard]] bool is_locked() const noexcept {
    return (word_.load(relaxed) & kLocked) != 0;  // relaxed: stale at once anyway
  }

 private:
  static constexpr std::uint8_t kLocked = 1;
  static constexpr std::uint8_t kParked = 2;

  void lock_slow() noexcept;
  void unlock_slow() noexcept;
  // True: the mutex is held and `parked` is set, so sleeping makes sense.
  bool announce_sleeper() noexcept;

  Atomic<std::uint8_t> word_;
};

static_assert(sizeof(Mutex) == 1, "object headers reserve one byte");

class TM_SCOPED_CAPABILITY MutexGuard {
 public:
  explicit MutexGuard(Mutex& mutex) noexcept TM_ACQUIRES(mutex) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexGuard() TM_RELEASES() { mutex_.unlock(); }

  MutexGuard(const MutexGuard&) = delete;
  MutexGuard& operator=(const MutexGuard&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace threadmill
