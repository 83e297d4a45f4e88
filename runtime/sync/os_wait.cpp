// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/os_wait.hpp"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

namespace threadmill {

namespace {

void wake(const Atomic<std::uint32_t>& word, int how_many) noexcept {
  syscall(SYS_futex, word.address(), FUTEX_WAKE_PRIVATE, how_many, nullptr, nullptr, 0);
}

}  // namespace

void os_wait(const Atomic<std::uint32_t>& word, std::uint32_t expected) noexcept {
  // EAGAIN (the value differs) and EINTR are both "look again".
  syscall(SYS_futex, word.address(), FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

void os_wake_one(const Atomic<std::uint32_t>& word) noexcept { wake(word, 1); }

void os_wake_all(const Atomic<std::uint32_t>& word) noexcept { wake(word, INT_MAX); }

void os_yield() noexcept { sched_yield(); }

}  // namespace threadmill
