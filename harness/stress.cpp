// SPDX-License-Identifier: Apache-2.0
#include "harness/stress.hpp"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "harness/interrupt.hpp"
#include "harness/limits.hpp"
#include "harness/name_patterns.hpp"
#include "harness/numbers.hpp"

namespace threadmill {
namespace {

// An option that takes several paths also takes a workload's name that follows it.
std::string hint_for(const std::string& input, std::span<const WorkloadInfo> all) {
  for (const WorkloadInfo& info : all) {
    if (input == info.name) return "give workloads before --input";
  }
  return "give a file or folder that is there";
}

void require_input(const std::string& input, std::span<const WorkloadInfo> all) {
  struct stat status {};
  if (::stat(input.c_str(), &status) == 0) return;
  throw UsageError(fmt::format("--input '{}': {}; {}", printable(input),
                               std::strerror(errno), hint_for(input, all)));
}

bool finds_input(const WorkloadInfo& info, const std::vector<std::string>& inputs) {
  if (info.finds_input == nullptr) return true;
  try {
    return info.finds_input(inputs);
  } catch (const InputError&) {
    return true;  // it will say why when it runs
  }
}

// How long it may take until an interrupt, or silence, is noticed.
constexpr std::chrono::milliseconds kMoment{100};

}  // namespace

unsigned shares_of(const std::vector<const WorkloadInfo*>& workloads) {
  unsigned shares = 0;
  for (const WorkloadInfo* info : workloads) shares += info->shares;
  return shares;
}

namespace {

// All parts, in the order in which they run.
std::vector<const WorkloadInfo*> select_whole(const StressOptions& options,
                                              std::span<const WorkloadInfo> all) {
  std::vector<std::string> names;
  for (const WorkloadInfo& info : all) names.emplace_back(info.name);
  require_matches(options.patterns, names, "workload", options.program);
  for (const std::string& input : options.inputs) require_input(input, all);
  std::vector<const WorkloadInfo*> selected;
  for (const WorkloadInfo& info : all) {
    if (is_selected(options.patterns, info.name)) selected.push_back(&info);
  }
  if (options.inputs.empty()) return selected;
  const auto rest =
      std::stable_partition(selected.begin(), selected.end(),
                            [](const WorkloadInfo* info) { return info->reads_input; });
  if (rest == selected.begin()) {
    throw UsageError(fmt::format(
        "--input: no selected workload reads input; '{} list' shows which do",
        options.program));
  }
  // Those that would find nothing are left out. If all would, the first says why.
  const auto useless = std::stable_partition(
      selected.begin(), rest,
      [&](const WorkloadInfo* info) { return finds_input(*info, options.inputs); });
  if (useless != selected.begin()) selected.erase(useless, rest);
  return selected;
}

}  // namespace

std::vector<const WorkloadInfo*> select_workloads(const StressOptions& options,
                                                  std::span<const WorkloadInfo> all) {
  return part_of(select_whole(options, all), options.shard);
}

Runner::Runner(const StressOptions& options,
               std::vector<const WorkloadInfo*> workloads,
               ProgressLine& progress)
    : options_(options), workloads_(std::move(workloads)), progress_(progress) {}

Report Runner::run(Clock::time_point start) {
  report_.seed = options_.seed;
  budget_.emplace(start, Seconds(options_.seconds), shares_of(workloads_),
                  options_.jobs);
  for (const WorkloadInfo* info : workloads_) {
    while (!has_free_lane()) wait();
    begin(*info);
  }
  while (!running_.empty()) wait();
  report_.interrupted = interrupted();
  return std::move(report_);
}

// What a run with a fault is for has been seen, and the other workloads cannot add to it.
bool Runner::found_the_fault() const {
  return !options_.fault.empty() && verdict_of(report_) > Verdict::unverified;
}

void Runner::begin(const WorkloadInfo& info) {
  if (found_the_fault()) return;
  const bool over = interrupted() || !report_.refusal.empty();
  std::optional<TimeShare> share;
  if (!over) share = budget_->begin(Clock::now(), info.shares);
  if (!share) {
    report_.not_run.emplace_back(info.name);
    return;
  }
  try {
    StressOptions its = options_;
    its.pin_from = begun_++ % options_.jobs * options_.threads;
    running_.push_back(std::make_unique<IsolatedRun>(info, its, *share));
  } catch (const UsageError& error) {
    report_.refusal = error.what();
    report_.not_run.emplace_back(info.name);
  }
}

bool Runner::has_free_lane() const {
  const Clock::time_point now = Clock::now();
  const Seconds overtime = Limits::of_this_build().overtime;
  const auto in_time =
      std::count_if(running_.begin(), running_.end(),
                    [&](const auto& run) { return now - run->share().end < overtime; });
  return in_time < options_.jobs;
}

// For what a process has to say, or for a moment.
void Runner::wait() {
  std::vector<pollfd> channels;
  for (const auto& run : running_) channels.push_back({run->descriptor(), POLLIN, 0});
  const int ready = ::poll(channels.data(), channels.size(), kMoment.count());
  if (interrupted()) ask_all_to_stop();
  if (ready == 0) {
    for (const auto& run : running_) run->note_silence(kMoment);
  }
  if (ready <= 0) return;
  for (std::size_t i = channels.size(); i-- > 0;) {
    if (channels[i].revents == 0) continue;
    const auto run = running_.begin() + static_cast<std::ptrdiff_t>(i);
    if ((*run)->receive()) {
      progress_.show((*run)->workload().name, (*run)->sample());
    } else {
      finish(run);
    }
  }
}

void Runner::finish(Running::iterator run) {
  IsolatedRun::Outcome outcome = (*run)->finish();
  budget_->finish((*run)->share(), outcome.teardown_began, Clock::now());
  if (outcome.refusal.empty()) {
    progress_.finished(outcome.result);
    report_.runs.push_back(std::move(outcome.result));
  } else {
    report_.refusal = std::move(outcome.refusal);
    report_.not_run.emplace_back((*run)->workload().name);
  }
  running_.erase(run);
  if (!report_.refusal.empty() || found_the_fault()) ask_all_to_stop();
}

void Runner::ask_all_to_stop() {
  for (const auto& run : running_) run->ask_to_stop();
}

}  // namespace threadmill
