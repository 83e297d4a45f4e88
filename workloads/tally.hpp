// SPDX-License-Identifier: Apache-2.0
//
// Tally: knowing exactly for which identities something has happened, and that it has
// happened once for each: finalizers, callbacks, messages.
//
// Like the Census it keeps no table: it counts, and adds up a hash of each identity, so
// that what happened twice to one cannot hide that it never happened to another.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "runtime/base/random.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

class Tally {
 public:
  // Any thread. `id` as of identity() in census.hpp.
  void note(std::uint64_t id) {
    Shard& shard = shards_[(id >> 40) % kShards];
    // relaxed, both: totals are read at quiescence only
    shard.count.fetch_add(1, std::memory_order_relaxed);
    shard.sum.fetch_add(mix_seed(id, 2), std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t count() const { return total().first; }

  // It has happened to those in `expected`, and to nobody else. At quiescence.
  void check(CheckList& checks, std::string name, const Tally& expected) const {
    const auto mine = total();
    const auto theirs = expected.total();
    std::string detail;
    if (mine.first != theirs.first) {
      detail = "it happened " + std::to_string(mine.first) + " times instead of " +
               std::to_string(theirs.first);
    } else if (mine.second != theirs.second) {
      detail = "it happened as often as it should have, but not to the same ones";
    }
    const bool passed = detail.empty();
    checks.that(std::move(name), theirs.first, passed, std::move(detail));
  }

 private:
  struct alignas(128) Shard {
    std::atomic<std::uint64_t> count{0};
    std::atomic<std::uint64_t> sum{0};
  };
  static constexpr std::size_t kShards = 64;

  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> total() const {
    std::pair<std::uint64_t, std::uint64_t> all{0, 0};
    for (const Shard& shard : shards_) {
      // relaxed, both: at quiescence
      all.first += shard.count.load(std::memory_order_relaxed);
      all.second += shard.sum.load(std::memory_order_relaxed);
    }
    return all;
  }

  std::array<Shard, kShards> shards_;
};

}  // namespace threadmill
