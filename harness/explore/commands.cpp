// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/commands.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/explore/campaign.hpp"
#include "harness/explore/options.hpp"
#include "harness/explore/replay_file.hpp"
#include "harness/explore/search_report.hpp"
#include "harness/explore/trace_text.hpp"
#include "harness/interrupt.hpp"
#include "harness/name_patterns.hpp"
#include "harness/numbers.hpp"
#include "harness/options.hpp"
#include "harness/output_file.hpp"
#include "harness/report.hpp"
#include "runtime/base/fault_catalogue.hpp"

namespace threadmill::explore {
namespace {

using Json = nlohmann::ordered_json;

// What the program was built with, and how it calls itself.
struct Program {
  std::string name;
  const std::vector<ScenarioInfo>& scenarios;
};

std::vector<const ScenarioInfo*> select(const Program& program,
                                        const std::vector<std::string>& patterns) {
  std::vector<std::string> names;
  for (const ScenarioInfo& info : program.scenarios) names.push_back(info.name);
  require_matches(patterns, names, "scenario", program.name);
  std::vector<const ScenarioInfo*> selected;
  for (const ScenarioInfo& info : program.scenarios) {
    if (is_selected(patterns, info.name)) selected.push_back(&info);
  }
  return selected;
}

void switch_fault_on(const Program& program, const std::string& name) {
  if (name.empty() || activate_fault(name)) return;
  throw UsageError(fmt::format("--fault '{}': no such fault; '{} list' shows them all",
                               printable(name), program.name));
}

// What `replay` needs to make the finding of `result` again.
ReplayFile file_of(const SearchResult& result, const ExploreOptions& options) {
  const Finding& finding = *result.finding;
  return {result.scenario,  options.search.memory, options.fault,
          finding.left_out, name_of(finding.kind), finding.message,
          finding.schedule};
}

// Where it was written; empty: nowhere. One that cannot be saved is still shown.
std::string save(const SearchResult& result, const ExploreOptions& options) try {
  if (!result.finding || options.save.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(options.save, error);
  const std::string path = options.save + "/" + result.scenario + ".replay.json";
  OutputFile("--save", path).write(to_json(file_of(result, options)));
  return path;
} catch (const std::exception& error) {
  std::fprintf(stderr, "threadmill: the schedule is not saved: %s\n", error.what());
  return {};
}

ExitStatus status_of(const std::vector<SearchResult>& results, std::size_t selected) {
  bool nothing = results.size() < selected;
  for (const SearchResult& result : results) {
    if (result.finding || !result.complaint.empty()) return ExitStatus::wrong;
    nothing |= result.executions == 0;
  }
  if (interrupted()) return ExitStatus::interrupted;
  return nothing ? ExitStatus::nothing_said : ExitStatus::well;
}

ExitStatus run_list(const Program& program, bool json) {
  if (!json) {
    for (const ScenarioInfo& info : program.scenarios)
      fmt::print("{:<36} {}\n", info.name, info.purpose);
    fmt::print("\nFaults (explore NAME --fault FAULT)\n");
    for (const FaultInfo& info : fault_catalogue())
      fmt::print("{:<36} {}{}\n", info.name, info.is_control ? "(legal) " : "",
                 info.summary);
    return ExitStatus::well;
  }
  Json list = Json::array();
  for (const ScenarioInfo& info : program.scenarios)
    list.push_back({{"name", info.name}, {"purpose", info.purpose}});
  fmt::print("{}\n", Json{{"schema", 1}, {"scenarios", list}}.dump(1));
  return ExitStatus::well;
}

ExitStatus run_explore(const Program& program, const ExploreOptions& options) {
  const std::vector<const ScenarioInfo*> selected =
      part_of(select(program, options.patterns), options.shard);
  std::optional<OutputFile> report;
  if (!options.json.empty()) report.emplace("--json", options.json);
  switch_fault_on(program, options.fault);
  prepare_engine();
  const InterruptSignals signals;
  const std::vector<SearchResult> results =
      search_all(selected, options, [&](const SearchResult& result) {
        const std::string path = save(result, options);
        fmt::print("{}", to_text(program.name, result, options, path));
        std::fflush(stdout);
      });
  if (report) {
    report->write(to_json(program.name, results, options));
  }
  return status_of(results, selected.size());
}

ExitStatus run_replay(const Program& program, const ReplayOptions& options) {
  const ReplayFile file = read_replay_file(options.path);
  const auto found = std::find_if(
      program.scenarios.begin(), program.scenarios.end(),
      [&](const ScenarioInfo& info) { return info.name == file.scenario; });
  if (found == program.scenarios.end()) {
    throw UsageError(fmt::format("replay '{}': its scenario '{}' is not in this build",
                                 printable(options.path), printable(file.scenario)));
  }
  switch_fault_on(program, file.fault);
  prepare_engine();
  engine().use(file.memory);
  std::uint64_t same = 0;
  std::vector<TraceStep> trace;
  Outcome outcome;
  for (std::uint64_t i = 0; i < options.times; ++i) {
    Replay replay(file.schedule);
    outcome = execute_once(*found, replay, file.left_out, &trace);
    if (outcome.end == Outcome::End::failed &&
        name_of(outcome.failure.kind) == file.kind)
      ++same;
  }
  if (outcome.end == Outcome::End::failed)
    fmt::print("{}", to_text(trace, found->make()->threads(), outcome.failure));
  fmt::print("{} of {} executions failed with {}\n", same, options.times, file.kind);
  return same == 0 ? ExitStatus::well : ExitStatus::wrong;
}

// The names that there are, for completion.
std::vector<std::string> values_of(const std::string& option,
                                   const std::vector<ScenarioInfo>& list) {
  std::vector<std::string> names;
  if (option == "NAME") {
    for (const ScenarioInfo& info : list) names.emplace_back(info.name);
  } else if (option == "--fault") {
    for (const FaultInfo& info : fault_catalogue()) names.emplace_back(info.name);
  } else if (option == "--strategy") {
    for (const auto& name : strategy_names()) names.emplace_back(name);
  } else if (option == "--memory") {
    names = {"sc", "rc11"};
  }
  return names;
}

ExitStatus run(const CommandLine& line, const std::vector<ScenarioInfo>& list) {
  const Program program{printable(line.program), list};
  switch (line.subcommand) {
    case Subcommand::help:
      std::fputs(line.help.c_str(), stdout);
      return ExitStatus::well;
    case Subcommand::list:
      return run_list(program, line.list_json);
    case Subcommand::explore:
      return run_explore(program, line.explore);
    case Subcommand::replay:
      return run_replay(program, line.replay);
  }
  return ExitStatus::bad_usage;
}

}  // namespace

int explore_main(int count, char** words, const std::vector<ScenarioInfo>& list) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return static_cast<int>(run(
        parse_command_line(count, words,
                           [&](const std::string& of) { return values_of(of, list); }),
        list));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "threadmill: %s\n", error.what());
    return static_cast<int>(ExitStatus::bad_usage);
  }
}

}  // namespace threadmill::explore
