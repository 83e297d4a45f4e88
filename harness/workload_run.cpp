// SPDX-License-Identifier: Apache-2.0
#include "harness/workload_run.hpp"

#include <optional>
#include <thread>
#include <utility>

#include "harness/director.hpp"
#include "harness/latency_oracle.hpp"
#include "harness/reproduce.hpp"
#include "harness/timeline.hpp"

namespace threadmill {

RunResult planned_run(const WorkloadInfo& info,
                      const StressOptions& options,
                      const TimeShare& share) {
  RunResult run;
  run.workload = info.name;
  run.threads = options.threads;
  run.seed = options.seed;
  run.workload_seed = workload_seed(options.seed, info.name);
  run.reproduce = reproduction(options, info, share.length);
  return run;
}

RunName run_name_of(const RunResult& run) {
  return {run.workload, std::to_string(run.seed), run.reproduce};
}

WorkloadRun::WorkloadRun(const WorkloadInfo& info,
                         const StressOptions& options,
                         const Limits& limits,
                         Emergency& emergency)
    : info_(info), options_(options), limits_(limits), emergency_(emergency) {}

EndedRun WorkloadRun::execute(const TimeShare& share,
                              const OnSample& on_sample,
                              std::function<void(const Check&)> on_check) {
  result_ = planned_run(info_, options_, share);
  on_check_ = std::move(on_check);

  RunState state;
  emergency_.watch_over(run_name_of(result_), state);
  Director director(info_, options_, share, state, result_,
                    [this](Check check) { record(std::move(check)); });
  Watcher watcher(state, limits_, emergency_, on_sample);
  std::optional<Timeline> timeline;
  if (options_.timeline) timeline.emplace(state);
  std::thread thread([&director] { director.direct(); });
  watcher.watch();
  thread.join();
  if (timeline) result_.trace = timeline->finish();

  emergency_.release();
  director.rethrow_bad_usage();
  if (std::optional<Check> progress = watcher.progress()) record(std::move(*progress));
  if (!result_.latencies.empty())
    record(judge_latencies(result_, limits_, watcher.unwatched()));
  result_.verdict = verdict_of(result_.checks);
  return {std::move(result_), director.teardown_began()};
}

void WorkloadRun::record(Check check) {
  result_.checks.push_back(std::move(check));
  const Check& last = result_.checks.back();
  if (!last.passed)
    announce(run_name_of(result_), {Verdict::fail, last.name, last.detail});
  if (on_check_) on_check_(last);
}

}  // namespace threadmill
