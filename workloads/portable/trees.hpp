// SPDX-License-Identifier: Apache-2.0
//
// trees/gcbench: binary trees are built from their leaves up, looked through and dropped,
// beside one that lives on (after H. Boehm's GCBench). A tree of depth d has 2^(d+1) - 1
// nodes, whose stamps are 1.
#pragma once

#include <cstdint>

#include "workloads/portable/row.hpp"

namespace threadmill::portable {

template <ObjectModel M>
class Trees {
 public:
  static constexpr unsigned kDepth = 8;
  static constexpr unsigned kLongLivedDepth = 12;

  static constexpr std::uint64_t nodes(unsigned depth) { return (2u << depth) - 1; }

  static constexpr RowInfo kInfo{.name = "trees/gcbench",
                                 .purpose =
                                     "a binary tree of 511 nodes is built, looked "
                                     "through and dropped, while one of 8191 lives",
                                 .objects = nodes(kDepth)};

  explicit Trees(unsigned /*threads*/)
      : long_lived_(tree(kLongLivedDepth, &long_lived_tally_)) {}

  template <class Turn>
  void run(Turn& turn) {
    Tally& tally = new_tally();
    bool whole = true;
    turn.timed([&] {
      const Ref built = tree(kDepth, &tally);
      whole &= sum(built) == nodes(kDepth);
    });
    turn.expect(whole, "a node is missing");
    turn.expect(all_died<M>(tally, turn.iterations()),
                "a tree did not die with its last reference");
  }

  void finish(typename M::World& world, Verdict& verdict) {
    verdict.expect(
        sum(long_lived_) == nodes(kLongLivedDepth) && long_lived_tally_.died() == 0,
        "the tree that lives on is not whole");
    long_lived_ = {};
    world.collect();
    verdict.expect(all_died<M>(long_lived_tally_, 1),
                   "the tree did not die with its last reference");
  }

 private:
  using Ref = typename M::Ref;

  // Its root has the tally.
  [[nodiscard]] static Ref tree(unsigned depth, Tally* tally) {
    if (depth == 0) return M::node(1, tally);
    const Ref left = tree(depth - 1, nullptr);
    const Ref right = tree(depth - 1, nullptr);
    Ref root = M::node(1, tally);
    M::link(root, 0, left);
    M::link(root, 1, right);
    return root;
  }

  [[nodiscard]] static std::uint64_t sum(const Ref& root) {
    if (!root) return 0;
    return static_cast<std::uint64_t>(M::stamp(root)) + sum(M::linked(root, 0)) +
           sum(M::linked(root, 1));
  }

  Tally& long_lived_tally_ = new_tally();
  Ref long_lived_;
};

}  // namespace threadmill::portable
