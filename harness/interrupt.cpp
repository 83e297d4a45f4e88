// SPDX-License-Identifier: Apache-2.0
#include "harness/interrupt.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

#include "harness/report.hpp"

namespace threadmill {
namespace {

constexpr std::int64_t kOnePress = 500'000'000;  // nanoseconds

std::atomic<std::int64_t> first_at{0};  // 0: none yet

std::int64_t nanoseconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void on_signal(int) {
  const std::int64_t now = nanoseconds_now();
  std::int64_t first = 0;
  if (first_at.compare_exchange_strong(first, now)) return;
  if (now - first < kOnePress) return;
  ::_exit(static_cast<int>(ExitStatus::interrupted));
}

void handle_with(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

InterruptSignals::InterruptSignals() { handle_with(on_signal); }

InterruptSignals::~InterruptSignals() {
  handle_with(SIG_DFL);
  first_at = 0;
}

bool interrupted() { return first_at.load() != 0; }

}  // namespace threadmill
