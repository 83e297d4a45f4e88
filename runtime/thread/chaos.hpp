// SPDX-License-Identifier: Apache-2.0
//
// Chaos points stand between two steps of a lock-free protocol: there a thread may lose
// the processor at the worst moment. They exist in fault builds only, where about one in
// 64 yields, by a random sequence of the slot's own that the world's seed fixes.
#pragma once

#include "runtime/base/config.hpp"
#include "runtime/base/random.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

inline void chaos_point() noexcept {
  if constexpr (kFaults) {
    if (split_mix(current()->chaos) % 64 == 0) os_yield();
  }
}

}  // namespace threadmill
