// SPDX-License-Identifier: Apache-2.0
//
// blocking/leave_enter: what a thread pays around each call that may block, where threads
// belong to a world at all.
#pragma once

#include <type_traits>

#include "workloads/portable/create_drop.hpp"
#include "workloads/portable/row.hpp"

namespace threadmill::portable {

template <class M>
concept HasBlocking = ObjectModel<M> && !std::is_empty_v<typename M::Blocked>;

template <HasBlocking M>
class LeaveEnter : public NoSharing<M> {
 public:
  static constexpr RowInfo kInfo{.name = "blocking/leave_enter",
                                 .purpose =
                                     "a thread lets others go on without it, and is "
                                     "back at once"};

  using NoSharing<M>::NoSharing;

  template <class Turn>
  void run(Turn& turn) {
    Tally& tally = new_tally();
    {
      const typename M::Ref kept = M::node(1, &tally);
      turn.timed([] { const typename M::Blocked away; });
      turn.expect(M::stamp(kept) == 1 && tally.died() == 0,
                  "an object has died while its thread was away");
    }
    turn.expect(all_died<M>(tally, 1), "the object is still referred to");
  }
};

}  // namespace threadmill::portable
