// SPDX-License-Identifier: Apache-2.0
//
// The global lock of the variant `locked` (kRefcount): whoever is attached has it, so one
// thread at a time touches objects, and counts need no atomics (CPython's GIL). In the other
// variants these functions are nothing, and no thread takes it.
//
// It is of the process, not of a world: a thread that comes back to a slot that was taken
// from it, whose runtime may be no more (ending.hpp), finds that out with the lock in hand.
//
//   word      meaning                          leaves by
//   held      some thread has it               that thread: free, by detaching, leaving,
//                                              stopping for good, or handing over
//   sleepers  somebody sleeps on the word, or  its release, which wakes one; who slept sets
//             is about to                      it again, for the others
//   asked     somebody has waited for an       its release
//             interval, and nobody else got
//             the lock meanwhile
//   turn      how often it was taken (the      whoever takes it: one more
//             other bits)
//
// Who takes it when it is free: anybody, for a thread that blocks briefly would lose much by
// queueing up each time. But a holder that sees `asked`, at its next safepoint or before it
// stops the world, hands over: it lets go and does not take the lock again before another
// thread has had it.
//
// Invariants
//   L1  an attached thread has the lock: it takes it first, and becomes detached, vacant or
//       stopped for good before it lets go. So in a pause everybody else is detached, and
//       waits for this lock; no slot is claimed, suspended or has a waiter by the time that
//       its thread wants to attach with the lock in hand; and the lock of an object is fought
//       over only by threads that come back to sections, which were suspended as they
//       detached.
//   L2  nobody waits for anything with the lock in hand but for what ends by itself: every
//       sleep is detached, and the ticket of whoever stops the world is served at once,
//       because its holders have this lock.
//   L3  who asks goes on waiting. So who hands over does not wait in vain for somebody to
//       take the lock.
//   L4  the child of a fork has the lock, and nobody waits.
//
// Edges
//   global-lock-handover   what a thread did while it was attached happens before what the
//                          next one does
#pragma once

#include <cstdint>

#include "runtime/base/config.hpp"
#include "runtime/sync/atomic.hpp"

namespace threadmill {

class GlobalLock {
 public:
  constexpr GlobalLock() noexcept = default;

  [[nodiscard]] bool try_lock() noexcept {
    std::uint32_t word = word_.load(relaxed);  // relaxed: confirmed by the cas
    // edge: global-lock-handover
    return (word & kHeld) == 0 && word_.cas_strong(word, taken(word), acquire);
  }
  void lock() noexcept {
    if (!try_lock()) lock_slow(kAnyTurn);
  }
  void unlock() noexcept { (void)let_go(); }

  // This thread has it. Is it to hand it over?
  [[nodiscard]] bool is_asked_for() const noexcept {
    return (word_.load(relaxed) & kAsked) != 0;  // relaxed: a poll
  }
  // This thread has it, and it is asked for: afterwards it has it again.
  void hand_over() noexcept { lock_slow(turn_of(let_go())); }

  // For a waiting thread's sake, which goes on waiting: the holder of this moment is to
  // hand over, if it took the lock in the turn that `seen`, a value of the word, has.
  void ask(std::uint32_t seen) noexcept;
  [[nodiscard]] std::uint32_t word() const noexcept {
    return word_.load(relaxed);  // relaxed: stale at once
  }

  // How long a thread waits before it asks, from the next time on.
  void set_interval(std::uint64_t nanoseconds) noexcept {
    interval_.store(nanoseconds, relaxed);  // relaxed: no order matters
  }

  // L4.
  void forget_waiting() noexcept {
    // relaxed, both: there is no other thread
    word_.store(word_.load(relaxed) & ~(kSleepers | kAsked), relaxed);
  }

 private:
  static constexpr std::uint32_t kHeld = 1;
  static constexpr std::uint32_t kSleepers = 2;
  static constexpr std::uint32_t kAsked = 4;
  static constexpr std::uint32_t kTurn = 8;
  static constexpr std::uint32_t kAnyTurn = kHeld;  // no turn's number

  static constexpr std::uint32_t turn_of(std::uint32_t word) noexcept {
    return word & ~(kTurn - 1);
  }
  static constexpr std::uint32_t taken(std::uint32_t word) noexcept {
    return (word + kTurn) | kHeld;
  }

  // What the word was.
  std::uint32_t let_go() noexcept;
  // Once it is free, and not in the turn `barred`.
  void lock_slow(std::uint32_t barred) noexcept;

  Atomic<std::uint32_t> word_;
  Atomic<std::uint64_t> interval_{5'000'000};  // CPython's switch interval
};

namespace detail {
inline constinit GlobalLock global_lock;
}

[[nodiscard]] inline bool try_take_global_lock() noexcept {
  if constexpr (kRefcount == Refcount::locked) return detail::global_lock.try_lock();
  return true;
}
inline void take_global_lock() noexcept {
  if constexpr (kRefcount == Refcount::locked) detail::global_lock.lock();
}
inline void release_global_lock() noexcept {
  if constexpr (kRefcount == Refcount::locked) detail::global_lock.unlock();
}
[[nodiscard]] inline bool is_global_lock_asked_for() noexcept {
  if constexpr (kRefcount == Refcount::locked)
    return detail::global_lock.is_asked_for();
  return false;
}
inline void hand_over_global_lock() noexcept {
  if constexpr (kRefcount == Refcount::locked) detail::global_lock.hand_over();
}
inline void forget_waiting_for_global_lock() noexcept {
  if constexpr (kRefcount == Refcount::locked) detail::global_lock.forget_waiting();
}

}  // namespace threadmill
