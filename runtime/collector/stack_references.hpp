// SPDX-License-Identifier: Apache-2.0
//
// What the stacks of threads refer to without counting it (object/deferred.hpp) is used
// from outside.
#pragma once

#include "runtime/collector/scope.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

// Adds one to the side count of each candidate that a thread's stack refers to, for each
// time that it does; of threads that are detached, too.
void count_stack_references(const World& world, const Scope& scope) noexcept
    TM_REQUIRES(stopped_world);

}  // namespace threadmill
