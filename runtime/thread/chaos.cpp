// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/chaos.hpp"

#include "runtime/base/random.hpp"
#include "runtime/sync/backoff.hpp"
#include "runtime/sync/os_wait.hpp"

namespace threadmill {

namespace {

// Each is one in so many; 0: never.
struct Rates {
  std::uint64_t yield;
  std::uint64_t wait;
  std::uint64_t longest_wait;  // spins
  std::uint64_t slow_path;
  std::uint64_t collection;
};

constexpr Rates kRates[kMaxChaosLevel + 1] = {
    {0, 0, 0, 0, 0},
    {64, 0, 0, 0, 0},
    {32, 256, 1'000, 16, 0},
    {8, 64, 10'000, 4, 4096},
};

bool one_in(std::uint64_t n, std::uint64_t random) noexcept {
  return n != 0 && random % n == 0;
}

void count(Slot& self, ChaosPoint point) noexcept {
  ++self.chaos.disturbed[static_cast<std::size_t>(point)];
}

}  // namespace

const char* name_of(ChaosPoint point) noexcept {
  constexpr const char* kNames[kChaosPoints] = {
      "slot-take", "slot-check",  "list-read",  "list-item", "list-append", "dict-read",
      "set-read",  "string-find", "last-local", "undo",      "queue",       "claim",
      "detach",    "stop",        "retire",     "section",   "allocation"};
  return kNames[static_cast<std::size_t>(point)];
}

namespace detail {

void disturb(Slot& self, ChaosPoint point) noexcept {
  const Rates& rates = kRates[self.chaos.level];
  const std::uint64_t random = split_mix(self.chaos.random);
  if (one_in(rates.yield, random)) {
    os_yield();
  } else if (one_in(rates.wait, random >> 16)) {
    for (std::uint64_t spins = (random >> 32) % rates.longest_wait; spins > 0; --spins)
      cpu_relax();
  } else {
    return;
  }
  count(self, point);
}

bool choose_slow_path(Slot& self, ChaosPoint point) noexcept {
  const std::uint64_t rate = kRates[self.chaos.level].slow_path;
  if (rate == 0 || !one_in(rate, split_mix(self.chaos.random))) return false;
  count(self, point);
  return true;
}

void choose_collection(Slot& self) noexcept {
  const std::uint64_t rate = kRates[self.chaos.level].collection;
  if (rate != 0 && one_in(rate, split_mix(self.chaos.random)))
    self.chaos.wants_collection = true;
}

}  // namespace detail

}  // namespace threadmill
