// SPDX-License-Identifier: Apache-2.0
//
// Claiming: an attached thread acts for a slot whose holder is away (vacant or
// detached), so that neither a blocked nor a dead owner holds memory back (gh-157838).
//
// Under a claim there is no safepoint and no destructor, so a pause that finds the
// claimer attached waits for the release, and nobody waits for a claimer's user code.
#pragma once

#include "runtime/base/fault.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

class Claim {
 public:
  // Empty if the slot is attached, suspended, claimed already, or about to be attached by
  // a waiting thread, which then merges for itself.
  explicit Claim(Slot& slot) noexcept : slot_(slot), held_(try_claim(slot)) {}

  ~Claim() {
    if (!held_) return;
    using namespace slot_state;
    // Never a store of a whole state, which would undo a suspension.
    // edge: slot-handover, inbox-or-state (seq_cst: a pusher that saw the claim left its
    // entry to this thread, which looks at the inbox next; see inbox_list.hpp)
    const std::uint32_t before = fault(Fault::clear_poll_bit_after_check)
                                     ? store_unclaimed()
                                     : slot_.state.fetch_and(~kClaimed, seq_cst);
    if ((before & kWaiter) != 0) os_wake_all(slot_.state);
  }

  explicit operator bool() const noexcept { return held_; }

  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

 private:
  static bool try_claim(Slot& slot) noexcept {
    using namespace slot_state;
    // The other half of inbox_list.hpp's pair: a pusher asks here.
    // edge: inbox-or-state (seq_cst: see there). relaxed: the fault
    std::uint32_t state = fault(Fault::waiter_flag_dekker) ? slot.state.load(relaxed)
                                                           : slot.state.load(seq_cst);
    constexpr std::uint32_t kObstacles = kClaimed | kSuspended | kWaiter;
    while (!is_attached(state) && (state & kObstacles) == 0) {
      // edge: slot-handover
      if (slot.state.cas(state, state | kClaimed, acq_rel)) return true;
    }
    return false;
  }

  // Of a fault: what others set meanwhile is lost.
  std::uint32_t store_unclaimed() noexcept {
    const std::uint32_t before = slot_.state.load(acquire);  // edge: slot-handover
    // edge: slot-handover
    slot_.state.store(before & ~slot_state::kClaimed, release);
    return before;
  }

  Slot& slot_;
  const bool held_;
};

}  // namespace threadmill
