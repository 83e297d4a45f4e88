// SPDX-License-Identifier: Apache-2.0
//
// Named faults: one dropped or reordered step each, to measure what the lab finds. Code
// asks `if (fault(Fault::name))`; in normal builds that is a constant false, and no name
// of a fault is in the executable.
#pragma once

#include "runtime/base/config.hpp"

#if TM_FAULTS
#include <span>
#include <string_view>
#endif

namespace threadmill {

enum class Fault : unsigned char {
  none,
  owner_zero_without_merged_flag,
  nonatomic_undo_of_resurrection,
  reinit_on_resurrect,
  foreign_decref_frees_unmerged,
  short_threads_never_reclaim,
  weakref_without_maybe_weak_flag,
  try_incref_accepts_plain,
  retire_goal_too_early,
  retire_unbounded_by_bytes,
  full_queue_page_orphan,
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
  upgrade_relaxed,
};

#if TM_FAULTS

struct FaultInfo {
  Fault fault;
  const char* name;       // what --fault takes
  const char* catalogue;  // its entry in the catalogue of real bugs
  const char* summary;    // the step that is wrong, in one sentence
  // No workload shows it: it is in what none uses, or it leaves out an order that this
  // processor gives anyway. A scenario of the explorer does.
  bool only_explored = false;
};

// All faults of this executable, in the order of the catalogue.
std::span<const FaultInfo> fault_catalogue() noexcept;

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
