// SPDX-License-Identifier: Apache-2.0
#include "harness/site_pairs.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace threadmill {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SitePair, first, second, forward, backward)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PairCoverage::OneOrder, first, second, times)

void to_json(nlohmann::json& json, const SitePairs& pairs) { json = pairs.rows(); }
void from_json(const nlohmann::json& json, SitePairs& pairs) {
  pairs = SitePairs(json.get<std::vector<SitePair>>());
}

void to_json(nlohmann::json& json, const PairCoverage& coverage) {
  json = {{"pairs", coverage.pairs},
          {"both_orders", coverage.both_orders},
          {"one_order", coverage.one_order}};
}
void from_json(const nlohmann::json& json, PairCoverage& coverage) {
  json.at("pairs").get_to(coverage.pairs);
  json.at("both_orders").get_to(coverage.both_orders);
  json.at("one_order").get_to(coverage.one_order);
}

SitePairs::SitePairs(const std::vector<SitePair>& rows) {
  for (const SitePair& row : rows) pairs_[{row.first, row.second}] = row;
}

void SitePairs::see(const std::string& earlier,
                    const std::string& later,
                    std::uint64_t times) {
  const bool in_order = earlier < later;
  const std::string& first = in_order ? earlier : later;
  const std::string& second = in_order ? later : earlier;
  SitePair& pair = pairs_[{first, second}];
  pair.first = first;
  pair.second = second;
  (in_order ? pair.forward : pair.backward) += times;
}

void SitePairs::add(const SitePairs& other) {
  for (const auto& [names, pair] : other.pairs_) {
    if (pair.forward != 0) see(pair.first, pair.second, pair.forward);
    if (pair.backward != 0) see(pair.second, pair.first, pair.backward);
  }
}

std::vector<SitePair> SitePairs::rows() const {
  std::vector<SitePair> rows;
  for (const auto& [names, pair] : pairs_) rows.push_back(pair);
  return rows;
}

std::size_t SitePairs::both() const {
  return static_cast<std::size_t>(
      std::count_if(pairs_.begin(), pairs_.end(),
                    [](const auto& entry) { return entry.second.both(); }));
}

std::string place_text(const char* file, int line) {
  if (file == nullptr) return {};
  const std::string_view path(file);
  return fmt::format("{}:{}", path.substr(path.rfind('/') + 1), line);
}

std::string site_text(const char* file, int line, bool writes) {
  return place_text(file, line) + (writes ? " writes" : " reads");
}

PairCoverage coverage_of(const SitePairs& pairs) {
  PairCoverage coverage;
  coverage.pairs = pairs.size();
  for (const SitePair& pair : pairs.rows()) {
    if (pair.both()) {
      ++coverage.both_orders;
    } else if (pair.forward != 0) {
      coverage.one_order.push_back({pair.first, pair.second, pair.forward});
    } else {
      coverage.one_order.push_back({pair.second, pair.first, pair.backward});
    }
  }
  return coverage;
}

std::string text_of(const PairCoverage& coverage) {
  return fmt::format("{} of {} pairs of places in both orders", coverage.both_orders,
                     coverage.pairs);
}

std::vector<std::string> never_seen(const PairCoverage& coverage,
                                    std::string_view before) {
  std::vector<std::string> lines;
  for (const PairCoverage::OneOrder& pair : coverage.one_order)
    lines.push_back(fmt::format("{} {} {}", pair.second, before, pair.first));
  return lines;
}

nlohmann::ordered_json json_of(const PairCoverage& coverage) {
  nlohmann::ordered_json one_order = nlohmann::ordered_json::array();
  for (const PairCoverage::OneOrder& pair : coverage.one_order) {
    one_order.push_back(
        {{"first", pair.first}, {"second", pair.second}, {"times", pair.times}});
  }
  return {{"pairs", coverage.pairs},
          {"both_orders", coverage.both_orders},
          {"one_order", std::move(one_order)}};
}

}  // namespace threadmill
