// SPDX-License-Identifier: Apache-2.0
//
// RecursiveMutex: whoever holds it may take it again, and lets go of it as often. This
// layer knows no threads, so the caller says who it is: a number that no other thread uses
// meanwhile and that is not 0, such as the id of its slot.
//
//   owner    0, or who holds it. Written by the holder only, so a thread that reads its
//            own number there holds it, whatever else it might have read.
//   level    how often the holder has it; the holder's.
// Both are written before the mutex is let go (catalogue G10): written afterwards, they
// would be written over the next holder's.
#pragma once

#include <cstdint>

#include "runtime/base/annotations.hpp"
#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/sync/mutex.hpp"
#include "runtime/sync/plain.hpp"
#include "runtime/sync/sleep.hpp"

namespace threadmill {

class RecursiveMutex {
 public:
  // Sleeps, if it must, in the way of `around`.
  template <AroundSleep Around = SleepAsYouAre>
  void lock(std::uint32_t self,
            const Around& around = {}) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
    if (is_held_by(self)) {
      ++level_;
      return;
    }
    mutex_.lock(around);
    take(self);
  }

  [[nodiscard]] bool try_lock(std::uint32_t self) noexcept
      TM_NO_THREAD_SAFETY_ANALYSIS {
    if (is_held_by(self)) {
      ++level_;
      return true;
    }
    if (!mutex_.try_lock()) return false;
    take(self);
    return true;
  }

  void unlock(std::uint32_t self) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
    TM_CHECK(is_held_by(self), "recursive-mutex-held",
             "unlock of a recursive mutex by a thread that does not hold it");
    --level_;
    if (level_ != 0) return;
    if (fault(Fault::count_written_after_unlock)) {
      mutex_.unlock();
      owner_.store(0, relaxed);  // relaxed: the fault
      return;
    }
    owner_.store(0, relaxed);  // relaxed: as in is_held_by()
    mutex_.unlock();
  }

  [[nodiscard]] bool is_held_by(std::uint32_t self) const noexcept {
    return owner_.load(relaxed) == self;  // relaxed: only `self` writes its number
  }
  // How often the caller, who holds it, has it.
  [[nodiscard]] std::uint32_t level() const noexcept { return level_; }

 private:
  void take(std::uint32_t self) noexcept {
    owner_.store(self, relaxed);  // relaxed: as in is_held_by()
    level_ = 1;
  }

  Mutex mutex_;
  Atomic<std::uint32_t> owner_;
  Plain<std::uint32_t> level_ = 0;
};

}  // namespace threadmill
