// SPDX-License-Identifier: Apache-2.0
//
// Breaking unreachable cycles: in the pause each trash object gets one reference of the
// collector's, so none can die under it; with the world running their references to each
// other are dropped, then the collector's.
#pragma once

#include "runtime/base/chunk_stack.hpp"
#include "runtime/object/header.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

void hold_trash(const ChunkStack<Object>& trash) noexcept TM_REQUIRES(stopped_world);

// `self` is the slot of this thread; the world runs.
void clear_trash(Slot& self, ChunkStack<Object>& trash) noexcept;

}  // namespace threadmill
