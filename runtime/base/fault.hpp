// SPDX-License-Identifier: Apache-2.0
//
// Named faults: one dropped or reordered step each, to measure what the lab finds. Code
// asks `if (fault(Fault::name))`; in normal builds that is a constant false, and no name
// of a fault is in the executable.
#pragma once

#include "runtime/base/config.hpp"

#if TM_FAULTS
#include <string_view>
#endif

namespace threadmill {

enum class Fault : unsigned char {
  none,
  owner_zero_without_merged_flag,
  nonatomic_undo_of_resurrection,
  nonatomic_rebias,
  reinit_on_resurrect,
  foreign_decref_frees_unmerged,
  refcount_one_is_not_unique,
  hand_off_of_several,
  per_thread_counts_not_merged,
  short_threads_never_reclaim,
  weakref_without_maybe_weak_flag,
  try_incref_accepts_plain,
  immortalize_foreign_object,
  deferred_ref_invisible_to_collector,
  retire_goal_too_early,
  retire_unbounded_by_bytes,
  full_queue_page_orphan,
  leaver_orphans_page,
  departs_as_it_is_asked,
  lazy_init_published_first,
  signal_after_unlock_frees_lock,
  validate_outside_bucket_lock,
  parked_bit_cleared_outside_queue_lock,
  count_written_after_unlock,
  rewait_without_rearming,
  two_lock_section_recursion_by_address,
  two_lock_section_unordered,
  suspended_state_not_recorded,
  pause_starves_attacher,
  finalizers_in_pause,
  no_resurrection_recheck,
  weakrefs_cleared_too_late,
  grow_exposes_uninitialised_slots,
  in_place_sort_visible,
  unstable_means_absent,
  pop_in_two_steps,
  set_default_in_two_steps,
  callback_removes_newer_item,
  fork_inherits_handed_off_lock,
  fork_keeps_other_slots,
  daemon_never_stopped,
  seqlock_reader_no_acquire_fence,
  seqlock_writer_no_release_fence,
  hand_off_relaxed,
  upgrade_relaxed,
  merge_publish_then_scrub,
  keepalive_looks_alive,
  touch_after_resurrect_end,
  decref_old_value_before_unlink,
  leave_registry_before_drain,
  drain_once_at_exit,
  queued_then_immortal,
  merge_without_owner_recheck,
  queue_without_poke,
  destructor_under_queue_lock,
  queue_push_oom_drops_reference,
  detached_before_unlinked,
  wrong_thread_page_list,
  try_incref_no_recheck,
  registry_returns_dying_object,
  weak_list_head_unlocked,
  take_strong_ignores_dying,
  weak_cleanup_nonrecursive_lock,
  local_counter_wraps_or_sticks,
  slot_array_read_outside_lock,
  poll_ignores_just_attached_reader,
  new_slot_unordered,
  epoch_read_before_fence,
  retire_while_blocked_online,
  free_instead_of_retire,
  drain_before_transfer,
  touch_after_abandon,
  slot_leak_on_failed_start,
  spurious_wake_destroys_semaphore,
  has_waiters_underestimated,
  resume_section_while_stopping_world,
  lock_inside_pause,
  decref_inside_section_breaks_invariant,
  resume_all_sections_on_attach,
  act_after_leaving_participants,
  blocking_lock_blocks_the_pause,
  new_thread_runs_inside_pause,
  clear_poll_bit_after_check,
  countdown_lost_thread_exit,
  second_worklist_corrupts_first,
  collector_sees_half_built_object,
  double_collector,
  tracked_zero_object,
  bytewise_move_under_readers,
  size_before_array,
  index_before_entry,
  old_table_keeps_live_pointers,
  borrowed_container_replaced,
  shared_name_after_its_number,
  borrowed_element,
  cache_version_before_value,
  other_operand_unlocked,
  tag_word_nonatomic_rmw,
  pools_cleared_after_restart,
  pool_revive_resets_header_plainly,
  unique_check_relaxed,
  last_decref_no_acquire,
  merge_flag_relaxed,
  publish_table_relaxed,
  epoch_attach_release,
  cas_failure_order_too_weak,
  weak_cas_release_only,
  queue_lock_one_sided_order,
  token_reset_by_store,
  guard_release_before_incref_visible,
  poll_bit_before_payload,
  waiter_flag_dekker,
  register_before_construct,
  interrupt_flag_not_rechecked_after_block,
  pool_fini_current_thread_only,
  start_waits_for_dead_child,
  destructors_inside_final_pause,
  lock_bit_overestimate,
  unique_is_not_stable,
  stale_read_then_cas,
  delayed_death_is_legal,
  perf_only_fast_path,
  queued_immortal_merged,
  absent_owner_not_helped,
  poller_drains_alloc_counter,
  threshold_ignores_live_size,
};

#if TM_FAULTS

// Switches one fault on for the rest of the process; "" switches all off. False: no such
// fault. Call it before threads use the runtime.
[[nodiscard]] bool activate_fault(std::string_view name) noexcept;

namespace detail {
extern Fault active_fault;  // written before threads start
}

inline bool fault(Fault which) noexcept { return detail::active_fault == which; }

#else

constexpr bool fault(Fault) noexcept { return false; }

#endif

}  // namespace threadmill
