// SPDX-License-Identifier: Apache-2.0
//
// The command line of an explorer over anybody's scenarios: a program is its list and
//
//     int main(int count, char** words) { return explore_main(count, words, list); }
#pragma once

#include <vector>

#include "harness/explore/scenario_info.hpp"

namespace threadmill::explore {

// `explore`, `replay` and `list`, with the flags that --help shows; the exit status. The
// program calls itself as words[0] does.
[[nodiscard]] int explore_main(int count,
                               char** words,
                               const std::vector<ScenarioInfo>& list);

}  // namespace threadmill::explore
