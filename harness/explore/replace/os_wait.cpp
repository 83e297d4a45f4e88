// SPDX-License-Identifier: Apache-2.0
//
// Takes the place of runtime/sync/os_wait.cpp in explored builds: whom the scheduler
// wakes, and whether without cause, is its choice.
#include "runtime/sync/os_wait.hpp"

#include "harness/explore/engine.hpp"
#include "runtime/base/assert.hpp"

namespace threadmill {

void os_wait(const Atomic<std::uint32_t>& word, std::uint32_t expected) noexcept {
  if (!explore::is_running())
    explore::engine().fail(explore::FailureKind::deadlock,
                           "the director waits, and there is nobody to wake it");
  explore::engine().wait(word.address(), expected, {__FILE__, __LINE__});
}

// Time stands still, so that a lost wake-up shows.
bool os_wait_for(const Atomic<std::uint32_t>& word,
                 std::uint32_t expected,
                 std::uint64_t) noexcept {
  os_wait(word, expected);
  return true;
}

void os_wake_one(const Atomic<std::uint32_t>& word) noexcept {
  if (explore::is_running())
    explore::engine().wake(word.address(), false, {__FILE__, __LINE__});
}

void os_wake_all(const Atomic<std::uint32_t>& word) noexcept {
  if (explore::is_running())
    explore::engine().wake(word.address(), true, {__FILE__, __LINE__});
}

void os_yield() noexcept {
  if (explore::is_running()) explore::engine().yield({__FILE__, __LINE__});
}

}  // namespace threadmill
