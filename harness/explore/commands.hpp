// SPDX-License-Identifier: Apache-2.0
//
// The subcommands of threadmill-explore: from options to exit status.
#pragma once

#include "harness/explore/options.hpp"

namespace threadmill::explore {

[[nodiscard]] int run_list(bool json);
// Throws UsageError.
[[nodiscard]] int run_explore(const ExploreOptions& options);
[[nodiscard]] int run_replay(const ReplayOptions& options);

}  // namespace threadmill::explore
