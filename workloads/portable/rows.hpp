// SPDX-License-Identifier: Apache-2.0
//
// All portable rows, in the order in which they are shown.
#pragma once

#include <cstddef>
#include <utility>

#include "workloads/portable/blocking.hpp"
#include "workloads/portable/chains.hpp"
#include "workloads/portable/churn.hpp"
#include "workloads/portable/counts.hpp"
#include "workloads/portable/create_drop.hpp"
#include "workloads/portable/cycles.hpp"
#include "workloads/portable/dicts.hpp"
#include "workloads/portable/hand_off.hpp"
#include "workloads/portable/heap.hpp"
#include "workloads/portable/index.hpp"
#include "workloads/portable/lists.hpp"
#include "workloads/portable/object_model.hpp"
#include "workloads/portable/scaling.hpp"
#include "workloads/portable/trees.hpp"
#include "workloads/portable/weak.hpp"

namespace threadmill::portable {

// `use.template operator()<Row>()` for each row over M that such a model can have.
template <ObjectModel M, class Use>
void for_each_row(Use use) {
  use.template operator()<OwnCounts<M>>();
  use.template operator()<ForeignCounts<M>>();
  use.template operator()<HotCounts<M>>();
  use.template operator()<HandOff<M>>();
  if constexpr (HasOwners<M>) use.template operator()<OwnedHandOff<M>>();
  use.template operator()<CreateNumber<M>>();
  use.template operator()<CreatePair<M>>();
  use.template operator()<CreateNode<M>>();
  use.template operator()<CreateList<M>>();
  use.template operator()<CreateDict<M>>();
  use.template operator()<ListAppend<M>>();
  use.template operator()<ListRead<M>>();
  use.template operator()<DictRead<M>>();
  use.template operator()<DictOneKey<M>>();
  use.template operator()<DictReadMostly<M>>();
  use.template operator()<Churn<M>>();
  use.template operator()<Trees<M>>();
  use.template operator()<Rings<M>>();
  use.template operator()<Chains<M>>();
  if constexpr (HasWeak<M>) use.template operator()<WeakDereference<M>>();
  if constexpr (HasBlocking<M>) use.template operator()<LeaveEnter<M>>();
  use.template operator()<InvertedIndex<M>>();
  use.template operator()<HeapReplay<M>>();
  [&use]<std::size_t... kAt>(std::index_sequence<kAt...>) {
    (use.template operator()<Scaling<M, Shape{kAt}, false>>(), ...);
    (use.template operator()<Scaling<M, Shape{kAt}, true>>(), ...);
  }
  (std::make_index_sequence<kShapes>());
}

}  // namespace threadmill::portable
