// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/abandon.hpp"

#include "runtime/collector/settle.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/thread/qsbr.hpp"
#include "runtime/thread/section.hpp"

namespace threadmill {

using namespace slot_state;

void abandon_slot(Slot& self, Slot& other) noexcept {
  adopt_deaths(self, other);
  other.sections = nullptr;
  other.stack_references = nullptr;
  other.in_cascade = false;
  other.user_code_depth = 0;
  other.collects = false;
  other.sleeps_inside = false;
  other.heap->abandon();
  look_again(self);  // at what came into limbo
  // relaxed, both: a report
  other.waits_for.store(WaitReason::nothing, relaxed);
  other.waits_on.store(nullptr, relaxed);
  // edge: slot-handover
  other.state.fetch_and(~(kModeMask | kWaiter), acq_rel);
}

void abandon_mutexes(Slot& self) noexcept {
  for_each_live_object(self.world, [](Object& object) noexcept {
    object.lock.forget_others(/*held_by_caller=*/false);
  });
  for (Section* at = self.sections; at != nullptr && at->held; at = at->below) {
    if (at->owns_first) at->first->forget_others(/*held_by_caller=*/true);
    if (at->owns_second) at->second->forget_others(/*held_by_caller=*/true);
  }
}

}  // namespace threadmill
