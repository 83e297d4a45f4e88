// SPDX-License-Identifier: Apache-2.0
#include "harness/stress.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "harness/interrupt.hpp"
#include "harness/name_patterns.hpp"
#include "harness/numbers.hpp"
#include "harness/workload_run.hpp"

namespace threadmill {
namespace {

// An option that takes several paths also takes a workload's name that follows it.
std::string hint_for(const std::string& input) {
  for (const WorkloadInfo& info : all_workloads()) {
    if (input == info.name) return "give workloads before --input";
  }
  return "give a file or folder that is there";
}

void require_input(const std::string& input) {
  struct stat status {};
  if (::stat(input.c_str(), &status) == 0) return;
  throw UsageError(fmt::format("--input '{}': {}; {}", printable(input),
                               std::strerror(errno), hint_for(input)));
}

bool finds_input(const WorkloadInfo& info, const std::vector<std::string>& inputs) {
  if (info.finds_input == nullptr) return true;
  try {
    return info.finds_input(inputs);
  } catch (const InputError&) {
    return true;  // it will say why when it runs
  }
}

}  // namespace

std::vector<const WorkloadInfo*> select_workloads(const StressOptions& options) {
  std::vector<std::string> names;
  for (const WorkloadInfo& info : all_workloads()) names.emplace_back(info.name);
  require_matches(options.patterns, names, "workload", "threadmill");
  for (const std::string& input : options.inputs) require_input(input);
  std::vector<const WorkloadInfo*> selected;
  for (const WorkloadInfo& info : all_workloads()) {
    if (is_selected(options.patterns, info.name)) selected.push_back(&info);
  }
  if (options.inputs.empty()) return selected;
  const auto rest =
      std::stable_partition(selected.begin(), selected.end(),
                            [](const WorkloadInfo* info) { return info->reads_input; });
  if (rest == selected.begin()) {
    throw UsageError(
        "--input: no selected workload reads input; select one that does, "
        "as in 'threadmill stress inverted-index --input DIR'");
  }
  // Those that would find nothing are left out. If all would, the first says why.
  const auto useless = std::stable_partition(
      selected.begin(), rest,
      [&](const WorkloadInfo* info) { return finds_input(*info, options.inputs); });
  if (useless != selected.begin()) selected.erase(useless, rest);
  return selected;
}

Runner::Runner(const StressOptions& options,
               std::vector<const WorkloadInfo*> workloads,
               const Limits& limits,
               Emergency& emergency,
               ProgressLine& progress)
    : options_(options),
      workloads_(std::move(workloads)),
      limits_(limits),
      emergency_(emergency),
      progress_(progress) {}

Report Runner::run(Clock::time_point start) {
  Report report;
  report.seed = options_.seed;
  unsigned shares = 0;
  for (const WorkloadInfo* info : workloads_) shares += info->shares;
  TimeBudget budget(start, Seconds(options_.seconds), shares);
  for (const WorkloadInfo* info : workloads_) {
    const bool over = interrupted() || !report.bad_input.empty();
    if (over || !budget.begin(Clock::now(), info->shares)) {
      report.not_run.emplace_back(info->name);
      continue;
    }
    try {
      WorkloadRun run(*info, options_, limits_, report, emergency_);
      RunResult result = run.execute(
          budget, [&](const Sample& sample) { progress_.show(info->name, sample); });
      progress_.finished(result);
      report.runs.push_back(std::move(result));
    } catch (const InputError& error) {
      emergency_.revoke();
      report.bad_input = error.what();
      report.not_run.emplace_back(info->name);
    }
  }
  report.interrupted = interrupted();
  return report;
}

}  // namespace threadmill
