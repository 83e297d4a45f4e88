// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/search_message.hpp"

#include <nlohmann/json.hpp>

namespace threadmill::explore {
namespace {

using Json = nlohmann::json;

Json to_json(const Finding& finding) {
  Json schedule = Json::array();
  for (const ScheduleEntry& entry : finding.schedule)
    schedule.push_back({entry.thread, entry.picks});
  return {{"kind", static_cast<unsigned>(finding.kind)},
          {"message", finding.message},
          {"text", finding.text},
          {"schedule", schedule},
          {"left_out", finding.left_out},
          {"found_operations", finding.found_operations},
          {"found_switches", finding.found_switches},
          {"switches", finding.switches},
          {"repeats", finding.repeats},
          {"executions", finding.executions},
          {"seconds", finding.seconds}};
}

Finding finding_of(const Json& json) {
  Finding finding;
  finding.kind = static_cast<FailureKind>(json.at("kind").get<unsigned>());
  json.at("message").get_to(finding.message);
  json.at("text").get_to(finding.text);
  for (const Json& entry : json.at("schedule"))
    finding.schedule.push_back({entry.at(0), entry.at(1)});
  json.at("left_out").get_to(finding.left_out);
  json.at("found_operations").get_to(finding.found_operations);
  json.at("found_switches").get_to(finding.found_switches);
  json.at("switches").get_to(finding.switches);
  json.at("repeats").get_to(finding.repeats);
  json.at("executions").get_to(finding.executions);
  json.at("seconds").get_to(finding.seconds);
  return finding;
}

}  // namespace

std::string to_message(const SearchResult& result) {
  Json outcomes = Json::array();
  for (const OutcomeCount& row : result.outcomes.rows())
    outcomes.push_back({row.outcome, row.allowed, row.count});
  Json json{{"scenario", result.scenario}, {"strategy", result.strategy},
            {"seed", result.seed},         {"executions", result.executions},
            {"given_up", result.given_up}, {"operations", result.operations},
            {"seconds", result.seconds},   {"exhausted", result.exhausted},
            {"claim", result.claim},       {"complaint", result.complaint},
            {"outcomes", outcomes}};
  if (result.finding) json["finding"] = to_json(*result.finding);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

SearchResult from_message(const std::string& text) {
  const Json json = Json::parse(text);
  SearchResult result;
  json.at("scenario").get_to(result.scenario);
  json.at("strategy").get_to(result.strategy);
  json.at("seed").get_to(result.seed);
  json.at("executions").get_to(result.executions);
  json.at("given_up").get_to(result.given_up);
  json.at("operations").get_to(result.operations);
  json.at("seconds").get_to(result.seconds);
  json.at("exhausted").get_to(result.exhausted);
  json.at("claim").get_to(result.claim);
  json.at("complaint").get_to(result.complaint);
  std::vector<OutcomeCount> rows;
  for (const Json& row : json.at("outcomes"))
    rows.push_back({row.at(0), row.at(1), row.at(2)});
  result.outcomes = OutcomeTable(std::move(rows));
  if (json.contains("finding")) result.finding = finding_of(json.at("finding"));
  return result;
}

}  // namespace threadmill::explore
