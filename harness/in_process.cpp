// SPDX-License-Identifier: Apache-2.0
#include "harness/in_process.hpp"

#include <optional>
#include <utility>

#include "harness/emergency.hpp"
#include "harness/interrupt.hpp"
#include "harness/limits.hpp"
#include "harness/stress.hpp"
#include "harness/throughput.hpp"
#include "harness/workload_run.hpp"

namespace threadmill {

Report run_in_process(const StressOptions& options,
                      const std::vector<const WorkloadInfo*>& workloads,
                      ProgressLine& progress,
                      Clock::time_point start) {
  Report report;
  report.seed = options.seed;
  Emergency emergency;
  Limits limits = Limits::of_this_build();
  limits.memory_bytes = options.memory_limit;
  TimeBudget budget(start, Seconds(options.seconds), shares_of(workloads));
  for (const WorkloadInfo* info : workloads) {
    const bool over = interrupted() || !report.refusal.empty();
    std::optional<TimeShare> share;
    if (!over) share = budget.begin(Clock::now(), info->shares);
    if (!share) {
      report.not_run.emplace_back(info->name);
      continue;
    }
    try {
      WorkloadRun run(*info, options, limits, emergency);
      Throughput throughput;
      EndedRun ended = run.execute(*share, [&](const Sample& sample) {
        throughput.note(sample.running.count(), sample.operations);
        progress.show(info->name, sample);
        return !interrupted();
      });
      budget.finish(*share, ended.teardown_began, Clock::now());
      ended.result.throughput = throughput.of(ended.result);
      progress.finished(ended.result);
      report.runs.push_back(std::move(ended.result));
    } catch (const InputError& error) {
      report.refusal = error.what();
      report.not_run.emplace_back(info->name);
    }
  }
  report.interrupted = interrupted();
  return report;
}

}  // namespace threadmill
