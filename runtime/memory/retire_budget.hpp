// SPDX-License-Identifier: Apache-2.0
//
// RetireBudget: how many bytes of retired buffers may wait for their readers, in the list
// of one slot and in all lists of a world (gh-133136). Whoever is over it frees what its
// readers have left, at its next safepoint; if some lag, it asks them by stopping the
// world, which is everybody's quiescent point. So bytes are bounded however slowly others
// come to a safepoint, and a list that is within the budget costs no pause.
//
// Invariants
//   B1  a list holds at most `per_slot`, beside less than an open batch, and what its
//       holder has retired since its last safepoint: one buffer, unless it stands in a
//       section of its own. Without B1 a batch of a few buffers, each of any size, waits
//       until the batch is full.
//   B2  all lists hold at most `in_all`, and for each slot less than an open batch, which
//       is not counted here, and what its holder has retired since its last safepoint.
//       Without B2 threads that come and go leave `per_slot` each.
#pragma once

#include <cstddef>

#include "runtime/base/fault.hpp"
#include "runtime/sync/atomic.hpp"

namespace threadmill {

struct RetireLimits {
  std::size_t per_slot = std::size_t{4} << 20;
  std::size_t in_all = std::size_t{32} << 20;
};

class RetireBudget {
 public:
  explicit RetireBudget(const RetireLimits& limits = {}) noexcept : limits_(limits) {}

  RetireBudget(const RetireBudget&) = delete;
  RetireBudget& operator=(const RetireBudget&) = delete;

  [[nodiscard]] const RetireLimits& limits() const noexcept { return limits_; }

  // A batch was closed, or freed.
  void add(std::size_t bytes) noexcept {
    // relaxed, all: a count, which publishes nothing
    const std::size_t sum = bytes_.fetch_add(bytes, relaxed) + bytes;
    std::size_t most = most_bytes_.load(relaxed);
    while (sum > most && !most_bytes_.cas(most, sum, relaxed)) {
    }
  }
  void subtract(std::size_t bytes) noexcept {
    bytes_.fetch_sub(bytes, relaxed);  // relaxed: as above
  }

  // Whether a list of `bytes` has to shrink.
  [[nodiscard]] bool is_exceeded_by(std::size_t bytes) const noexcept {
    if (fault(Fault::retire_unbounded_by_bytes)) return false;
    // relaxed: as above
    return bytes > limits_.per_slot || bytes_.load(relaxed) > limits_.in_all;
  }

  // In closed batches of all lists; the most at a time.
  [[nodiscard]] std::size_t most_bytes() const noexcept {
    return most_bytes_.load(relaxed);  // relaxed: as above
  }

 private:
  const RetireLimits limits_;
  Atomic<std::size_t> bytes_;
  Atomic<std::size_t> most_bytes_;
};

}  // namespace threadmill
