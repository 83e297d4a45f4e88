// SPDX-License-Identifier: Apache-2.0
//
// What a collection owes the users of its trash before it clears it (PEP 442, PEP 703):
//
//   pause 1    weak references to trash are cleared, so that no user code can come to it,
//              and those that are trash are muted, so that no trash is called back or
//              found; they still lead to what lives
//   running    the callbacks of the cleared ones, then the finalizers of trash; nothing of
//              it was cleared, so they find it whole
//   pause 2    only if a finalizer ran: what references from outside lead to now is
//              spared, and all that it reaches; weak references that finalizers made to
//              the rest are cleared, and not called back
//
// Each function says where it stands. From pause 1 to pause 2, if there are finalizers to
// run, the collector has a reference to each trash object.
#pragma once

#include "runtime/collector/team.hpp"
#include "runtime/collector/trash.hpp"
#include "runtime/object/weak.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

// Pauses 1 and 2.
void clear_weak_references_of(const Trash& trash, WeakCallbacks& callbacks) noexcept
    TM_REQUIRES(stopped_world);

// Running. How many finalizers there were to run.
std::uint64_t run_finalizers(const Trash& trash) noexcept;

// Pause 2, all counts exact: what was resurrected, and all that it reaches, is white no
// more.
void spare_resurrected(const World& world, const Scope& scope, Team& team) noexcept
    TM_REQUIRES(stopped_world);

}  // namespace threadmill
