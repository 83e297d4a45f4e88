// SPDX-License-Identifier: Apache-2.0
#include "harness/merge.hpp"

#include <functional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/options.hpp"
#include "harness/report_file.hpp"
#include "harness/report_json.hpp"
#include "harness/report_reader.hpp"
#include "tests/harness/some_report.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

NamedReport shard(const std::string& which, std::vector<std::string> workloads) {
  Report report = some_report();
  report.shard = which;
  report.runs.clear();
  report.not_run.clear();
  for (const std::string& workload : workloads)
    report.runs.push_back(some_run(workload, Verdict::pass));
  return {which + ".json", report};
}

std::vector<std::string> workloads_of(const Report& report) {
  std::vector<std::string> workloads;
  for (const RunResult& run : report.runs) workloads.push_back(run.workload);
  return workloads;
}

std::string refusal_of(std::vector<NamedReport> reports) {
  try {
    (void)merged_runs(std::move(reports));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(ReportReader, what_was_written_is_read_and_writes_the_same) {
  Report report = some_report();
  report.shard = "2/8";
  report.comparison = {"past.json", 0.5, {"a"}, {"b"}, {"c"}};
  report.runs.front().baseline_ratio = 1.25;
  report.settings.chaos = 2;
  report.settings.reuses_late = true;
  const std::string text = report_json(report);
  EXPECT_EQ(report_json(report_of(Json::parse(text))), text);
}

TEST(ReportReader, every_field_that_it_uses_is_looked_at) {
  const Json whole = Json::parse(report_json(some_report()));
  int refused = 0;
  const std::function<void(const Json::json_pointer&, const Json&)> spoil =
      [&](const Json::json_pointer& at, const Json& value) {
        if (value.is_structured() && !value.empty()) {
          for (const auto& [key, inner] : value.items()) {
            spoil(value.is_array() ? at / std::stoul(key) : at / key, inner);
          }
        }
        Json bad = whole;
        bad[at] = Json::array({Json::array()});
        try {
          (void)report_of(bad);
        } catch (const Unfit& unfit) {
          ++refused;
          EXPECT_NE(unfit.what, "");
        }
      };
  for (const auto& [key, value] : whole.items())
    spoil(Json::json_pointer("/" + key), value);
  EXPECT_GT(refused, 100);
}

TEST(Merge, all_shards_are_the_whole_in_the_order_in_which_it_was_dealt) {
  const Report merged = merged_runs(
      {shard("2/3", {"b", "e"}), shard("3/3", {"c"}), shard("1/3", {"a", "d"})});
  EXPECT_EQ(workloads_of(merged), (std::vector<std::string>{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(verdict_of(merged), Verdict::pass);
  EXPECT_EQ(merged.shard, "");
  EXPECT_EQ(merged.missing_shards, std::vector<std::string>{});
}

TEST(Merge, a_missing_shard_leaves_the_whole_unverified) {
  const Report merged = merged_runs({shard("1/3", {"a"}), shard("3/3", {"c"})});
  EXPECT_EQ(merged.missing_shards, std::vector<std::string>{"2/3"});
  EXPECT_EQ(exit_status_of(merged), ExitStatus::nothing_said);
}

TEST(Merge, what_failed_in_one_has_failed_in_all) {
  NamedReport bad = shard("2/2", {"b"});
  bad.report.runs.front().verdict = Verdict::hang;
  EXPECT_EQ(verdict_of(merged_runs({shard("1/2", {"a"}), bad})), Verdict::hang);
}

TEST(Merge, nothing_may_be_there_twice_or_of_another_run) {
  EXPECT_NE(refusal_of({shard("1/2", {"a"}), shard("1/2", {"b"})}).find("shard 1/2"),
            std::string::npos);
  EXPECT_NE(refusal_of({shard("1/2", {"a"}), shard("2/2", {"a"})}).find("workload a"),
            std::string::npos);
  EXPECT_NE(refusal_of({shard("1/2", {"a"}), shard("2/3", {"b"})}).find("of one run"),
            std::string::npos);
  EXPECT_NE(refusal_of({shard("first", {"a"})}).find("'shard'"), std::string::npos);
  EXPECT_NE(refusal_of({shard("env", {"a"})}).find("'shard'"), std::string::npos);
}

TEST(Merge, what_differs_is_said) {
  NamedReport other = shard("2/2", {"b"});
  other.report.host.cpu = "another";
  other.report.seed = 1;
  const Report merged = merged_runs({shard("1/2", {"a"}), other});
  ASSERT_EQ(merged.differences.size(), 2u);
  EXPECT_NE(merged.differences[0].find("host.cpu"), std::string::npos);
  EXPECT_NE(merged.differences[1].find("seed"), std::string::npos);
}

NamedJson search(const std::string& which,
                 const std::string& name,
                 const char* verdict) {
  return {which,
          {{"schema", 1},
           {"seed", 1},
           {"shard", which},
           {"scenarios", Json::array({{{"scenario", name}, {"verdict", verdict}}})}}};
}

TEST(Merge, searches_are_joined) {
  const MergedSearches good =
      merged_searches({search("1/2", "a", "pass"), search("2/2", "b", "pass")});
  EXPECT_EQ(good.status, ExitStatus::well);
  EXPECT_EQ(good.json["scenarios"].size(), 2u);
  EXPECT_EQ(merged_searches({search("1/2", "a", "pass")}).status,
            ExitStatus::nothing_said);
  EXPECT_EQ(merged_searches({search("1/1", "a", "fail")}).status, ExitStatus::wrong);
  EXPECT_THROW((void)merged_searches({search("1/1", "a", "fine")}), Unfit);
}

}  // namespace
}  // namespace threadmill
