// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/qsbr.hpp"

namespace threadmill {

bool goal_reached(const World& world, std::uint64_t goal) noexcept {
  const SlotId count = world.slot_count();
  for (SlotId id = 1; id <= count; ++id) {
    Slot& slot = world.slot(id);
    // edge: quiescent-report
    if (slot.seen_epoch.load(acquire) >= goal) continue;
    // relaxed: that it is attached needs no proof, and this spares the write
    if (slot_state::is_attached(slot.state.load(relaxed))) return false;
    // A read-modify-write that changes nothing: see above. edge: slot-handover
    const std::uint32_t state = fault(Fault::poll_ignores_just_attached_reader)
                                    ? slot.state.load(acquire)
                                    : slot.state.fetch_or(0, acq_rel);
    if (slot_state::is_attached(state) || fault(Fault::retire_while_blocked_online))
      return false;
  }
  return true;
}

}  // namespace threadmill
