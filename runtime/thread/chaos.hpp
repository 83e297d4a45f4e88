// SPDX-License-Identifier: Apache-2.0
//
// Chaos: named points between two steps of a protocol, or before its fast path, where a
// thread may be made to yield, to wait or to take the slow path, so that what is rare
// becomes common. A random sequence of the slot's own decides; the world's seed fixes it,
// so it repeats as far as the schedule does.
//
//   level   yields    waits                     slow paths   collections
//   1       1 in 64   -                         -            -
//   2       1 in 32   1 in 256, to 1000 spins   1 in 16      -
//   3       1 in 8    1 in 64, to 10000 spins   1 in 4       at 1 in 4096 allocations
//
// A slow path is one that the code could take anyway: of a reader the container's lock, of
// a section the suspension of those around it, of an allocation the wait for a collection
// that runs. In builds without chaos (kChaos) the points are no code.
#pragma once

#include "runtime/base/config.hpp"
#include "runtime/thread/chaos_settings.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

namespace detail {
void disturb(Slot& self, ChaosPoint point) noexcept;
[[nodiscard]] bool choose_slow_path(Slot& self, ChaosPoint point) noexcept;
void choose_collection(Slot& self) noexcept;
}  // namespace detail

// `self` is the slot of this thread.
inline void chaos_point(Slot& self, ChaosPoint point) noexcept {
  if constexpr (kChaos) {
    if (self.chaos.level != 0) detail::disturb(self, point);
  }
}

inline void chaos_point(ChaosPoint point) noexcept {
  if constexpr (kChaos) chaos_point(*current(), point);
}

[[nodiscard]] inline bool chaos_slow_path(ChaosPoint point) noexcept {
  if constexpr (kChaos) return detail::choose_slow_path(*current(), point);
  return false;
}

// True: the collector is to look whether it is due, and may find `wants_collection`.
[[nodiscard]] inline bool chaos_before_allocation(Slot& self) noexcept {
  if constexpr (kChaos) {
    if (self.chaos.level == 0) return false;
    detail::disturb(self, ChaosPoint::allocation);
    detail::choose_collection(self);
    return self.chaos.wants_collection ||
           detail::choose_slow_path(self, ChaosPoint::allocation);
  }
  return false;
}

}  // namespace threadmill
