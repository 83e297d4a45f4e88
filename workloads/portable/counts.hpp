// SPDX-License-Identifier: Apache-2.0
//
// A reference is copied, and the copy dropped: of an object of the thread's own, of one
// that another thread made, and of one that all threads use.
#pragma once

#include <vector>

#include "workloads/portable/row.hpp"

namespace threadmill::portable {

// Copies and drops `ref`, whose object has `tally` and lives on.
template <ObjectModel M, class Turn>
void copy_and_drop(Turn& turn, const typename M::Ref& ref, const Tally& tally) {
  turn.timed([&ref] {
    const typename M::Ref copy = ref;
    keep(copy);
  });
  turn.expect(tally.died() == 0, "the object has died while it was referred to");
}

template <ObjectModel M>
class OwnCounts {
 public:
  static constexpr RowInfo kInfo{.name = "counts/own",
                                 .purpose =
                                     "a reference to an object of the thread's own "
                                     "is copied, and the copy dropped",
                                 .note = kCountsNote<M>};

  explicit OwnCounts(unsigned /*threads*/) {}

  template <class Turn>
  void run(Turn& turn) {
    Tally& tally = new_tally();
    {
      const typename M::Ref own = M::node(1, &tally);
      copy_and_drop<M>(turn, own, tally);
    }
    turn.expect(all_died<M>(tally, 1),
                "the object did not die with its last reference");
  }

  void finish(typename M::World& /*world*/, Verdict& /*verdict*/) {}
};

template <ObjectModel M>
class ForeignCounts {
 public:
  static constexpr RowInfo kInfo{.name = "counts/foreign",
                                 .purpose =
                                     "the same, of an object that another thread "
                                     "has made",
                                 .note = kCountsNote<M>};

  explicit ForeignCounts(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i) {
      objects_.push_back(M::node(i, &tally_));
      for (int k = 0; k < kBetween; ++k) between_.push_back(M::node(0, nullptr));
    }
  }

  template <class Turn>
  void run(Turn& turn) {
    copy_and_drop<M>(turn, objects_[turn.index()], tally_);
  }

  void finish(typename M::World& world, Verdict& verdict) {
    const std::uint64_t made = objects_.size();
    objects_.clear();
    between_.clear();
    world.collect();
    verdict.expect(all_died<M>(tally_, made),
                   "the objects did not die with their last references");
  }

 private:
  static constexpr int kBetween = 8;  // objects, so that no two threads share a line

  using Ref = typename M::Ref;
  using Refs = std::vector<Ref, typename M::template Allocator<Ref>>;
  Refs objects_;
  Refs between_;
  Tally& tally_ = new_tally();
};

template <ObjectModel M>
class HotCounts {
 public:
  static constexpr RowInfo kInfo{.name = "counts/hot",
                                 .purpose =
                                     "all threads copy references to one object, "
                                     "and drop the copies",
                                 .note = kCountsNote<M>};

  explicit HotCounts(unsigned /*threads*/) : object_(M::node(1, &tally_)) {}

  template <class Turn>
  void run(Turn& turn) {
    copy_and_drop<M>(turn, object_, tally_);
  }

  void finish(typename M::World& world, Verdict& verdict) {
    object_ = {};
    world.collect();
    verdict.expect(all_died<M>(tally_, 1),
                   "the object did not die with its last reference");
  }

 private:
  Tally& tally_ = new_tally();
  typename M::Ref object_;
};

}  // namespace threadmill::portable
