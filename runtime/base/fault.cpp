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
    {Fault::retire_unbounded_by_bytes, "retire-unbounded-by-bytes", "F10",
     "retired buffers are counted, not their bytes, so a few large ones wait until "
     "there "
     "are many"},
    {Fault::full_queue_page_orphan, "full-queue-page-orphan", "F19",
     "a full page in which others have freed blocks is found by nobody, neither to be "
     "used again nor to be given back"},
    {Fault::lazy_init_published_first, "lazy-init-published-first", "F22",
     "a Once says that it is done before its initialiser has run", true},
    {Fault::signal_after_unlock_frees_lock, "signal-after-unlock-frees-lock", "G3",
     "who sets an Event looks at it once more, although a waiter may have ended it",
     true},
    {Fault::validate_outside_bucket_lock, "validate-outside-bucket-lock", "G4",
     "a thread looks at its word before it takes the lock of the queue in which it "
     "sleeps, so a wake-up in between is lost",
     true},
    {Fault::parked_bit_cleared_outside_queue_lock,
     "parked-bit-cleared-outside-queue-lock", "G6",
     "a mutex is unlocked after the lock of its queue was given up, so a thread that "
     "went to sleep in between is forgotten",
     true},
    {Fault::count_written_after_unlock, "count-written-after-unlock", "G10",
     "a RecursiveMutex forgets its owner after it was unlocked, when it may have the "
     "next one",
     true},
    {Fault::rewait_without_rearming, "rewait-without-rearming", "G14",
     "a thread that was woken in vain sleeps again without setting the parked bit",
     true},
    {Fault::two_lock_section_recursion_by_address,
     "two-lock-section-recursion-by-address", "H3",
     "a section on the second of two objects that are held is taken for a new one, and "
     "lets others in between"},
    {Fault::two_lock_section_unordered, "two-lock-section-unordered", "H4",
     "a section on two objects takes them in the order in which they are named"},
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
    {Fault::unstable_means_absent, "unstable-means-absent", "K5",
     "a set answers that an item is not there when a lookup without the lock could not "
     "tell"},
    {Fault::pop_in_two_steps, "pop-in-two-steps", "K12",
     "a list's pop takes a reference to the last item under the lock, and removes the "
     "last item under the lock once more, whichever it is by then"},
    {Fault::set_default_in_two_steps, "set-default-in-two-steps", "K12",
     "a dict's set_default looks for the key under the lock, and inserts it under the "
     "lock once more, without another look"},
    {Fault::in_place_sort_visible, "in-place-sort-visible", "K14",
     "a list's items change their places while readers without the lock see them, so "
     "one is found twice and another not at all",
     true},
    {Fault::seqlock_reader_no_acquire_fence, "seqlock-reader-no-acquire-fence", "N1",
     "a reader of a SeqLock copies the data without acquiring, so it may look at the "
     "sequence for the second time before it has copied",
     true},
    {Fault::seqlock_writer_no_release_fence, "seqlock-writer-no-release-fence", "N2",
     "a writer of a SeqLock writes the data without releasing, so they may be seen "
     "before the sequence is odd",
     true},
    {Fault::upgrade_relaxed, "upgrade-relaxed", "N11",
     "a writer that has waited for the readers of a RwLock does not acquire what they "
     "released",
     true},
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
