// SPDX-License-Identifier: Apache-2.0
//
// Event: happens once; whoever waits for it goes on then, and whoever comes later does not
// wait.
//
//   word      meaning               leaves by
//   unset     nobody sleeps         a waiter: awaited · set(): set
//   awaited   somebody may sleep    set(): set
//   set                             never
//
// Setting it is one exchange, after which only the address is used: a waiter may end the
// event as soon as it sees it set (catalogue G3). set() may be called more than once.
//
// Edges
//   event-set   what the setter did happens before a waiter goes on
#pragma once

#include <cstdint>

#include "runtime/base/fault.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/sync/sleep.hpp"

namespace threadmill {

class Event {
 public:
  [[nodiscard]] bool is_set() const noexcept {
    return word_.load(acquire) == kSet;  // edge: event-set
  }

  void set() noexcept {
    if (fault(Fault::signal_after_unlock_frees_lock)) {
      word_.store(kSet, release);  // edge: event-set
      // relaxed: the fault, a second look at what may be gone
      if (word_.load(relaxed) == kSet) os_wake_all(word_);
      return;
    }
    // edge: event-set
    if (word_.exchange(kSet, release) == kAwaited) os_wake_all(word_);
  }

  // Sleeps, if it must, in the way of `around`.
  template <AroundSleep Around = SleepAsYouAre>
  void wait(const Around& around = {}) noexcept {
    if (!is_set()) around([this]() noexcept { wait_slow(); });
  }

 private:
  static constexpr std::uint32_t kUnset = 0;
  static constexpr std::uint32_t kAwaited = 1;
  static constexpr std::uint32_t kSet = 2;

  void wait_slow() noexcept;

  Atomic<std::uint32_t> word_;
};

}  // namespace threadmill
