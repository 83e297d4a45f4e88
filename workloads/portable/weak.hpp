// SPDX-License-Identifier: Apache-2.0
//
// weak/deref: all threads dereference weak references to one object.
#pragma once

#include <optional>

#include "workloads/portable/row.hpp"

namespace threadmill::portable {

template <ObjectModel M>  // that has weak references
class WeakDereference {
 public:
  static constexpr RowInfo kInfo{.name = "weak/deref",
                                 .purpose =
                                     "all threads dereference weak references to "
                                     "one object, and drop what they get"};

  explicit WeakDereference(unsigned /*threads*/)
      : object_(M::node(1, &tally_)), weak_(M::weak(object_)) {}

  template <class Turn>
  void run(Turn& turn) {
    const typename M::Weak own = M::weak(object_);
    bool always = true;
    turn.timed([&] {
      const typename M::Ref got = M::lock(own);
      keep(got);
      always &= static_cast<bool>(got);
    });
    turn.expect(always, "the object lived, and was not found");
  }

  void finish(typename M::World& world, Verdict& verdict) {
    verdict.expect(tally_.died() == 0, "the object has died while it was referred to");
    object_ = {};
    world.collect();
    verdict.expect(all_died<M>(tally_, 1),
                   "the object did not die with its last reference");
    verdict.expect(!M::kDiesAtOnce || !M::lock(*weak_), "a dead object was found");
    weak_.reset();
  }

 private:
  Tally& tally_ = new_tally();
  typename M::Ref object_;
  std::optional<typename M::Weak> weak_;
};

}  // namespace threadmill::portable
