// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/fault.hpp"

#include "runtime/base/fault_catalogue.hpp"

#if TM_FAULTS

namespace threadmill {

namespace detail {
Fault active_fault = Fault::none;
}

namespace {

constexpr FaultInfo kFaultCatalogue[] = {
    {Fault::owner_zero_without_merged_flag, "owner-zero-without-merged-flag", "A2",
     "an owner that drops its last reference to a shared object gives it up without "
     "marking it merged",
     "foreign-counts", "weak-get-of-living"},
    {Fault::nonatomic_undo_of_resurrection, "nonatomic-undo-of-resurrection", "A3",
     "after a finalizer the temporary reference is undone by a load and a store, so a "
     "reference that another thread takes in between is lost",
     "resurrection", "finalize-against-weak-get"},
    {Fault::nonatomic_rebias, "nonatomic-rebias", "A3",
     "an object without owner gets one by a load and a store of its shared count, so a "
     "reference that another thread takes in between is lost",
     "", "rebias-against-weak-get"},
    {Fault::reinit_on_resurrect, "reinit-on-resurrect", "A6",
     "the object gets a new header for its finalizer, which forgets that it was "
     "finalized",
     "resurrection", "resurrect-against-take"},
    {Fault::foreign_decref_frees_unmerged, "foreign-decref-frees-unmerged", "A7",
     "a non-owner that finds the shared count at zero frees the object, although the "
     "owner has not merged its local count",
     "own-counts", "merge-drop-by-two"},
    {Fault::refcount_one_is_not_unique, "refcount-one-is-not-unique", "A8",
     "who has the only counted reference is told that it is alone, although others may "
     "take one without having one",
     "", "unique-against-try-incref"},
    {Fault::per_thread_counts_not_merged, "per-thread-counts-not-merged", "A11",
     "what a thread has counted of a distributed object is not added up once it has left",
     "", "collect-against-leaver"},
    {Fault::hand_off_of_several, "hand-off-of-several", "B6",
     "an object changes its owner while other threads have references that the old one "
     "counted",
     "", "hand-off-against-drop"},
    {Fault::short_threads_never_reclaim, "short-threads-never-reclaim", "C3",
     "a collection leaves the retired buffers of exited threads to whoever inherits "
     "their slots",
     "weakref-cache", ""},
    {Fault::weakref_without_maybe_weak_flag, "weakref-without-maybe-weak-flag", "D1",
     "a weak reference is made without setting maybe_weak, and try_incref takes "
     "references to objects in which nothing is set",
     "resurrection", "weak-get-against-death"},
    {Fault::try_incref_accepts_plain, "try-incref-accepts-plain", "D1",
     "try_incref takes references to objects that have not set maybe_weak, and which "
     "their owner ends without a read-modify-write",
     "shared-list", "try-incref-of-plain"},
    {Fault::immortalize_foreign_object, "immortalize-foreign-object", "E1",
     "a thread makes an object immortal whose owner counts it meanwhile, and undoes that",
     "", "immortalize-against-owner"},
    {Fault::deferred_ref_invisible_to_collector, "deferred-ref-invisible-to-collector",
     "E3",
     "the collector looks for uncounted references on the stack of its own thread alone",
     "", "collect-against-stack"},
    {Fault::retire_goal_too_early, "retire-goal-too-early", "F4",
     "a retired buffer is tagged with the current epoch instead of the next one, so it "
     "is freed under threads that read it",
     "shared-list", "retire-against-reader"},
    {Fault::lazy_init_published_first, "lazy-init-published-first", "F22",
     "a Once says that it is done before its initialiser has run", "", "once-by-two"},
    {Fault::signal_after_unlock_frees_lock, "signal-after-unlock-frees-lock", "G3",
     "who sets an Event looks at it once more, although a waiter may have ended it", "",
     "event-ended-by-waiter"},
    {Fault::validate_outside_bucket_lock, "validate-outside-bucket-lock", "G4",
     "a thread looks at its word before it takes the lock of the queue in which it "
     "sleeps, so a wake-up in between is lost",
     "", "park-against-unpark"},
    {Fault::parked_bit_cleared_outside_queue_lock,
     "parked-bit-cleared-outside-queue-lock", "G6",
     "a mutex is unlocked after the lock of its queue was given up, so a thread that "
     "went to sleep in between is forgotten",
     "", "mutex-by-two"},
    {Fault::count_written_after_unlock, "count-written-after-unlock", "G10",
     "a RecursiveMutex forgets its owner after it was unlocked, when it may have the "
     "next one",
     "", "recursive-mutex-by-two"},
    {Fault::rewait_without_rearming, "rewait-without-rearming", "G14",
     "a thread that was woken in vain sleeps again without setting the parked bit", "",
     "mutex-by-two-twice"},
    {Fault::two_lock_section_recursion_by_address,
     "two-lock-section-recursion-by-address", "H3",
     "a section on the second of two objects that are held is taken for a new one, and "
     "lets others in between",
     "critical-section-lattices", "section-inside-one-on-both"},
    {Fault::two_lock_section_unordered, "two-lock-section-unordered", "H4",
     "a section on two objects takes them in the order in which they are named",
     "critical-section-lattices", "sections-on-both"},
    {Fault::suspended_state_not_recorded, "suspended-state-not-recorded", "I1",
     "a thread that stops for a pause records 'detached' instead of 'suspended', so it "
     "attaches again inside the pause",
     "pause-storms", "stop-against-safepoint"},
    {Fault::pause_starves_attacher, "pause-starves-attacher", "I7",
     "the starter of the world wakes a thread that waits to attach instead of "
     "attaching "
     "it, so the next pause may come first",
     "pause-storms", "stop-attach-between"},
    {Fault::finalizers_in_pause, "finalizers-in-pause", "J5",
     "the collector calls the finalizers of trash while the world is stopped",
     "publishing-finalizers", "collect-against-lock"},
    {Fault::no_resurrection_recheck, "no-resurrection-recheck", "J6",
     "after the finalizers all trash is cleared, whatever they have resurrected",
     "resurrection", "collect-against-resurrection"},
    {Fault::weakrefs_cleared_too_late, "weakrefs-cleared-too-late", "J7",
     "weak references to trash are cleared after its finalizers have run",
     "resurrection", "collect-against-weak-get"},
    {Fault::grow_exposes_uninitialised_slots, "grow-exposes-uninitialised-slots", "K1",
     "a list's new array is published before its unused slots are zero-filled",
     "shared-list", "list-get-against-clear-and-append"},
    {Fault::unstable_means_absent, "unstable-means-absent", "K5",
     "a set answers that an item is not there when a lookup without the lock could not "
     "tell",
     "linearizable-set", "set-contains-against-add"},
    {Fault::pop_in_two_steps, "pop-in-two-steps", "K12",
     "a list's pop takes a reference to the last item under the lock, and removes the "
     "last item under the lock once more, whichever it is by then",
     "linearizable-list", "list-pop-by-two"},
    {Fault::set_default_in_two_steps, "set-default-in-two-steps", "K12",
     "a dict's set_default looks for the key under the lock, and inserts it under the "
     "lock once more, without another look",
     "linearizable-dict", "dict-set-default-by-two"},
    {Fault::in_place_sort_visible, "in-place-sort-visible", "K14",
     "a list's items change their places while readers without the lock see them, so "
     "one is found twice and another not at all",
     "", "list-get-against-reverse"},
    {Fault::seqlock_reader_no_acquire_fence, "seqlock-reader-no-acquire-fence", "N1",
     "a reader of a SeqLock copies the data without acquiring, so it may look at the "
     "sequence for the second time before it has copied",
     "", "seq-lock-by-two"},
    {Fault::seqlock_writer_no_release_fence, "seqlock-writer-no-release-fence", "N2",
     "a writer of a SeqLock writes the data without releasing, so they may be seen "
     "before the sequence is odd",
     "", "seq-lock-by-two"},
    {Fault::hand_off_relaxed, "hand-off-relaxed", "N6",
     "an object changes its owner without releasing what the old one wrote to it", "",
     "hand-off-by-word-alone"},
    {Fault::upgrade_relaxed, "upgrade-relaxed", "N11",
     "a writer that has waited for the readers of a RwLock does not acquire what they "
     "released",
     "", "rw-lock-by-two"},
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
