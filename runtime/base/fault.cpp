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
     "what a thread has counted of a distributed object is not added up once it has "
     "left",
     "hot-types", "collect-against-leaver"},
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
     "a thread makes an object immortal whose owner counts it meanwhile, and undoes "
     "that",
     "", "immortalize-against-owner"},
    {Fault::deferred_ref_invisible_to_collector, "deferred-ref-invisible-to-collector",
     "E3",
     "the collector looks for uncounted references on the stack of its own thread "
     "alone",
     "hot-types", "collect-against-stack"},
    {Fault::retire_goal_too_early, "retire-goal-too-early", "F4",
     "a retired buffer is tagged with the current epoch instead of the next one, so it "
     "is freed under threads that read it",
     "shared-list", "retire-against-reader"},
    {Fault::retire_unbounded_by_bytes, "retire-unbounded-by-bytes", "F10",
     "retired buffers are counted, not their bytes, so a few large ones wait until "
     "there are many",
     "gh-133136-retired-bytes", "retire-over-budget"},
    {Fault::full_queue_page_orphan, "full-queue-page-orphan", "F19",
     "a full page in which others have freed blocks is found by nobody, neither to be "
     "used again nor to be given back",
     "gh-145615-orphaned-pages", ""},
    {Fault::leaver_orphans_page, "leaver-orphans-page", "F19",
     "who departs takes an empty page off the lists of its heap, and it comes neither "
     "into limbo nor back to the arena",
     "gh-157838-absent-owners", "page-left-by-two"},
    {Fault::departs_as_it_is_asked, "departs-as-it-is-asked", "F19",
     "a thread that departs does not look again whether it was asked to take back what "
     "others have freed in its pages, so they stay with a slot that nobody has",
     "", "page-freed-as-owner-leaves"},
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
    {Fault::poller_drains_alloc_counter, "poller-drains-alloc-counter", "J11",
     "who asks for the counts of the generations takes what threads have counted, "
     "and it is forgotten, so no collection becomes due",
     "gh-157377-polled-counts", ""},
    {Fault::threshold_ignores_live_size, "threshold-ignores-live-size", "J12",
     "the oldest generation is due after a fixed number of younger collections, "
     "however much there is to look at",
     "gh-142531-untracked-and-frozen", ""},
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
    {Fault::fork_keeps_other_slots, "fork-keeps-other-slots", "M5",
     "in the child of a fork the slots of the threads that it does not have stay "
     "theirs",
     "forks", ""},
    {Fault::fork_inherits_handed_off_lock, "fork-inherits-handed-off-lock", "M6",
     "in the child of a fork an object's mutex stays with a thread that the child "
     "does not have",
     "forks", ""},
    {Fault::daemon_never_stopped, "daemon-never-stopped", "M9",
     "a thread that blocks as its runtime ends is not kept from attaching to it "
     "later",
     "endings", ""},
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
    {Fault::merge_publish_then_scrub, "merge-publish-then-scrub", "A1",
     "an owner that makes an object merged takes its name off it afterwards, when the "
     "object may be another one",
     "", "merge-against-free"},
    {Fault::keepalive_looks_alive, "keepalive-looks-alive", "A4",
     "while the weak references to a dead object are cleared its count is one, so one "
     "of them still gives it",
     "weakref-cache", "weak-get-against-death"},
    {Fault::touch_after_resurrect_end, "touch-after-resurrect-end", "A5",
     "after a finalizer a resurrected object is asserted to be alive, although another "
     "thread may have ended it since",
     "", "finalize-against-weak-get"},
    {Fault::decref_old_value_before_unlink, "decref-old-value-before-unlink", "A12",
     "a field drops what it held before the new value is there, so two who store drop "
     "it twice",
     "random-graph", "field-store-by-two"},
    {Fault::leave_registry_before_drain, "leave-registry-before-drain", "B1",
     "a thread gives up its slot and merges what is in its inbox afterwards, beside "
     "the next holder",
     "thread-churn", "slot-leave-with-inbox"},
    {Fault::drain_once_at_exit, "drain-once-at-exit", "B2",
     "a thread that leaves does not look at its inbox once more, so what was queued "
     "meanwhile stays there",
     "", "inbox-push-against-leave"},
    {Fault::queued_then_immortal, "queued-then-immortal", "B5",
     "an object in an inbox that has become immortal is treated like any other: what "
     "would be merged is dropped, which an immortal object ignores",
     "gh-152276-immortal-while-queued", "immortalize-while-queued", true},
    {Fault::queued_immortal_merged, "queued-immortal-merged", "B5",
     "who drains an inbox merges an object that became immortal while it was queued, "
     "and so makes it mortal",
     "gh-152276-immortal-while-queued", ""},
    {Fault::merge_without_owner_recheck, "merge-without-owner-recheck", "B6",
     "the reference of an inbox to an object that its owner has merged since is "
     "forgotten",
     "", "merge-before-drain"},
    {Fault::queue_without_poke, "queue-without-poke", "B7",
     "a safepoint does not look at the inbox, so what is queued lives until its owner "
     "detaches",
     "", "inbox-at-next-safepoint"},
    {Fault::absent_owner_not_helped, "absent-owner-not-helped", "B7",
     "an object is queued for an owner that is away, and nobody merges it until the "
     "owner comes back",
     "gh-157838-absent-owners", ""},
    {Fault::destructor_under_queue_lock, "destructor-under-queue-lock", "B8",
     "who merges on behalf of an absent owner ends objects under the claim, for which "
     "the owner waits",
     "", "inbox-claim-against-lock"},
    {Fault::queue_push_oom_drops_reference, "queue-push-oom-drops-reference", "B9",
     "who finds no memory to queue an object does not say so", "", "inbox-overflow"},
    {Fault::detached_before_unlinked, "detached-before-unlinked", "C2",
     "a thread that leaves is detached first and gives up its slot in a second step, "
     "which undoes a suspension in between",
     "", "stop-against-leave", false, "thread-churn"},
    {Fault::wrong_thread_page_list, "wrong-thread-page-list", "C6",
     "a block that another thread's page holds is freed as if the page were one's own",
     "foreign-counts", "free-against-allocate"},
    {Fault::try_incref_no_recheck, "try-incref-no-recheck", "D2",
     "a reader that took a reference does not look again whether the object is still "
     "there",
     "", "field-load-against-reuse"},
    {Fault::registry_returns_dying_object, "registry-returns-dying-object", "D3",
     "the table of strings gives a reference to a string that is dying", "",
     "intern-against-death"},
    {Fault::weak_list_head_unlocked, "weak-list-head-unlocked", "D5",
     "the first weak reference to an object is looked up without the lock of the list",
     "", "weak-make-by-two"},
    {Fault::take_strong_ignores_dying, "take-strong-ignores-dying", "D10",
     "a weak reference that is dying is called back like a living one", "",
     "weak-callback-against-own-drop"},
    {Fault::weak_cleanup_nonrecursive_lock, "weak-cleanup-nonrecursive-lock", "D12",
     "a weak reference is made under the lock of the list, so its maker may stop for a "
     "pause that needs the lock",
     "", "weak-make-against-collect"},
    {Fault::local_counter_wraps_or_sticks, "local-counter-wraps-or-sticks", "E8",
     "a merge does not ask whether the sum of the counts still fits", "",
     "saturate-local"},
    {Fault::slot_array_read_outside_lock, "slot-array-read-outside-lock", "F1",
     "the number of a new slot is read before the lock is taken, so two threads may "
     "get one",
     "", "slot-add-by-two"},
    {Fault::poll_ignores_just_attached_reader, "poll-ignores-just-attached-reader",
     "F5",
     "whether a reader is attached is asked by a load, which may miss one that has "
     "just attached",
     "", "retire-against-entering"},
    {Fault::new_slot_unordered, "new-slot-unordered", "F5",
     "a new slot is put into the table, and its first look at the epoch is not ordered "
     "after that, so that a retiring thread and the slot may miss each other",
     "", "retire-against-new-slot"},
    {Fault::epoch_read_before_fence, "epoch-read-before-fence", "F6",
     "a batch of retired buffers gets its goal with the first one, so the later ones "
     "are freed too early",
     "", "retire-in-one-batch"},
    {Fault::retire_while_blocked_online, "retire-while-blocked-online", "F9",
     "threads that are away count as readers, so what is retired waits for them", "",
     "retire-while-away"},
    {Fault::free_instead_of_retire, "free-instead-of-retire", "F11",
     "a buffer that readers may be in is freed at once", "shared-list",
     "list-get-against-grow"},
    {Fault::drain_before_transfer, "drain-before-transfer", "F16",
     "who merged on behalf of an absent owner does not look at the inbox again after "
     "the claim",
     "", "inbox-two-claimers"},
    {Fault::touch_after_abandon, "touch-after-abandon", "F17",
     "who has announced a page with freed blocks looks at it once more", "",
     "free-by-two-against-allocate"},
    {Fault::slot_leak_on_failed_start, "slot-leak-on-failed-start", "F21",
     "a slot is published before it has all that it needs, and stays if that fails", "",
     "slot-add-without-memory"},
    {Fault::spurious_wake_destroys_semaphore, "spurious-wake-destroys-semaphore", "G2",
     "a sleeper that wakes without cause goes on, although its place in the queue is "
     "on its stack",
     "", "park-spurious"},
    {Fault::has_waiters_underestimated, "has-waiters-underestimated", "G13",
     "who wakes a sleeper is told that there is no other one", "", "park-by-two"},
    {Fault::resume_section_while_stopping_world, "resume-section-while-stopping-world",
     "H1",
     "who stops the world waits for the others detached, and then for its own section, "
     "which somebody has who is stopped",
     "", "stop-inside-section"},
    {Fault::lock_inside_pause, "lock-inside-pause", "H2",
     "a section in a pause of one's own takes its lock, which a stopped thread may "
     "have",
     "gh-144513-sections-in-pauses", "section-in-pause-of-sleeper"},
    {Fault::decref_inside_section_breaks_invariant,
     "decref-inside-section-breaks-invariant", "H6",
     "a list that is cleared drops its items before it is empty", "",
     "list-clear-against-pop"},
    {Fault::resume_all_sections_on_attach, "resume-all-sections-on-attach", "H8",
     "an outer section is not resumed as the one inside it ends, so it goes on without "
     "its lock",
     "", "sections-in-opposite-order"},
    {Fault::act_after_leaving_participants, "act-after-leaving-participants", "I3",
     "a thread that has left writes to its slot once more, which may have the next "
     "holder",
     "", "slot-enter-by-two"},
    {Fault::blocking_lock_blocks_the_pause, "blocking-lock-blocks-the-pause", "I5",
     "a thread sleeps for a lock attached, so a pause waits for it, whose stopper has "
     "the lock",
     "", "stop-inside-lock"},
    {Fault::new_thread_runs_inside_pause, "new-thread-runs-inside-pause", "I8",
     "a new slot is added without the lock of pauses, so its thread runs inside one",
     "", "stop-against-new-slot"},
    {Fault::clear_poll_bit_after_check, "clear-poll-bit-after-check", "I11",
     "a claim is given back by a store of the whole state, which undoes a suspension "
     "in between",
     "", "stop-push-to-suspended"},
    {Fault::countdown_lost_thread_exit, "countdown-lost-thread-exit", "I12",
     "a thread that has to stop and leaves instead is not counted", "",
     "stop-against-leave"},
    {Fault::second_worklist_corrupts_first, "second-worklist-corrupts-first", "J1",
     "who lists all objects takes references to them after the pause, when some have "
     "died",
     "", "look-against-drop"},
    {Fault::collector_sees_half_built_object, "collector-sees-half-built-object", "J8",
     "the collector sees an object before it is complete", "",
     "collect-against-constructor"},
    {Fault::double_collector, "double-collector", "J10",
     "two threads collect at the same time", "", "collect-by-two"},
    {Fault::tracked_zero_object, "tracked-zero-object", "J14",
     "the collector sees dead objects until they are freed", "resurrection",
     "collect-against-cascade"},
    {Fault::bytewise_move_under_readers, "bytewise-move-under-readers", "K2",
     "an insertion moves items in an array that readers see", "",
     "list-get-against-insert-backwards"},
    {Fault::size_before_array, "size-before-array", "K3",
     "a reader of a list checks an index against the size alone, and may meet a "
     "smaller array",
     "shared-list", "list-get-beyond-assign"},
    {Fault::index_before_entry, "index-before-entry", "K4",
     "an index word of a hash table is set before its entry: the entry's key is null, "
     "which says absent",
     "shared-dict-mixed", "dict-get-against-set", true},
    {Fault::old_table_keeps_live_pointers, "old-table-keeps-live-pointers", "K6",
     "a reader keeps what it found in an array or a table that was replaced", "",
     "list-get-from-outgrown-array"},
    {Fault::borrowed_container_replaced, "borrowed-container-replaced", "K8",
     "a reader looks into the dict of an instance without a reference to it", "",
     "instance-get-against-replace"},
    {Fault::shared_name_after_its_number, "shared-name-after-its-number", "K4",
     "a name that instances share is stored after the number that says that it is "
     "there",
     "", "instance-share-a-name"},
    {Fault::borrowed_element, "borrowed-element", "K9",
     "a cursor takes references to an item after it has left the section", "",
     "dict-cursor-against-erase"},
    {Fault::cache_version_before_value, "cache-version-before-value", "K10",
     "a writer of a SeqLock counts its write before it has written", "",
     "seq-lock-by-two"},
    {Fault::other_operand_unlocked, "other-operand-unlocked", "K15",
     "a list that is extended by another one locks only itself", "",
     "list-extend-against-pop"},
    {Fault::tag_word_nonatomic_rmw, "tag-word-nonatomic-rmw", "K17",
     "a flag of an object is set by a load and a store, so another one is lost", "",
     "weak-make-against-intern"},
    {Fault::pools_cleared_after_restart, "pools-cleared-after-restart", "L2",
     "the collector tidies the heaps of others after the pause", "",
     "collect-against-make"},
    {Fault::pool_revive_resets_header_plainly, "pool-revive-resets-header-plainly",
     "L3",
     "the header of a new object is stored without releasing, so a late reader of its "
     "block may take it for the old one",
     "", "field-load-against-reuse"},
    {Fault::unique_check_relaxed, "unique-check-relaxed", "N3",
     "who is told that it has an object alone does not acquire what the last other "
     "user did",
     "", "unique-against-reader"},
    {Fault::last_decref_no_acquire, "last-decref-no-acquire", "N4",
     "who drops the last shared reference does not acquire what the others did", "",
     "merged-write-then-drop", false, "foreign-counts"},
    {Fault::merge_flag_relaxed, "merge-flag-relaxed", "N5",
     "an owner that makes an object merged does not release what it did to it", "",
     "merge-owner-writes-then-drops", false, "foreign-counts"},
    {Fault::publish_table_relaxed, "publish-table-relaxed", "N6",
     "the larger array of a list is published without releasing its content", "",
     "list-get-against-grow", false, "shared-list"},
    {Fault::epoch_attach_release, "epoch-attach-release", "N7",
     "a thread that attaches does not acquire, so it may find what was unlinked before",
     "", "retire-against-entering", false, "critical-section-lattices"},
    {Fault::cas_failure_order_too_weak, "cas-failure-order-too-weak", "N8",
     "who fails to install a list uses the winner's without acquiring it", "",
     "kept-list-by-two"},
    {Fault::weak_cas_release_only, "weak-cas-release-only", "N9",
     "the list of pages with freed blocks is taken without acquiring", "",
     "free-against-allocate", false, "thread-churn"},
    {Fault::queue_lock_one_sided_order, "queue-lock-one-sided-order", "N10",
     "a thread that has waited for the lock of a queue does not acquire it", "",
     "word-lock-by-two", false, "foreign-counts"},
    {Fault::token_reset_by_store, "token-reset-by-store", "N12",
     "an inbox is emptied by a load and a store, so what is queued in between is lost",
     "foreign-counts", "inbox-claim-against-attach"},
    {Fault::guard_release_before_incref_visible, "guard-release-before-incref-visible",
     "N13", "a mutex is let go without releasing what was done under it", "",
     "mutex-by-two", false, "shared-list"},
    {Fault::poll_bit_before_payload, "poll-bit-before-payload", "N14",
     "an entry of an inbox is published without releasing it", "",
     "inbox-push-against-detach", false, "foreign-counts"},
    {Fault::waiter_flag_dekker, "waiter-flag-dekker", "N15",
     "who queues an object and the owner that leaves look at each other by relaxed "
     "loads, and may both miss",
     "", "inbox-push-against-leave"},
    {Fault::callback_removes_newer_item, "callback-removes-newer-item", "D3",
     "the callback of a cache finds that the item is its own, and removes what stands "
     "under the key, whichever it is by then",
     "weakref-cache", "weak-dict-set-against-death"},
    {Fault::register_before_construct, "register-before-construct", "D4",
     "an interned string is listed before others may take references to it, so one who "
     "looks for it makes another",
     "", "intern-by-two"},
    {Fault::interrupt_flag_not_rechecked_after_block,
     "interrupt-flag-not-rechecked-after-block", "I4",
     "a thread that waited for a claim to end goes on as if it were attached", "",
     "inbox-claim-against-attach"},
    {Fault::pool_fini_current_thread_only, "pool-fini-current-thread-only", "L4",
     "the collector gives back empty pages of its own slot alone", "thread-churn",
     "collect-against-make"},
    {Fault::start_waits_for_dead_child, "start-waits-for-dead-child", "M2",
     "a thread that gets no slot keeps the lock of pauses", "",
     "slot-add-without-memory"},
    {Fault::destructors_inside_final_pause, "destructors-inside-final-pause", "M8",
     "what a pause merges ends inside it", "", "growth-against-settled"},
    {Fault::lock_bit_overestimate, "lock-bit-overestimate", "O1",
     "who wakes a sleeper is told that there is another one, whether or not",
     "critical-section-lattices", "mutex-by-three", true},
    {Fault::unique_is_not_stable, "unique-is-not-stable", "O3",
     "nobody is ever told that it has an object alone", "own-counts",
     "unique-against-reader", true},
    {Fault::stale_read_then_cas, "stale-read-then-cas", "O4",
     "the count that a drop begins with is a guess, which the compare-and-swap rejects",
     "foreign-counts", "merge-drop-by-two", true},
    {Fault::delayed_death_is_legal, "delayed-death-is-legal", "O9",
     "retired buffers wait for one more epoch than they must", "shared-list",
     "retire-against-reader", true},
    {Fault::perf_only_fast_path, "perf-only-fast-path", "O10",
     "an item that was read under the lock is not marked for readers without it, so "
     "they take the lock as well",
     "shared-list", "list-get-against-append", true},
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
