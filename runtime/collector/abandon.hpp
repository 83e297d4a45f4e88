// SPDX-License-Identifier: Apache-2.0
//
// Abandon: threads that will never run again, and what they leave behind: those that the
// child of a fork does not have, and those for which their runtime has ended.
//
//   slot              vacant, with its heap and its inbox, as if they had left
//   critical section  in a pause nobody is in one; but a thread that slept for a mutex may
//                     have it already (section.hpp, C4): it is free
//   dying objects     ended by the caller, but for the one in whose destructor or finalizer
//                     the thread was: that one stays where it is
//   deferred handles  keep nothing alive any more
//   other handles     those on the stacks of these threads are references that nobody will
//                     ever drop
#pragma once

#include <cstdint>

#include "runtime/thread/slot.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

// `other` is a slot of such a thread, suspended. Its mode becomes vacant, if it is not.
void abandon_slot(Slot& self, Slot& other) noexcept TM_REQUIRES(stopped_world);

// All live objects are unlocked, but for those in whose critical sections this thread is.
void abandon_mutexes(Slot& self) noexcept TM_REQUIRES(stopped_world);

}  // namespace threadmill
