// SPDX-License-Identifier: Apache-2.0
//
// chain/drop: a chain of 10,000 nodes is made, and dropped by its first one. A model whose
// destructors would nest that deeply has it unlinked by hand, which the row says.
#pragma once

#include <cstdint>
#include <utility>

#include "workloads/portable/row.hpp"

namespace threadmill::portable {

template <ObjectModel M>
class Chains {
 public:
  static constexpr std::int64_t kNodes = 10'000;

  static constexpr RowInfo kInfo{
      .name = "chain/drop",
      .purpose = "a chain of 10,000 nodes is made, and dropped by its first one",
      .note = M::kDropsDeeply ? "" : "unlinked by hand",
      .objects = kNodes};

  explicit Chains(unsigned /*threads*/) {}

  template <class Turn>
  void run(Turn& turn) {
    Tally& tally = new_tally();
    turn.timed([&tally] {
      Ref first = M::node(kNodes, &tally);
      for (std::int64_t i = kNodes - 1; i > 0; --i) {
        Ref next = M::node(i, i == 1 ? &tally : nullptr);
        M::link(next, 0, first);
        first = std::move(next);
      }
      if constexpr (!M::kDropsDeeply) unlink(std::move(first));
    });
    turn.expect(all_died<M>(tally, 2 * turn.iterations()),
                "the first or the last node did not die");
  }

  void finish(typename M::World& /*world*/, Verdict& /*verdict*/) {}

 private:
  using Ref = typename M::Ref;

  static void unlink(Ref node) {
    while (node) {
      Ref next = M::linked(node, 0);
      M::link(node, 0, {});
      node = std::move(next);
    }
  }
};

}  // namespace threadmill::portable
