// SPDX-License-Identifier: Apache-2.0
//
// What the stacks of threads refer to without counting it (object/deferred.hpp) is used
// from outside.
#pragma once

#include "runtime/base/fault.hpp"
#include "runtime/object/deferred.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

// Calls `visit(Object&)` with each object that a thread's stack refers to so, for each time
// that it does; of threads that are detached, too.
template <class Visit>
void for_each_stack_reference(const World& world, Visit visit) noexcept
    TM_REQUIRES(stopped_world) {
  world.for_each_slot([&visit](const Slot& slot) {
    if (fault(Fault::deferred_ref_invisible_to_collector) && &slot != current()) return;
    for (const StackReference* reference = slot.stack_references; reference != nullptr;
         reference = reference->below()) {
      if (const Object* object = reference->uncounted(); object != nullptr)
        visit(*object);
    }
  });
}

}  // namespace threadmill
