// SPDX-License-Identifier: Apache-2.0
//
// What a collection owes the users of its trash before it clears it (PEP 442, PEP 703):
//
//   pause 1    weak references to trash are cleared, so that no user code can come to it,
//              and those that are trash lose their callbacks, so that no trash is called
//              back; they still lead to what lives
//   running    the callbacks of the cleared ones, then the finalizers of trash; nothing of
//              it was cleared, so they find it whole
//   pause 2    only if a finalizer ran: what references from outside lead to now is
//              spared, and all that it reaches; weak references that finalizers made to
//              the rest are cleared, and not called back
//
// Each function says where it stands. The collector has a reference to each trash object.
#pragma once

#include "runtime/base/chunk_stack.hpp"
#include "runtime/object/header.hpp"
#include "runtime/object/weak.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

// Pause 1.
void clear_weak_references_of(const ChunkStack<Object>& trash,
                              WeakCallbacks& callbacks) noexcept
    TM_REQUIRES(stopped_world);

// Running. How many finalizers there were to run.
std::uint64_t run_finalizers(const ChunkStack<Object>& trash) noexcept;

// Pause 2, all counts exact: sets flag::kSpared in what was resurrected, and in all that
// it reaches. False: memory ran out, and all of it is spared.
[[nodiscard]] bool spare_resurrected(const World& world,
                                     const ChunkStack<Object>& trash,
                                     std::uint64_t& spared) noexcept
    TM_REQUIRES(stopped_world);

}  // namespace threadmill
