// SPDX-License-Identifier: Apache-2.0
//
// Shrinking a finding: fewer threads, fewer preemptions, fewer unusual choices, while the
// same kind of failure remains. A thread stays if without it the scenario fails in the plain
// order of threads, too. Greedy, and each step is an execution.
#pragma once

#include "harness/explore/explorer.hpp"

namespace threadmill::explore {

// Sets `schedule`, `switches` and `left_out` of the finding.
void shrink(const ScenarioInfo& info, Finding& finding, const StopAsked& stop);

}  // namespace threadmill::explore
