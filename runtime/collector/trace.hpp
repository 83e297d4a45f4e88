// SPDX-License-Identifier: Apache-2.0
//
// Finding unreachable cycles by counting, for each object, the references to it that other
// candidates hold (trial deletion: Lins; CPython's gc module, which subtracts them from a
// copy of the count): if its own count is greater, it is used from outside, and so is what
// it reaches; the rest is trash.
//
//     counts       references found    more than found     trash
//     A 2 <- out   A 1                 A reached           C, D
//     B 1          B 1                 B reached (from A)
//     C 1, D 1     C 1, D 1            -
//
// What takes no part is outside, with all its references: what is frozen or older than the
// generation that is collected, and what is dying.
#pragma once

#include "runtime/collector/scope.hpp"
#include "runtime/collector/team.hpp"

namespace threadmill {

// Of those that are white and have a side count of zero (candidates.hpp) only the
// unreachable stay white; no side count is left. All counts are exact (settle.hpp), but for
// `own` references of the collector's to each. What `root`, which may be null, and the
// stacks lead to is found first, and no reference of it is counted. Of what is traversed,
// what is found not to be worth tracking is untracked, and white no more; nothing else is
// changed.
void find_unreachable(const World& world,
                      const Scope& scope,
                      const Object* root,
                      std::int64_t own,
                      Team& team) noexcept TM_REQUIRES(stopped_world);

}  // namespace threadmill
