// SPDX-License-Identifier: Apache-2.0
//
// Checks of the states of headers (header.hpp, H1 to H6), in debug, sanitizer and fault
// builds. Where a thread has an object to itself, in O(1): as it dies, as it is merged, as
// it comes out of an inbox. And in pauses, where no header is between two states, some
// pages of one slot each time.
//
// A failed check has the name `header-state`, and its message the number of the
// invariant and the object.
#pragma once

#include "runtime/object/header.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

// Not where each look would be a step of the explorer.
inline constexpr bool kHeaderChecks = kChecks >= 1 && !kExplored;

namespace detail {
void check_dying(const Object& object) noexcept;
void check_merging(const Object& object) noexcept;
void check_queued(const Object& object) noexcept;
void check_some_headers(const World& world, std::uint64_t turn) noexcept
    TM_REQUIRES(stopped_world);
}  // namespace detail

// `object` is about to be ended by this thread.
inline void assert_may_die([[maybe_unused]] const Object& object) noexcept {
  if constexpr (kHeaderChecks) detail::check_dying(object);
}

// `object` is about to be merged by this thread.
inline void assert_may_merge([[maybe_unused]] const Object& object) noexcept {
  if constexpr (kHeaderChecks) detail::check_merging(object);
}

// `object` came out of the inbox of its owner, which this thread holds, claims or has
// stopped.
inline void assert_queued([[maybe_unused]] const Object& object) noexcept {
  if constexpr (kHeaderChecks) detail::check_queued(object);
}

// In each pause, before counts are settled; `turn` is one more each time, and says where
// to look. A few pages only, so that a pause becomes no longer than by some 10 us.
inline void assert_some_headers([[maybe_unused]] const World& world,
                                [[maybe_unused]] std::uint64_t turn) noexcept
    TM_REQUIRES(stopped_world) {
  if constexpr (kHeaderChecks) detail::check_some_headers(world, turn);
}

// Of a block that was handed out once. In a pause, which `slot_count` slots have.
void check_header(const Object& object, bool is_live, SlotId slot_count) noexcept
    TM_REQUIRES(stopped_world);

}  // namespace threadmill
