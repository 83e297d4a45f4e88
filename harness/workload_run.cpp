// SPDX-License-Identifier: Apache-2.0
#include "harness/workload_run.hpp"

#include <thread>
#include <utility>

#include "harness/director.hpp"
#include "harness/report_json.hpp"
#include "harness/reproduce.hpp"
#include "runtime/base/build_info.hpp"

namespace threadmill {

WorkloadRun::WorkloadRun(const WorkloadInfo& info,
                         const StressOptions& options,
                         const Limits& limits,
                         const Report& so_far,
                         Emergency& emergency)
    : info_(info),
      options_(options),
      limits_(limits),
      so_far_(so_far),
      emergency_(emergency) {
  result_.workload = info.name;
  result_.threads = options.threads;
  result_.seed = options.seed;
  result_.workload_seed = workload_seed(options.seed, info.name);
}

RunResult WorkloadRun::execute(TimeBudget& budget,
                               const std::function<void(const Sample&)>& on_sample) {
  result_.reproduce = reproduction(options_, info_.name, budget.share());
  emergency_.draw_up(will());

  RunState state;
  Director director(info_, options_, budget, state, result_,
                    [this](Check check) { record(std::move(check)); });
  Watcher watcher(state, limits_, emergency_, on_sample);
  std::thread thread([&director] { director.direct(); });
  watcher.watch();
  thread.join();

  budget.finish(director.teardown_began(), Clock::now());
  director.rethrow_bad_usage();
  if (std::optional<Check> progress = watcher.progress()) record(std::move(*progress));
  emergency_.revoke();
  result_.verdict = verdict_of(result_.checks);
  return std::move(result_);
}

void WorkloadRun::record(Check check) {
  result_.checks.push_back(std::move(check));
  const Check& last = result_.checks.back();
  if (last.passed) return;
  const LastWill newest = will();
  announce(newest, {Verdict::fail, last.name, last.detail});
  emergency_.draw_up(newest);
}

LastWill WorkloadRun::will() const {
  return {result_.workload, std::to_string(result_.seed), result_.reproduce,
          last_will_json(so_far_, result_, build_info())};
}

}  // namespace threadmill
