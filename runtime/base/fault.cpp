// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/fault.hpp"

#if TM_FAULTS

namespace threadmill {

namespace detail {
Fault active_fault = Fault::none;
}

namespace {

constexpr FaultInfo kFaultCatalogue[] = {
    {Fault::foreign_decref_frees_unmerged, "foreign-decref-frees-unmerged", "A7",
     "a non-owner that finds the shared count at zero frees the object, although the "
     "owner has not merged its local count"},
    {Fault::retire_goal_too_early, "retire-goal-too-early", "F4",
     "a retired buffer is tagged with the current epoch instead of the next one, so it "
     "is freed under threads that read it"},
    {Fault::suspended_state_not_recorded, "suspended-state-not-recorded", "I1",
     "a thread that stops for a pause records 'detached' instead of 'suspended', so it "
     "attaches again inside the pause"},
    {Fault::grow_exposes_uninitialised_slots, "grow-exposes-uninitialised-slots", "K1",
     "a list's new array is published before its unused slots are zero-filled"},
};

}  // namespace

std::span<const FaultInfo> fault_catalogue() noexcept { return kFaultCatalogue; }

bool activate_fault(std::string_view name) noexcept {
  if (name.empty()) {
    detail::active_fault = Fault::none;
    return true;
  }
  for (const FaultInfo& info : kFaultCatalogue) {
    if (name == info.name) {
      detail::active_fault = info.fault;
      return true;
    }
  }
  return false;
}

}  // namespace threadmill

#endif
