// SPDX-License-Identifier: Apache-2.0
//
// What takes part in a collection: found from the states of the blocks alone, no object is
// looked at.
#pragma once

#include <cstdint>

#include "runtime/collector/scope.hpp"
#include "runtime/collector/team.hpp"

namespace threadmill {

// The objects of `scope` that take part are white, and have a side count of zero. How many
// they are. Each is a generation older from now on.
std::uint64_t list_candidates(const Scope& scope, Team& team) noexcept
    TM_REQUIRES(stopped_world);

}  // namespace threadmill
