// SPDX-License-Identifier: Apache-2.0
//
// WorkloadRun: one workload on a fresh runtime, from its preparation to its verdict, by
// two threads: the director (director.hpp) uses the runtime, the watcher (watcher.hpp)
// is the caller's own thread and must stay clear of it.
//
// A failed check is announced at once, because the run may yet come to a bad end.
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

struct EndedRun {
  RunResult result;
  Clock::time_point teardown_began;  // as TimeBudget::finish() wants it
};

// What is known of a run before it begins.
[[nodiscard]] RunResult planned_run(const WorkloadInfo& info,
                                    const StressOptions& options,
                                    const TimeShare& share);

[[nodiscard]] RunName run_name_of(const RunResult& run);

class WorkloadRun {
 public:
  WorkloadRun(const WorkloadInfo& info,
              const StressOptions& options,
              const Limits& limits,
              Emergency& emergency);

  // Rethrows InputError and UsageError; whatever else goes wrong is in the result.
  [[nodiscard]] EndedRun execute(const TimeShare& share,
                                 const OnSample& on_sample,
                                 std::function<void(const Check&)> on_check = {});

 private:
  void record(Check check);

  const WorkloadInfo& info_;
  const StressOptions& options_;
  const Limits limits_;
  Emergency& emergency_;
  std::function<void(const Check&)> on_check_;
  RunResult result_;  // the director's, and the caller's after that was joined
};

}  // namespace threadmill
