// SPDX-License-Identifier: Apache-2.0
//
// What makes a run repeatable: each workload's seed, derived from the run's seed and
// the workload's name alone, and the command line that runs one workload of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/options.hpp"
#include "harness/time_budget.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

[[nodiscard]] std::uint64_t workload_seed(std::uint64_t seed,
                                          std::string_view workload);

// The program and its arguments. `seconds`: the time of the whole run.
[[nodiscard]] std::vector<std::string> command_for(const StressOptions& options,
                                                   const WorkloadInfo& workload,
                                                   double seconds);

// The same in one line that a shell takes. `share`: the time that the workload had.
[[nodiscard]] std::string reproduction(const StressOptions& options,
                                       const WorkloadInfo& workload,
                                       Seconds share);

}  // namespace threadmill
