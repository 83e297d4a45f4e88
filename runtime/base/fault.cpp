// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/fault.hpp"

#if TM_FAULTS

namespace threadmill {

namespace detail {
Fault active_fault = Fault::none;
}

namespace {

constexpr FaultInfo kFaultCatalogue[] = {
    {Fault::owner_zero_without_merged_flag, "owner-zero-without-merged-flag", "A2",
     "an owner that drops its last reference to a shared object gives it up without "
     "marking it merged"},
    {Fault::nonatomic_undo_of_resurrection, "nonatomic-undo-of-resurrection", "A3",
     "after a finalizer the temporary reference is undone by a load and a store, so a "
     "reference that another thread takes in between is lost"},
    {Fault::reinit_on_resurrect, "reinit-on-resurrect", "A6",
     "the object gets a new header for its finalizer, which forgets that it was "
     "finalized"},
    {Fault::foreign_decref_frees_unmerged, "foreign-decref-frees-unmerged", "A7",
     "a non-owner that finds the shared count at zero frees the object, although the "
     "owner has not merged its local count"},
    {Fault::short_threads_never_reclaim, "short-threads-never-reclaim", "C3",
     "a collection leaves the retired buffers of exited threads to whoever inherits "
     "their slots"},
    {Fault::weakref_without_maybe_weak_flag, "weakref-without-maybe-weak-flag", "D1",
     "a weak reference is made without setting maybe_weak, and try_incref takes "
     "references to objects in which nothing is set"},
    {Fault::try_incref_accepts_plain, "try-incref-accepts-plain", "D1",
     "try_incref takes references to objects that have not set maybe_weak, and which "
     "their owner ends without a read-modify-write"},
    {Fault::retire_goal_too_early, "retire-goal-too-early", "F4",
     "a retired buffer is tagged with the current epoch instead of the next one, so it "
     "is freed under threads that read it"},
    {Fault::suspended_state_not_recorded, "suspended-state-not-recorded", "I1",
     "a thread that stops for a pause records 'detached' instead of 'suspended', so it "
     "attaches again inside the pause"},
    {Fault::pause_starves_attacher, "pause-starves-attacher", "I7",
     "the starter of the world wakes a thread that waits to attach instead of "
     "attaching "
     "it, so the next pause may come first"},
    {Fault::finalizers_in_pause, "finalizers-in-pause", "J5",
     "the collector calls the finalizers of trash while the world is stopped"},
    {Fault::no_resurrection_recheck, "no-resurrection-recheck", "J6",
     "after the finalizers all trash is cleared, whatever they have resurrected"},
    {Fault::weakrefs_cleared_too_late, "weakrefs-cleared-too-late", "J7",
     "weak references to trash are cleared after its finalizers have run"},
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
