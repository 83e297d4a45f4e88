// SPDX-License-Identifier: Apache-2.0
//
// The only futex call. A thread sleeps on a 32-bit word only while the word holds the
// value it expects; comparing and falling asleep is one step.
#pragma once

#include <cstdint>

#include "runtime/sync/atomic.hpp"

namespace threadmill {

// Sleeps until woken, if `word` still holds `expected`. May return without cause: the
// caller looks again. Orders nothing.
void os_wait(const Atomic<std::uint32_t>& word, std::uint32_t expected) noexcept;

// The same, for at most so long. False: the time is over.
bool os_wait_for(const Atomic<std::uint32_t>& word,
                 std::uint32_t expected,
                 std::uint64_t nanoseconds) noexcept;

void os_wake_one(const Atomic<std::uint32_t>& word) noexcept;
void os_wake_all(const Atomic<std::uint32_t>& word) noexcept;

// Lets other threads run; a caller that polls does it between polls.
void os_yield() noexcept;

}  // namespace threadmill
