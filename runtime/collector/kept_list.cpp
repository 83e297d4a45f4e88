// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/kept_list.hpp"

#include "runtime/base/fault.hpp"

namespace threadmill {

Ref<List> KeptList::get() noexcept {
  // edge: kept-list-publish
  List* list = list_.load(acquire);
  if (list != nullptr) return Ref<List>::share(list);
  Ref<List> made = List::create();
  // edge: kept-list-publish
  if (!made || list_.cas_strong(list, made.get(), acq_rel))
    return Ref<List>::share(made.release());
  // What the cas has read, in relaxed order.
  if (fault(Fault::cas_failure_order_too_weak)) return Ref<List>::share(list);
  // edge: kept-list-publish
  return Ref<List>::share(list_.load(acquire));
}

}  // namespace threadmill
