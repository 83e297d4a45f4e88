// SPDX-License-Identifier: Apache-2.0
//
// RwLock: any number of readers, or one writer. Nobody starves: a writer keeps new readers
// out from the moment it is next, and readers that it keeps out wait in one queue with
// the writers after it: that of the mutex `gate_`. (CPython's wakes all sleepers at each
// release, and they compete with newcomers.)
//
//   word           meaning                                       leaves by
//   0              free                                          a reader, a writer
//   readers        so many read                                  a reader · a writer: its
//                                                                bit
//   readers | 1    so many read, and a writer that has the gate  a reader, that leaves
//                  waits for them
//   1              a writer that has the gate writes             the same writer
//
// Invariants
//   R1  the writer's bit is set and cleared only by who has the gate, and no reader comes
//       while it is set. So only one thread ever sleeps on the word: the writer that has
//       the gate; and the last reader to leave wakes it, seeing the bit in the same step;
//   R2  a reader that has the gate finds no writer.
// It is not recursive: a thread that reads, and asks to read again while a writer waits,
// waits for itself. Catalogue N11: every way to write, the one after waiting too, acquires.
//
// Edges
//   rw-lock-handover   unlock -> lock or lock_shared, unlock_shared -> lock: what was done
//                      under the lock happens before what conflicts with it
#pragma once

#include <cstdint>

#include "runtime/base/annotations.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/mutex.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/sync/sleep.hpp"

namespace threadmill {

class TM_CAPABILITY RwLock {
 public:
  // To write. Each of these two sleeps, if it must, in the way of `around`.
  template <AroundSleep Around = SleepAsYouAre>
  void lock(const Around& around = {}) noexcept
      TM_ACQUIRES() TM_NO_THREAD_SAFETY_ANALYSIS {
    if (!try_lock()) around([this]() noexcept { lock_slow(); });
  }

  // To read.
  template <AroundSleep Around = SleepAsYouAre>
  void lock_shared(const Around& around = {}) noexcept
      TM_ACQUIRES_SHARED() TM_NO_THREAD_SAFETY_ANALYSIS {
    if (!try_lock_shared()) around([this]() noexcept { lock_shared_slow(); });
  }

  // False: somebody has it, or is about to.
  [[nodiscard]] bool try_lock() noexcept
      TM_TRY_ACQUIRES(true) TM_NO_THREAD_SAFETY_ANALYSIS {
    if (!gate_.try_lock()) return false;
    std::uint32_t word = 0;
    // edge: rw-lock-handover
    if (word_.cas_strong(word, kWriter, acquire)) return true;
    gate_.unlock();
    return false;
  }

  [[nodiscard]] bool try_lock_shared() noexcept TM_TRY_ACQUIRES_SHARED(true) {
    std::uint32_t word = word_.load(relaxed);  // relaxed: a guess, confirmed by the cas
    while ((word & kWriter) == 0) {
      // edge: rw-lock-handover
      if (word_.cas(word, word + kReader, acquire)) return true;
    }
    return false;
  }

  void unlock() noexcept TM_RELEASES() TM_NO_THREAD_SAFETY_ANALYSIS {
    word_.store(0, release);  // R1: nobody else changes it. edge: rw-lock-handover
    gate_.unlock();
  }

  void unlock_shared() noexcept TM_RELEASES_SHARED() {
    // R1. edge: rw-lock-handover
    if (word_.fetch_sub(kReader, release) == (kReader | kWriter)) os_wake_one(word_);
  }

 private:
  static constexpr std::uint32_t kWriter = 1;
  static constexpr std::uint32_t kReader = 2;

  void lock_slow() noexcept;
  void lock_shared_slow() noexcept;

  Atomic<std::uint32_t> word_;
  Mutex gate_;
};

static_assert(sizeof(RwLock) == 8);

}  // namespace threadmill
