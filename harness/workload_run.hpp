// SPDX-License-Identifier: Apache-2.0
//
// WorkloadRun: one workload on a fresh runtime, from its preparation to its verdict, by
// two threads: the director (director.hpp) uses the runtime, the watcher (watcher.hpp)
// is the caller's own thread and must stay clear of it.
//
// Before it starts, and again after each failed check, the last will is drawn up:
// should the process die, the report still tells of this run.
#pragma once

#include <functional>

#include "harness/emergency.hpp"
#include "harness/limits.hpp"
#include "harness/options.hpp"
#include "harness/report.hpp"
#include "harness/time_budget.hpp"
#include "harness/watcher.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

class WorkloadRun {
 public:
  // `so_far`: the runs that are over.
  WorkloadRun(const WorkloadInfo& info,
              const StressOptions& options,
              const Limits& limits,
              const Report& so_far,
              Emergency& emergency);

  // Rethrows InputError and UsageError; whatever else goes wrong is in the result.
  [[nodiscard]] RunResult execute(TimeBudget& budget,
                                  const std::function<void(const Sample&)>& on_sample);

 private:
  void record(Check check);
  [[nodiscard]] LastWill will() const;

  const WorkloadInfo& info_;
  const StressOptions& options_;
  const Limits limits_;
  const Report& so_far_;
  Emergency& emergency_;
  RunResult result_;  // the director's, and the caller's after that was joined
};

}  // namespace threadmill
