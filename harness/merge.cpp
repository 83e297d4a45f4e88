// SPDX-License-Identifier: Apache-2.0
#include "harness/merge.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/numbers.hpp"
#include "harness/options.hpp"
#include "harness/report_file.hpp"
#include "harness/report_json.hpp"
#include "harness/shard.hpp"

namespace threadmill {
namespace {

// Who had what, to refuse what somebody else has already.
class Owners {
 public:
  void add(const std::string& what, const std::string& path) {
    const auto [owner, is_new] = owners_.emplace(what, path);
    if (is_new) return;
    throw UsageError(fmt::format("merge: {} is in '{}' and in '{}'; give each once",
                                 printable(what), printable(owner->second),
                                 printable(path)));
  }

 private:
  std::map<std::string, std::string> owners_;
};

// Which parts there are of how many.
class Parts {
 public:
  // `text`: the report's shard; empty: it is none.
  void add(const std::string& text, const std::string& path) {
    if (text.empty()) return;
    const std::optional<Shard> shard = shard_named(text);
    if (!shard)
      throw UsageError(
          fmt::format("merge '{}': its 'shard' cannot be right", printable(path)));
    if (count_ != 0 && count_ != shard->count) {
      throw UsageError(
          fmt::format("merge '{}': it is a part of {}, and others are parts of {}; "
                      "give those of one "
                      "run",
                      printable(path), shard->count, count_));
    }
    count_ = shard->count;
    owners_.add("shard " + text, path);
    there_.insert(shard->index);
  }

  [[nodiscard]] std::vector<std::string> missing() const {
    std::vector<std::string> missing;
    for (unsigned index = 1; index <= count_; ++index) {
      if (there_.count(index) == 0) missing.push_back(text_of(Shard{index, count_}));
    }
    return missing;
  }

 private:
  unsigned count_ = 0;
  std::set<unsigned> there_;
  Owners owners_;
};

unsigned place_of(const NamedReport& report) {
  const std::optional<Shard> shard = shard_named(report.report.shard);
  return shard ? shard->index : 0;
}

// Of the second and later ones to the first.
std::vector<std::string> differences_of(const std::vector<NamedReport>& reports) {
  std::vector<std::string> differences;
  const Circumstances first = circumstances_of(reports.front().report);
  for (const NamedReport& other : reports) {
    const Circumstances its = circumstances_of(other.report);
    for (std::size_t i = 0; i < first.size(); ++i) {
      if (first[i] == its[i]) continue;
      differences.push_back(fmt::format(
          "{} is '{}' in {} and '{}' in {}", first[i].first, printable(first[i].second),
          reports.front().path, printable(its[i].second), other.path));
    }
    if (other.report.seed != reports.front().report.seed) {
      differences.push_back(
          fmt::format("the seed is {} in {} and {} in {}", reports.front().report.seed,
                      reports.front().path, other.report.seed, other.path));
    }
  }
  return differences;
}

// One of each in turn, as they were dealt out.
std::vector<RunResult> dealt_back(std::vector<NamedReport>& reports) {
  std::size_t most = 0;
  for (const NamedReport& each : reports)
    most = std::max(most, each.report.runs.size());
  std::vector<RunResult> runs;
  for (std::size_t i = 0; i < most; ++i) {
    for (NamedReport& each : reports) {
      if (i < each.report.runs.size()) runs.push_back(std::move(each.report.runs[i]));
    }
  }
  return runs;
}

}  // namespace

Report merged_runs(std::vector<NamedReport> reports) {
  Owners cases;
  Parts parts;
  for (const NamedReport& each : reports) {
    parts.add(each.report.shard, each.path);
    for (const RunResult& run : each.report.runs)
      cases.add(fmt::format("workload {} of seed {}", run.workload, run.seed),
                each.path);
  }
  std::stable_sort(reports.begin(), reports.end(),
                   [](const NamedReport& a, const NamedReport& b) {
                     return place_of(a) < place_of(b);
                   });
  Report merged = reports.front().report;
  merged.runs.clear();
  merged.not_run.clear();
  merged.shard.clear();
  merged.comparison.reset();
  merged.missing_shards = parts.missing();
  merged.differences = differences_of(reports);
  for (const NamedReport& each : reports) {
    const Report& its = each.report;
    merged.began = std::min(merged.began, its.began);
    merged.elapsed_seconds = std::max(merged.elapsed_seconds, its.elapsed_seconds);
    merged.rounds = std::max(merged.rounds, its.rounds);
    merged.interrupted = merged.interrupted || its.interrupted;
    merged.resident_peak_bytes =
        std::max(merged.resident_peak_bytes, its.resident_peak_bytes);
    merged.not_run.insert(merged.not_run.end(), its.not_run.begin(), its.not_run.end());
  }
  merged.runs = dealt_back(reports);
  return merged;
}

MergedSearches merged_searches(const std::vector<NamedJson>& reports) {
  MergedSearches merged;
  Owners cases;
  Parts parts;
  nlohmann::ordered_json scenarios = nlohmann::ordered_json::array();
  std::size_t failures = 0;
  for (const NamedJson& each : reports) {
    try {
      const nlohmann::ordered_json& json = each.json;
      if (has(json, "shard")) parts.add(text_member(json, "shard"), each.path);
      for (const nlohmann::ordered_json& scenario : list_member(json, "scenarios")) {
        const std::string name = text_member(scenario, "scenario");
        const std::string verdict = text_member(scenario, "verdict");
        if (verdict != "pass" && verdict != "fail") refuse_member("verdict");
        cases.add("scenario " + name, each.path);
        if (verdict == "pass") continue;
        ++failures;
        merged.summary += fmt::format("FAIL  {}\n", printable(name));
      }
    } catch (const Unfit& unfit) {
      throw Unfit{fmt::format("merge '{}': {}", each.path, unfit.what)};
    }
    for (const auto& scenario : each.json["scenarios"]) scenarios.push_back(scenario);
  }
  const std::vector<std::string> missing = parts.missing();
  merged.json = {{"schema", 1}, {"seed", reports.front().json.value("seed", 0ull)}};
  if (!missing.empty()) merged.json["missing_shards"] = missing;
  merged.summary += fmt::format("{} scenarios, {} failed", scenarios.size(), failures);
  if (!missing.empty())
    merged.summary += fmt::format(", shards missing: {}", fmt::join(missing, " "));
  merged.summary += "\n";
  merged.json["scenarios"] = std::move(scenarios);
  if (!missing.empty()) merged.status = ExitStatus::nothing_said;
  if (failures != 0) merged.status = ExitStatus::wrong;
  return merged;
}

}  // namespace threadmill
