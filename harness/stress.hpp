// SPDX-License-Identifier: Apache-2.0
//
// Runner: the selected workloads one after the other, within one budget of time. Ends
// early when the user interrupts, when the input is bad, or when time is over; the
// report then holds what is known so far.
#pragma once

#include <string>
#include <vector>

#include "harness/emergency.hpp"
#include "harness/limits.hpp"
#include "harness/options.hpp"
#include "harness/progress_line.hpp"
#include "harness/report.hpp"
#include "harness/time_budget.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

// The workloads that match any of the shell patterns, in the order of the registry; all
// of them for no pattern. With inputs, those that read input come first, so that bad
// input shows at once. Throws UsageError for a pattern that matches nothing, and for
// inputs that nobody reads or that are not there.
[[nodiscard]] std::vector<const WorkloadInfo*> select_workloads(
    const StressOptions& options);

class Runner {
 public:
  Runner(const StressOptions& options,
         std::vector<const WorkloadInfo*> workloads,
         const Limits& limits,
         Emergency& emergency,
         ProgressLine& progress);

  // `start`: when the process began, because the budget is that of the whole process.
  // Throws UsageError if the machine cannot run it at all.
  [[nodiscard]] Report run(Clock::time_point start);

 private:
  const StressOptions& options_;
  const std::vector<const WorkloadInfo*> workloads_;
  const Limits limits_;
  Emergency& emergency_;
  ProgressLine& progress_;
};

}  // namespace threadmill
