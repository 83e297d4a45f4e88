// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/commands.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/explore/options.hpp"
#include "harness/explore/replay_file.hpp"
#include "harness/explore/trace_text.hpp"
#include "harness/interrupt.hpp"
#include "harness/name_patterns.hpp"
#include "harness/numbers.hpp"
#include "harness/options.hpp"
#include "harness/output_file.hpp"
#include "harness/report.hpp"
#include "harness/text_table.hpp"
#include "runtime/base/fault.hpp"

namespace threadmill::explore {
namespace {

using Json = nlohmann::ordered_json;
using Deadline = SearchClock::time_point;

const char* name_of(MemoryModel model) {
  return model == MemoryModel::sc ? "sc" : "rc11";
}

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

// Without a strategy: depth first for half of the time, and if that was not enough to
// see everything, partial-order sampling for the rest.
SearchResult search_for(const ScenarioInfo& info,
                        const ExploreOptions& options,
                        Deadline start,
                        Deadline end) {
  const auto until = [](Deadline deadline) {
    return [deadline] { return interrupted() || SearchClock::now() >= deadline; };
  };
  if (!options.automatic) return search(info, options.search, until(end));
  SearchOptions first = options.search;
  first.strategy = "dfs";
  SearchResult result = search(info, first, until(start + (end - start) / 2));
  if (result.exhausted || result.finding || !result.complaint.empty() || interrupted())
    return result;
  SearchOptions second = options.search;
  second.strategy = "pos";
  SearchResult more = search(info, second, until(end));
  more.claim += fmt::format("; {} more depth first, without an end", result.executions);
  more.executions += result.executions;
  more.operations += result.operations;
  more.seconds += result.seconds;
  more.outcomes.add(result.outcomes);
  return more;
}

std::string reproduction(const Program& program,
                         const SearchResult& result,
                         const ExploreOptions& options) {
  std::string line =
      fmt::format("{} explore {} --memory {} --strategy {} --seed {}", program.name,
                  result.scenario, name_of(options.search.memory), result.strategy,
                  options.search.seed);
  if (result.strategy == "pct")
    line += fmt::format(" --depth {}", options.search.depth);
  if (options.search.preemptions)
    line += fmt::format(" --preemptions {}", *options.search.preemptions);
  if (!options.fault.empty()) line += " --fault " + shell_word(options.fault);
  return line;
}

ReplayFile file_of(const SearchResult& result, const ExploreOptions& options) {
  const Finding& finding = *result.finding;
  return {result.scenario,
          options.search.memory,
          options.fault,
          finding.left_out,
          explore::name_of(finding.failure.kind),
          finding.failure.message,
          finding.schedule};
}

// Where it was written; empty: nowhere.
std::string save(const SearchResult& result, const ExploreOptions& options) {
  if (options.save.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(options.save, error);
  const std::string path = options.save + "/" + result.scenario + ".replay.json";
  OutputFile(path).write(to_json(file_of(result, options)));
  return path;
}

void print_result(const SearchResult& result) {
  const char* verdict = result.finding              ? "FAIL"
                        : !result.complaint.empty() ? "FAIL"
                                                    : "pass";
  fmt::print("{:<36} {:<6} {:>11} executions {:>8.2f} s  {}  {}\n", result.scenario,
             result.strategy, with_thousands(result.executions), result.seconds,
             verdict, result.finding ? "" : result.claim);
}

void print_outcomes(const OutcomeTable& outcomes) {
  TextTable table({{"outcome"}, {"grade"}, {"executions", TextTable::Align::right}});
  for (const OutcomeCount& row : outcomes.rows())
    table.add({row.outcome, grade_of(row), with_thousands(row.count)});
  for (const std::string& line : table.lines()) fmt::print("  {}\n", line);
}

void print_finding(const Program& program,
                   const SearchResult& result,
                   const ExploreOptions& options,
                   const std::string& path) {
  const Finding& finding = *result.finding;
  fmt::print(
      "  found in execution {} after {:.3f} s; {} operations with {} preemptions, "
      "shrunk to {} with {}\n",
      finding.executions, finding.seconds, finding.found.size(), finding.found_switches,
      finding.schedule.size(), finding.switches);
  if (!finding.repeats)
    fmt::print("  it did not repeat: the scenario depends on more than the schedule\n");
  fmt::print("{}", to_text(finding.trace, result.threads, finding.failure));
  fmt::print("  repeat: {}\n", reproduction(program, result, options));
  if (!path.empty())
    fmt::print("  replay: {} replay {}\n", program.name, shell_word(path));
}

Json to_json(const OutcomeTable& outcomes) {
  Json json = Json::array();
  for (const OutcomeCount& row : outcomes.rows())
    json.push_back(
        {{"outcome", row.outcome}, {"grade", grade_of(row)}, {"count", row.count}});
  return json;
}

Json to_json(const Program& program,
             const SearchResult& result,
             const ExploreOptions& options) {
  Json json{{"scenario", result.scenario},
            {"strategy", result.strategy},
            {"memory", name_of(options.search.memory)},
            {"executions", result.executions},
            {"cut_off", result.given_up},
            {"operations", result.operations},
            {"seconds", result.seconds},
            {"exhaustive", result.exhausted},
            {"claim", result.claim},
            {"verdict", result.finding || !result.complaint.empty() ? "fail" : "pass"}};
  if (!result.complaint.empty()) json["complaint"] = result.complaint;
  if (!result.outcomes.rows().empty()) json["outcomes"] = to_json(result.outcomes);
  if (!result.finding) return json;
  const Finding& finding = *result.finding;
  json["finding"] = {{"kind", explore::name_of(finding.failure.kind)},
                     {"message", finding.failure.message},
                     {"executions", finding.executions},
                     {"seconds", finding.seconds},
                     {"operations", finding.found.size()},
                     {"preemptions", finding.found_switches},
                     {"shrunk_operations", finding.schedule.size()},
                     {"shrunk_preemptions", finding.switches},
                     {"repeats", finding.repeats},
                     {"reproduce", reproduction(program, result, options)}};
  return json;
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
      fmt::print("{:<36} {}\n", info.name, info.summary);
    return ExitStatus::well;
  }
  Json list = Json::array();
  for (const ScenarioInfo& info : program.scenarios)
    list.push_back({{"name", info.name}, {"purpose", info.purpose}});
  fmt::print("{}\n", Json{{"schema", 1}, {"scenarios", list}}.dump(1));
  return ExitStatus::well;
}

ExitStatus run_explore(const Program& program, const ExploreOptions& options) {
  const std::vector<const ScenarioInfo*> selected = select(program, options.patterns);
  std::optional<OutputFile> report;
  if (!options.json.empty()) report.emplace(options.json);
  switch_fault_on(program, options.fault);
  prepare_engine();
  const InterruptSignals signals;
  const Deadline start = SearchClock::now();
  const Deadline end = start + std::chrono::duration_cast<SearchClock::duration>(
                                   std::chrono::duration<double>(options.seconds));
  std::vector<SearchResult> results;
  for (std::size_t i = 0; i < selected.size() && !interrupted(); ++i) {
    const Deadline now = SearchClock::now();
    const Deadline until =
        std::max(now, now + (end - now) / static_cast<long>(selected.size() - i));
    results.push_back(search_for(*selected[i], options, now, until));
    const SearchResult& result = results.back();
    print_result(result);
    if (!result.complaint.empty()) fmt::print("  {}\n", result.complaint);
    if (result.finding) print_finding(program, result, options, save(result, options));
    if (!options.patterns.empty() && !result.outcomes.rows().empty())
      print_outcomes(result.outcomes);
    std::fflush(stdout);
  }
  if (report) {
    Json list = Json::array();
    for (const SearchResult& result : results)
      list.push_back(to_json(program, result, options));
    report->write(
        Json{{"schema", 1}, {"seed", options.search.seed}, {"scenarios", list}}.dump(
            1, ' ', false, Json::error_handler_t::replace) +
        "\n");
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
        explore::name_of(outcome.failure.kind) == file.kind)
      ++same;
  }
  if (outcome.end == Outcome::End::failed)
    fmt::print("{}", to_text(trace, found->make()->threads(), outcome.failure));
  fmt::print("{} of {} executions failed with {}\n", same, options.times, file.kind);
  return same == 0 ? ExitStatus::well : ExitStatus::wrong;
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
    return static_cast<int>(run(parse_command_line(count, words), list));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "threadmill: %s\n", error.what());
    return static_cast<int>(ExitStatus::bad_usage);
  }
}

}  // namespace threadmill::explore
