// SPDX-License-Identifier: Apache-2.0
//
// The subcommands, each from its options to its exit status. Bad usage is thrown as
// UsageError, for main() to print.
#pragma once

#include "harness/options.hpp"
#include "harness/time_budget.hpp"

namespace threadmill {

[[nodiscard]] int run_list(const ListOptions& options);
[[nodiscard]] int run_merge(const MergeOptions& options);
[[nodiscard]] int run_version(const VersionOptions& options);

// `words`: the command line, for threadmill-faults to take over. `start`: when the
// process began.
[[nodiscard]] int run_stress(const StressOptions& options,
                             char** words,
                             Clock::time_point start);

}  // namespace threadmill
