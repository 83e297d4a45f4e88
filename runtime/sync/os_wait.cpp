// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/os_wait.hpp"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <ctime>

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

bool os_wait_for(const Atomic<std::uint32_t>& word,
                 std::uint32_t expected,
                 std::uint64_t nanoseconds) noexcept {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  timespec time{};
  time.tv_sec = static_cast<std::time_t>(nanoseconds / kSecond);
  time.tv_nsec = static_cast<long>(nanoseconds % kSecond);
  return syscall(SYS_futex, word.address(), FUTEX_WAIT_PRIVATE, expected, &time,
                 nullptr, 0) == 0 ||
         errno != ETIMEDOUT;
}

void os_wake_one(const Atomic<std::uint32_t>& word) noexcept { wake(word, 1); }

void os_wake_all(const Atomic<std::uint32_t>& word) noexcept { wake(word, INT_MAX); }

void os_yield() noexcept { sched_yield(); }

}  // namespace threadmill
