// SPDX-License-Identifier: Apache-2.0
//
// cycles/ring: rings of eight nodes are made and dropped. A model that collects no cycles
// has each broken by hand, which the row says.
#pragma once

#include <cstdint>

#include "workloads/portable/row.hpp"

namespace threadmill::portable {

template <ObjectModel M>
class Rings {
 public:
  static constexpr std::int64_t kNodes = 8;

  static constexpr RowInfo kInfo{.name = "cycles/ring",
                                 .purpose = "a ring of eight nodes is made and dropped",
                                 .note = M::kCollectsCycles ? "" : "broken by hand",
                                 .objects = kNodes};

  explicit Rings(unsigned /*threads*/) {}

  template <class Turn>
  void run(Turn& turn) {
    bool whole = true;
    std::uint64_t next = 0;
    turn.timed([&] {
      const Ref first = ring(told(tally_, next++));
      Ref at = first;
      std::int64_t sum = 0;
      for (std::int64_t i = 0; i < kNodes; ++i) {
        sum += M::stamp(at);
        at = M::linked(at, 0);
      }
      whole &= sum == kNodes * (kNodes - 1) / 2 && M::stamp(at) == 0;
      if constexpr (!M::kCollectsCycles) M::link(first, 0, {});
    });
    turn.expect(whole, "a ring is not whole");
    // relaxed: finish() comes after all threads
    told_.fetch_add(told_of(turn.iterations()), std::memory_order_relaxed);
  }

  void finish(typename M::World& world, Verdict& verdict) {
    world.collect();
    verdict.expect(all_died<M>(tally_, told_.load(std::memory_order_relaxed)),
                   "a ring was not ended, or twice");  // relaxed: as above
  }

 private:
  using Ref = typename M::Ref;

  [[nodiscard]] static Ref ring(Tally* tally) {
    Ref first = M::node(0, tally);
    Ref last = first;
    for (std::int64_t i = 1; i < kNodes; ++i) {
      Ref next = M::node(i, nullptr);
      M::link(last, 0, next);
      last = std::move(next);
    }
    M::link(last, 0, first);
    return first;
  }

  Tally& tally_ = new_tally();
  std::atomic<std::uint64_t> told_{0};  // rings with the tally
};

}  // namespace threadmill::portable
