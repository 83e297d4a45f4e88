// SPDX-License-Identifier: Apache-2.0
//
// Mutex: one byte, so that every object header can carry one.
//
//   starved parked locked
//      0      0      0     free
//      0      0      1     held, nobody sleeps
//      0      1      0     free; one sleeper was just woken, others still sleep
//      0      1      1     held, at least one thread sleeps or is about to
//      1      *      *     as above, but only a thread that was woken may take it
//
// Invariants
//   M1  a thread sleeps on the byte only while `parked` is set;
//   M2  `parked` is cleared only under the parking lot's bucket lock.
//       Without M2 a thread could sleep on a mutex that nobody will wake it from.
//   M3  `starved` is set by a thread that was woken kPatience times and found the mutex
//       held each time, and cleared by the same thread as it takes it. It sleeps only
//       while the mutex is held, so a mutex that is free and starved has somebody awake
//       who will take it.
//
// Who takes it when it is free: newcomers and whoever was just woken compete ("barging"),
// since a lock that waits for a thread to wake is slow. A thread that was woken in vain
// sleeps on as the first in the queue, and after kPatience times it is served before any
// newcomer. That bounds how long it starves without looking at a clock (CPython hands the
// mutex over to who has slept for 1 ms), and never gives it to a thread that is asleep
// (gh-144513, catalogue G12).
//
// Edges
//   mutex-handover   unlock -> lock: the critical section of the last holder happens
//                    before that of the next one
#pragma once

#include <cstdint>

#include "runtime/base/annotations.hpp"
#include "runtime/base/config.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/parking_lot.hpp"
#include "runtime/sync/sleep.hpp"

namespace threadmill {

class TM_CAPABILITY Mutex {
 public:
  constexpr Mutex() noexcept = default;
  explicit Mutex(KeepBytes keep) noexcept : word_(keep) {}  // in object headers

  void lock() noexcept TM_ACQUIRES() {
    if (!try_lock()) lock_slow();
  }

  // Sleeps, if it must, in the way of `around`. A thread that sleeps detached has the
  // mutex before it attaches, so a pause may come in between: who stops the world must
  // not take such a mutex.
  template <AroundSleep Around>
  void lock(const Around& around) noexcept TM_ACQUIRES() TM_NO_THREAD_SAFETY_ANALYSIS {
    if (!try_lock()) around([this]() noexcept { lock_slow(); });
  }

  [[nodiscard]] bool try_lock() noexcept TM_TRY_ACQUIRES(true) {
    std::uint8_t word = word_.load(relaxed);  // relaxed: a guess, confirmed by the cas
    // edge: mutex-handover
    return (word & (kLocked | kStarved)) == 0 &&
           word_.cas_strong(word, static_cast<std::uint8_t>(word | kLocked), acquire);
  }

  void unlock() noexcept TM_RELEASES() {
    std::uint8_t word = kLocked;
    // edge: mutex-handover. relaxed: the fault
    const bool done = fault(Fault::guard_release_before_incref_visible)
                          ? word_.cas_strong(word, 0, relaxed)
                          : word_.cas_strong(word, 0, release);
    if (!done) unlock_slow();
  }

  [[nodiscard]] bool is_locked() const noexcept {
    return (word_.load(relaxed) & kLocked) != 0;  // relaxed: stale at once anyway
  }

  // Whoever else has it or waits for it will never run again: it is the caller's, or free.
  void forget_others(bool held_by_caller) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
    const std::uint8_t wanted = held_by_caller ? kLocked : std::uint8_t{0};
    // relaxed, both: they do nothing any more. A look first leaves memory that parent and
    // child share as it is
    if (word_.load(relaxed) != wanted) word_.store(wanted, relaxed);
  }

  // Wake-ups in vain before a sleeper is starved. Each lasts some 10 us, so that this is
  // of the order of CPython's 1 ms.
  static constexpr unsigned kPatience = kExplored ? 1 : 32;

 private:
  static constexpr std::uint8_t kLocked = 1;
  static constexpr std::uint8_t kParked = 2;
  static constexpr std::uint8_t kStarved = 4;

  void lock_slow() noexcept;
  void unlock_slow() noexcept;

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
