// SPDX-License-Identifier: Apache-2.0
//
// The slot that this thread holds while it is attached; null otherwise. The only
// thread-local of the runtime: the explorer swaps it with its fibers.
#pragma once

namespace threadmill {

struct Slot;

namespace detail {
inline constinit thread_local Slot* current_slot = nullptr;
}

inline Slot* current() noexcept { return detail::current_slot; }
inline void set_current(Slot* slot) noexcept { detail::current_slot = slot; }

}  // namespace threadmill
