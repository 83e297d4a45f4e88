// SPDX-License-Identifier: Apache-2.0
//
// Finding unreachable cycles by trial subtraction over side counts (Lins; CPython's gc
// module): an object whose count is not explained by references from other candidates is
// used from outside, and so is what it reaches; the rest is trash.
//
//     counts       subtract edges     mark from what is left      trash
//     A 2 <- out   A 1                A reached                   C, D
//     B 1          B 0                B reached (from A)
//     C 1, D 1     C 0, D 0           -
//
// What takes no part is outside, with all its references: what is immortal, frozen or
// older than the generation that is collected, and what is dying.
#pragma once

#include "runtime/collector/scope.hpp"
#include "runtime/collector/team.hpp"

namespace threadmill {

// The objects of `scope` that take part are white, and have a side count: the number of
// references to them. All counts are exact (settle.hpp). How many they are. Each is a
// generation older from now on; and what is found not to be worth tracking is untracked.
std::uint64_t list_candidates(const Scope& scope, Team& team) noexcept
    TM_REQUIRES(stopped_world);

// Of those that are white and have a side count only the unreachable stay white. No side
// count is left. Changes no object. What `root`, which may be null, leads to is found
// first, and no reference of it is subtracted.
void find_unreachable(const Scope& scope, const Object* root, Team& team) noexcept
    TM_REQUIRES(stopped_world);

}  // namespace threadmill
