// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/search_message.hpp"

#include <nlohmann/json.hpp>

namespace threadmill::explore {

using Json = nlohmann::json;

// The fields of each, once for both ways. Not in an anonymous namespace: the library finds
// these by the types' own.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OutcomeCount, outcome, allowed, count)
static void to_json(Json& json, const OutcomeTable& outcomes) {
  json = outcomes.rows();
}
static void from_json(const Json& json, OutcomeTable& outcomes) {
  outcomes = OutcomeTable(json.get<std::vector<OutcomeCount>>());
}
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ScheduleEntry, thread, picks)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Finding,
                                   kind,
                                   message,
                                   found_operations,
                                   found_switches,
                                   repeats,
                                   schedule,
                                   switches,
                                   left_out,
                                   text,
                                   executions,
                                   seconds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SearchResult,
                                   scenario,
                                   strategy,
                                   seed,
                                   executions,
                                   given_up,
                                   operations,
                                   seconds,
                                   exhausted,
                                   claim,
                                   complaint,
                                   pairs,
                                   outcomes)

std::string to_message(const SearchResult& result) {
  Json json = result;
  if (result.finding) json["finding"] = *result.finding;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

SearchResult from_message(const std::string& text) {
  const Json json = Json::parse(text);
  auto result = json.get<SearchResult>();
  if (json.contains("finding")) result.finding = json.at("finding").get<Finding>();
  return result;
}

}  // namespace threadmill::explore
