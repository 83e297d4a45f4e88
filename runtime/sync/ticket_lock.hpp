// SPDX-License-Identifier: Apache-2.0
//
// TicketLock: first come, first served. Pauses use it: a thread that collects in a loop
// cannot keep another from its pause. Taking a ticket and waiting for it are two calls,
// so that an attached thread can detach in between.
//
// Edges
//   ticket-handover   the critical section of one ticket happens before the next one's
#pragma once

#include <cstdint>

#include "runtime/base/annotations.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/os_wait.hpp"

namespace threadmill {

class TM_CAPABILITY TicketLock {
 public:
  [[nodiscard]] std::uint32_t take_ticket() noexcept {
    return next_.fetch_add(1, relaxed);  // relaxed: waiting for it synchronises
  }

  [[nodiscard]] bool is_served(std::uint32_t ticket) const noexcept {
    // edge: ticket-handover
    return serving_.load(acquire) == ticket;
  }

  void wait_for(std::uint32_t ticket) noexcept TM_ACQUIRES() {
    for (;;) {
      // edge: ticket-handover
      std::uint32_t serving = serving_.load(acquire);
      if (serving == ticket) return;
      os_wait(serving_, serving);
    }
  }

  // False: somebody has it, or waits for it.
  [[nodiscard]] bool try_lock() noexcept TM_TRY_ACQUIRES(true) {
    // edge: ticket-handover
    const std::uint32_t serving = serving_.load(acquire);
    std::uint32_t next = serving;
    // relaxed: the load synchronised, and if the ticket is still to be had, it is served
    return next_.cas_strong(next, serving + 1, relaxed);
  }

  void unlock() noexcept TM_RELEASES() {
    // edge: ticket-handover
    serving_.fetch_add(1, release);
    os_wake_all(serving_);
  }

  // In the child of a fork, which has one thread, and that holds it: nobody waits.
  void forget_waiting() noexcept TM_REQUIRES(this) {
    // relaxed, both: there is no other thread
    next_.store(serving_.load(relaxed) + 1, relaxed);
  }

 private:
  Atomic<std::uint32_t> next_;
  Atomic<std::uint32_t> serving_;
};

}  // namespace threadmill
