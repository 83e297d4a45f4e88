// SPDX-License-Identifier: Apache-2.0
#include "harness/commands.hpp"

#include <cmath>
#include <ctime>
#include <optional>

#include <fmt/format.h>

#include "harness/baseline.hpp"
#include "harness/bench_models.hpp"
#include "harness/console.hpp"
#include "harness/fault_switch.hpp"
#include "harness/host.hpp"
#include "harness/in_process.hpp"
#include "harness/interrupt.hpp"
#include "harness/outputs.hpp"
#include "harness/progress_line.hpp"
#include "harness/report_json.hpp"
#include "harness/rounds.hpp"
#include "harness/sibling.hpp"
#include "harness/stress.hpp"
#include "harness/summary.hpp"
#include "harness/supervised_run.hpp"
#include "harness/text_table.hpp"
#include "harness/watch/access_watch.hpp"
#include "runtime/base/build_info.hpp"
#include "workloads/workload.hpp"

namespace threadmill {
namespace {

constexpr const char* kFaulty = "faults";
constexpr const char* kFaultsNeed = "faults need";

// In the normal executable they are those of its sibling; without one there are none.
std::vector<ScenarioEntry> known_scenarios() {
  try {
    const std::string explorer = sibling_executable("explore", "explore needs");
    return scenarios_of_listing(output_of(explorer, {"list", "--json"}));
  } catch (const UsageError&) {
    return {};
  }
}

Listing listing_for(const ListOptions& options,
                    std::span<const WorkloadInfo> workloads) {
  Listing listing;
  listing.faults = known_faults();
  if (options.faults_only) return listing;
  listing.scenarios = known_scenarios();
  for (const BenchModel& model : bench_models())
    listing.models.push_back({model.name, !model.executable.empty()});
  for (const WorkloadInfo& info : workloads) {
    listing.workloads.push_back(
        {info.name, info.family, info.purpose, info.reads_input});
  }
  return listing;
}

std::string titled(const char* title, const TextTable& table) {
  std::string text = std::string(title) + "\n";
  for (const std::string& line : table.lines()) text += "  " + line + "\n";
  return text;
}

std::string text_of(const Listing& listing) {
  TextTable workloads({{"name"}, {"family"}, {"purpose"}});
  for (const WorkloadEntry& entry : listing.workloads) {
    const char* input = entry.reads_input ? " (reads --input)" : "";
    workloads.add({entry.name, entry.family, entry.purpose + input});
  }
  TextTable scenarios({{"name"}, {"purpose"}});
  for (const ScenarioEntry& entry : listing.scenarios)
    scenarios.add({entry.name, entry.purpose});
  TextTable faults(
      {{"name"}, {"catalogue"}, {"workload"}, {"scenario"}, {"what is wrong with it"}});
  TextTable controls(
      {{"name"}, {"catalogue"}, {"workload"}, {"scenario"}, {"what it changes"}});
  for (const FaultEntry& entry : listing.faults) {
    TextTable& table = entry.is_control ? controls : faults;
    table.add(
        {entry.name, entry.catalogue, entry.workload, entry.scenario, entry.summary});
  }
  TextTable models({{"name"}, {"here"}});
  for (const ModelEntry& entry : listing.models)
    models.add({entry.name, entry.is_there ? "yes" : "no"});
  std::string text;
  if (!listing.workloads.empty()) text += titled("Workloads", workloads);
  if (!listing.scenarios.empty()) text += titled("Scenarios (explore NAME)", scenarios);
  if (!listing.faults.empty())
    text += titled("Faults (stress --fault NAME, explore --fault NAME)", faults) +
            titled("Controls (the same, but nothing may be found)", controls);
  if (!listing.models.empty())
    text += titled("Models of objects (bench --models NAME)", models);
  return text;
}

std::string text_of(const Build& build) {
  return fmt::format(
      "threadmill\n"
      "  compiler      {}\n"
      "  build type    {}\n"
      "  refcount      {}\n"
      "  header bytes  {}\n"
      "  allocator     {}\n"
      "  sanitizers    {}\n"
      "  checks        level {}\n"
      "  faults        {}\n",
      build.compiler, build.build_type, build.refcount, build.header_bytes,
      build.allocator, build.sanitizers, build.checks, build.faults ? "yes" : "no");
}

int print(const std::string& text) {
  Console console(stdout);
  console.print(text);
  console.finish();
  return static_cast<int>(ExitStatus::well);
}

std::string headline(const StressOptions& options, std::size_t workloads) {
  std::string line = fmt::format("stress: {} workload{}, {} threads, {:g} s, seed {}",
                                 workloads, workloads == 1 ? "" : "s", options.threads,
                                 options.seconds, options.seed);
  if (!options.shard.is_whole()) line += ", shard " + text_of(options.shard);
  if (options.jobs > 1) line += fmt::format(", {} at once", options.jobs);
  if (options.until_failure) line += ", until something wrong is found";
  if (options.repeat > 1) line += fmt::format(", {} rounds", options.repeat);
  return line + "\n";
}

// Returns if this executable is the variant of the runtime that is wanted.
void become_what_counts_so(const std::string& wanted, char** words, bool needs_faulty) {
  const std::string own = build_info().refcount;
  const bool is_own = wanted.empty() || wanted == own;
  if (needs_faulty && (!is_own || is_variant())) {
    throw UsageError(fmt::format(
        "--fault, --chaos and --reuse: the variant '{}' was built without them",
        is_own ? own : wanted));
  }
  if (is_own) return;
  const bool is_plain_one = is_variant() && wanted == "biased";
  become_sibling(is_plain_one ? "" : wanted.c_str(), "--refcount needs", words);
}

int stress_here(const StressOptions& options,
                std::span<const WorkloadInfo> all,
                Clock::time_point start) {
  const std::vector<const WorkloadInfo*> workloads = select_workloads(options, all);
  std::optional<Baseline> baseline;
  if (!options.baseline.empty()) baseline.emplace(options.baseline);
  const bool everything = options.patterns.empty() && options.shard.is_whole();
  Outputs outputs(options.outputs, everything);
  const InterruptSignals signals;

  Console console(outputs.take_stdout() ? stderr : stdout);
  ProgressLine progress(console, options.threads, start, length_of(options));
  console.print(headline(options, workloads.size()));

  Report report = run_rounds(
      options, start, [&](const StressOptions& round, Clock::time_point begin) {
        return options.in_process ? run_in_process(round, workloads, progress, begin)
                                  : Runner(round, workloads, progress).run(begin);
      });

  report.elapsed_seconds = Seconds(Clock::now() - start).count();
  report.host = this_host();
  report.build = this_build();
  report.resident_peak_bytes = resident_peak_bytes();
  report.began = std::time(nullptr) - std::llround(report.elapsed_seconds);
  if (baseline) baseline->compare(report, options.fail_below);
  const ExitStatus status = exit_status_of(report);
  if (!report.runs.empty() || report.refusal.empty()) {
    console.print(summary_of(report, console.has_colour()));
  }
  try {
    if (!report.runs.empty() || report.refusal.empty()) {
      outputs.write(report);
      if (!outputs.unasked_page().empty())
        console.print("report: " + outputs.unasked_page() + "\n");
    }
    console.finish();
    if (!report.refusal.empty()) throw UsageError(report.refusal);
  } catch (const UsageError& error) {
    if (status != ExitStatus::wrong) throw;  // what was found outranks it
    fmt::print(stderr, "threadmill: {}\n", error.what());
  }
  return static_cast<int>(status);
}

}  // namespace

int run_list(const ListOptions& options, std::span<const WorkloadInfo> workloads) {
  const Listing listing = listing_for(options, workloads);
  return print(options.json ? listing_json(listing) : text_of(listing));
}

int run_version(const VersionOptions& options) {
  return print(options.json ? version_json(this_build()) : text_of(this_build()));
}

int run_stress(const StressOptions& options,
               std::span<const WorkloadInfo> workloads,
               char** words,
               Clock::time_point start) {
  const bool has_chaos =
      options.chaos.value_or(0) != 0 || options.reuses_late.value_or(false);
  become_what_counts_so(options.refcount, words,
                        !options.fault.empty() || (has_chaos && !kChaos));
  if constexpr (!kChaos) {
    if (has_chaos) become_sibling(kFaulty, "--chaos and --reuse need", words);
  }
  if constexpr (!watch::kWatched) {
    if (options.coverage) become_sibling(kFaulty, "--coverage needs", words);
  }
  if (!options.fault.empty()) {
    if constexpr (!kFaults) become_sibling(kFaulty, kFaultsNeed, words);
    switch_fault_on(options.fault);
  }
  return options.supervision.empty() ? stress_here(options, workloads, start)
                                     : run_supervised(options, workloads);
}

std::vector<std::string> values_of(const std::string& option,
                                   std::span<const WorkloadInfo> workloads) {
  std::vector<std::string> names;
  if (option == "NAME") {
    for (const WorkloadInfo& info : workloads) names.emplace_back(info.name);
  } else if (option == "--fault") {
    for (FaultEntry& fault : known_faults()) names.push_back(std::move(fault.name));
  } else if (option == "--refcount") {
    names = {"biased", "atomic", "locked"};
  }
  return names;
}

}  // namespace threadmill
