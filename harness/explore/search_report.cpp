// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/search_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/numbers.hpp"
#include "harness/text_table.hpp"

namespace threadmill::explore {
namespace {

using Json = nlohmann::ordered_json;

bool is_failure(const SearchResult& result) {
  return result.finding || !result.complaint.empty();
}

std::string reproduction(const std::string& program,
                         const SearchResult& result,
                         const ExploreOptions& options) {
  std::string line = fmt::format(
      "{} explore {} --memory {} --strategy {} --seed {} --jobs 1", program,
      result.scenario, name_of(options.search.memory), result.strategy, result.seed);
  if (result.strategy == "pct")
    line += fmt::format(" --depth {}", options.search.depth);
  if (options.search.preemptions)
    line += fmt::format(" --preemptions {}", *options.search.preemptions);
  if (!options.fault.empty()) line += " --fault " + shell_word(options.fault);
  return line;
}

std::string outcomes_text(const OutcomeTable& outcomes) {
  TextTable table({{"outcome"}, {"grade"}, {"executions", TextTable::Align::right}});
  for (const OutcomeCount& row : outcomes.rows())
    table.add({row.outcome, grade_of(row), with_thousands(row.count)});
  std::string text;
  for (const std::string& line : table.lines()) text += "  " + line + "\n";
  return text;
}

std::string finding_text(const std::string& program,
                         const SearchResult& result,
                         const ExploreOptions& options,
                         const std::string& replay_path) {
  const Finding& finding = *result.finding;
  std::string text = fmt::format(
      "  found in execution {} after {:.3f} s; {} operations with {} preemptions, "
      "shrunk to {} with {}\n",
      finding.executions, finding.seconds, finding.found_operations,
      finding.found_switches, finding.schedule.size(), finding.switches);
  if (!finding.repeats)
    text += "  it did not repeat: the scenario depends on more than the schedule\n";
  text += finding.text;
  text += fmt::format("  repeat: {}\n", reproduction(program, result, options));
  if (!replay_path.empty())
    text += fmt::format("  replay: {} replay {}\n", program, shell_word(replay_path));
  return text;
}

std::string coverage_text(const SearchResult& result, bool with_pairs) {
  const PairCoverage coverage = coverage_of(result.pairs);
  std::string text = "  coverage: " + text_of(coverage) + "\n";
  if (!with_pairs) return text;
  for (const std::string& order : never_seen(coverage, "before"))
    text += "  never seen: " + order + "\n";
  return text;
}

Json json_of(const OutcomeTable& outcomes) {
  Json json = Json::array();
  for (const OutcomeCount& row : outcomes.rows())
    json.push_back(
        {{"outcome", row.outcome}, {"grade", grade_of(row)}, {"count", row.count}});
  return json;
}

Json json_of(const std::string& program,
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
            {"verdict", is_failure(result) ? "fail" : "pass"}};
  if (!result.complaint.empty()) json["complaint"] = result.complaint;
  if (!result.outcomes.rows().empty()) json["outcomes"] = json_of(result.outcomes);
  if (options.search.coverage) json["coverage"] = json_of(coverage_of(result.pairs));
  if (!result.finding) return json;
  const Finding& finding = *result.finding;
  json["finding"] = {{"kind", name_of(finding.kind)},
                     {"message", finding.message},
                     {"executions", finding.executions},
                     {"seconds", finding.seconds},
                     {"operations", finding.found_operations},
                     {"preemptions", finding.found_switches},
                     {"shrunk_operations", finding.schedule.size()},
                     {"shrunk_preemptions", finding.switches},
                     {"repeats", finding.repeats},
                     {"reproduce", reproduction(program, result, options)}};
  return json;
}

}  // namespace

const char* name_of(MemoryModel model) noexcept {
  return model == MemoryModel::sc ? "sc" : "rc11";
}

std::string to_text(const std::string& program,
                    const SearchResult& result,
                    const ExploreOptions& options,
                    const std::string& replay_path) {
  std::string text = fmt::format(
      "{:<36} {:<6} {:>11} executions {:>8.2f} s  {}  {}\n", result.scenario,
      result.strategy, with_thousands(result.executions), result.seconds,
      is_failure(result) ? "FAIL" : "pass", result.finding ? "" : result.claim);
  if (!result.complaint.empty()) text += "  " + result.complaint + "\n";
  if (result.finding) text += finding_text(program, result, options, replay_path);
  if (options.search.coverage) text += coverage_text(result, !options.patterns.empty());
  if (!options.patterns.empty() && !result.outcomes.rows().empty())
    text += outcomes_text(result.outcomes);
  return text;
}

std::string to_json(const std::string& program,
                    const std::vector<SearchResult>& results,
                    const ExploreOptions& options) {
  Json list = Json::array();
  for (const SearchResult& result : results)
    list.push_back(json_of(program, result, options));
  Json json{{"schema", 1}, {"seed", options.search.seed}};
  if (!options.shard.is_whole()) json["shard"] = text_of(options.shard);
  json["scenarios"] = std::move(list);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace threadmill::explore
