// SPDX-License-Identifier: Apache-2.0
//
// The selected workloads one after the other in this process, as a debugger wants it. The
// first crash or hang announces itself and ends the process, and no report is written.
#pragma once

#include <vector>

#include "harness/options.hpp"
#include "harness/progress_line.hpp"
#include "harness/report.hpp"
#include "harness/time_budget.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

// `start`: when the process began. Throws UsageError if the machine cannot run it.
[[nodiscard]] Report run_in_process(const StressOptions& options,
                                    const std::vector<const WorkloadInfo*>& workloads,
                                    ProgressLine& progress,
                                    Clock::time_point start);

}  // namespace threadmill
