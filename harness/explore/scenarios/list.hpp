// SPDX-License-Identifier: Apache-2.0
//
// What there is to explore.
#pragma once

#include <vector>

#include "harness/explore/scenario_info.hpp"

namespace threadmill::explore {

[[nodiscard]] const std::vector<ScenarioInfo>& scenarios();

}  // namespace threadmill::explore
