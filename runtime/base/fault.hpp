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
  seqlock_reader_no_acquire_fence,
  seqlock_writer_no_release_fence,
  hand_off_relaxed,
  upgrade_relaxed,
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
