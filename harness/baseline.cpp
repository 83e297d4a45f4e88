// SPDX-License-Identifier: Apache-2.0
#include "harness/baseline.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/death.hpp"
#include "harness/numbers.hpp"
#include "harness/options.hpp"
#include "harness/report_file.hpp"
#include "harness/report_json.hpp"
#include "harness/workload_run.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kFastest = 1e15;  // operations per second
constexpr std::size_t kLongestText = 1000;

// Empty: it was not known.
std::optional<double> rate_in(const Json& run) {
  if (member(run, "operations_per_second").is_null()) return std::nullopt;
  return number_member(run, "operations_per_second", kFastest);
}

Verdict verdict_in(const Json& run) {
  const std::optional<Verdict> verdict = verdict_named(text_member(run, "verdict"));
  if (!verdict) refuse_member("verdict");
  return *verdict;
}

// A report from before a field came to be has none.
std::map<std::string, std::string> circumstances_in(const Json& report) {
  std::map<std::string, std::string> all;
  for (const char* group : {"host", "build", "settings"}) {
    if (!report.contains(group)) continue;
    for (const auto& [name, value] : report[group].items()) {
      const std::string text =
          value.is_string() ? value.get<std::string>() : value.dump();
      if (text.size() > kLongestText) refuse_member(group);
      all[fmt::format("{}.{}", group, name)] = text;
    }
  }
  return all;
}

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// The first run of each workload: for what is said of it once.
std::vector<const RunResult*> first_runs(const Report& report) {
  std::vector<const RunResult*> first;
  for (const RunResult& run : report.runs) {
    const bool seen = std::any_of(
        first.begin(), first.end(),
        [&](const RunResult* other) { return other->workload == run.workload; });
    if (!seen) first.push_back(&run);
  }
  return first;
}

}  // namespace

Baseline::Baseline(std::string path) : path_(std::move(path)) {
  try {
    const Json report = json_in_file(path_);
    circumstances_ = circumstances_in(report);
    for (const Json& run : list_member(report, "runs")) {
      Past& past = workloads_[text_member(run, "workload")];
      const Verdict verdict = verdict_in(run);
      const std::optional<double> rate = rate_in(run);
      past.verdict = std::max(past.verdict, verdict);
      const bool died = run.contains("last_steps");
      if (rate && !died) past.rates.push_back(*rate);
    }
  } catch (const Unfit& unfit) {
    throw UsageError(
        fmt::format("--baseline '{}': {}; give a report that 'stress --json' wrote",
                    printable(path_), printable(unfit.what)));
  }
}

void Baseline::compare(Report& report, double fail_below) const {
  std::map<std::string, std::vector<double>> rates;
  for (const RunResult& run : report.runs) {
    if (!run.last_steps && run.seconds > 0)
      rates[run.workload].push_back(operations_per_second(run));
  }
  for (RunResult& run : report.runs) {
    const auto past = workloads_.find(run.workload);
    if (past == workloads_.end()) continue;
    const std::optional<double> before = median(past->second.rates);
    const std::optional<double> now = median(rates[run.workload]);
    if (!before || !now || *before == 0) continue;
    run.baseline_ratio = *now / *before;
    if (fail_below > 0 && !run.last_steps) judge(run, fail_below);
  }
  report.comparison = {path_, fail_below, differences_to(report), worse_in(report),
                       missing_of(report)};
}

void Baseline::judge(RunResult& run, double fail_below) const {
  const double ratio = *run.baseline_ratio;
  const bool passed = ratio >= fail_below;
  run.checks.push_back({"baseline", 1, passed, ""});
  if (passed) return;
  Check& check = run.checks.back();
  check.detail = fmt::format(
      "{:.3f} times as many operations per second as in '{}', and --fail-below is {:g}",
      ratio, path_, fail_below);
  run.verdict = std::max(run.verdict, Verdict::fail);
  run.reproduce +=
      fmt::format(" --baseline {} --fail-below {:g}", shell_word(path_), fail_below);
  announce(run_name_of(run), {Verdict::fail, check.name, check.detail});
}

std::vector<std::string> Baseline::differences_to(const Report& report) const {
  std::vector<std::string> differences;
  for (const auto& [name, now] : circumstances_of(report)) {
    const auto before = circumstances_.find(name);
    // The same machine may give some kilobytes more or less.
    if (before == circumstances_.end() || name == "host.memory_bytes") continue;
    if (before->second == now) continue;
    differences.push_back(fmt::format("{} was '{}' and is '{}'", name,
                                      printable(before->second), printable(now)));
  }
  return differences;
}

std::vector<std::string> Baseline::worse_in(const Report& report) const {
  std::vector<std::string> worse;
  for (const RunResult* first : first_runs(report)) {
    const auto past = workloads_.find(first->workload);
    if (past == workloads_.end()) continue;
    Verdict now = Verdict::pass;
    for (const RunResult& run : report.runs) {
      if (run.workload == first->workload) now = std::max(now, run.verdict);
    }
    if (now <= past->second.verdict) continue;
    worse.push_back(fmt::format("{} was {} and is {}", first->workload,
                                name_of(past->second.verdict), name_of(now)));
  }
  return worse;
}

std::vector<std::string> Baseline::missing_of(const Report& report) const {
  std::vector<std::string> missing;
  for (const RunResult* run : first_runs(report)) {
    if (workloads_.count(run->workload) == 0) missing.push_back(run->workload);
  }
  return missing;
}

std::vector<std::string> lines_of(const Comparison& comparison) {
  const std::string begin = "baseline " + printable(comparison.baseline) + ": ";
  std::vector<std::string> lines;
  lines.push_back(begin + (comparison.differences.empty()
                               ? "the same machine, build and settings"
                               : fmt::format("not the same: {}",
                                             fmt::join(comparison.differences, ", "))));
  if (!comparison.worse.empty())
    lines.push_back(begin +
                    fmt::format("worse: {}", fmt::join(comparison.worse, ", ")));
  if (!comparison.missing.empty())
    lines.push_back(begin +
                    fmt::format("not in it: {}", fmt::join(comparison.missing, " ")));
  return lines;
}

}  // namespace threadmill
