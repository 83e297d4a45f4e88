// SPDX-License-Identifier: Apache-2.0
//
// Runner: the selected workloads, each in a process of its own, --jobs at once, within one budget of
// time. Ends early when the user interrupts, when the input is bad, or when time is over;
// the report then holds what is known so far. A workload that does not end with its share
// of the time is waited for no longer than its watchdog waits, and meanwhile the next ones
// go on beside it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/isolated_run.hpp"
#include "harness/options.hpp"
#include "harness/progress_line.hpp"
#include "harness/report.hpp"
#include "harness/time_budget.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

// The shard of those of `all` that match any of the shell patterns, in their order; all of
// them for no pattern. With inputs, those that read input come first, so that bad
// input shows at once. Throws UsageError for a pattern that matches nothing, and for
// inputs that nobody reads or that are not there.
[[nodiscard]] std::vector<const WorkloadInfo*> select_workloads(
    const StressOptions& options, std::span<const WorkloadInfo> all);

// The parts into which a run of them divides its time.
[[nodiscard]] unsigned shares_of(const std::vector<const WorkloadInfo*>& workloads);

class Runner {
 public:
  Runner(const StressOptions& options,
         std::vector<const WorkloadInfo*> workloads,
         ProgressLine& progress);

  // `start`: when the process began, because the budget is that of the whole process.
  [[nodiscard]] Report run(Clock::time_point start);

 private:
  using Running = std::vector<std::unique_ptr<IsolatedRun>>;

  void begin(const WorkloadInfo& info);
  [[nodiscard]] bool found_the_fault() const;
  [[nodiscard]] bool has_free_lane() const;
  void wait();
  void finish(Running::iterator run);
  void ask_all_to_stop();

  const StressOptions& options_;
  const std::vector<const WorkloadInfo*> workloads_;
  ProgressLine& progress_;
  std::optional<TimeBudget> budget_;
  unsigned begun_ = 0;
  Running running_;
  Report report_;
};

}  // namespace threadmill
