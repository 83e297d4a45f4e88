// SPDX-License-Identifier: Apache-2.0
#include "harness/baseline.hpp"

#include <sys/stat.h>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/options.hpp"
#include "harness/report_json.hpp"
#include "tests/harness/scratch.hpp"
#include "tests/harness/some_report.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;

// The file that `stress --json` would have written.
class Past {
 public:
  explicit Past(const Report& report) : json(Json::parse(report_json(report))) {}

  // Throws UsageError.
  [[nodiscard]] Baseline baseline() const {
    scratch_.write("past.json", json.dump());
    return Baseline(scratch_.path("past.json"));
  }

  Json json;

 private:
  Scratch scratch_;
};

Report report_of(std::vector<RunResult> runs) {
  Report report = some_report();
  report.runs = std::move(runs);
  return report;
}

RunResult run_at(double rate, Verdict verdict = Verdict::pass) {
  RunResult run = some_run("hot-object", verdict);
  run.seconds = 10;
  run.operations = static_cast<std::uint64_t>(rate * 10);
  return run;
}

std::string refusal_of(const std::string& text) {
  const Scratch scratch;
  scratch.write("past.json", text);
  try {
    const Baseline baseline(scratch.path("past.json"));
  } catch (const UsageError& error) {
    const std::string what = error.what();
    EXPECT_EQ(what.find("--baseline '" + scratch.path("past.json") + "': "), 0u)
        << what;
    EXPECT_EQ(what.find('\n'), std::string::npos) << what;
    EXPECT_LT(what.size(), 400u);
    return what;
  }
  ADD_FAILURE() << "was taken: " << text.substr(0, 100);
  return "";
}

void expect_refused(const Json& json, const std::string& why) {
  EXPECT_NE(refusal_of(json.dump()).find(why), std::string::npos) << json.dump(1);
}

TEST(Baseline, a_ratio_is_that_of_the_medians_over_the_rounds) {
  const Past past(report_of({run_at(100), run_at(900), run_at(200)}));
  Report report = report_of({run_at(100), run_at(200)});
  past.baseline().compare(report, 0);
  for (const RunResult& run : report.runs) {
    ASSERT_TRUE(run.baseline_ratio);
    EXPECT_DOUBLE_EQ(*run.baseline_ratio, 0.75);
    EXPECT_EQ(run.checks.size(), 1u) << "it only informs";
    EXPECT_EQ(run.verdict, Verdict::pass);
  }
  EXPECT_TRUE(report.comparison->differences.empty());
}

TEST(Baseline, a_ratio_below_the_one_asked_for_is_a_failed_check) {
  const Past past(report_of({run_at(1000)}));
  Report slow = report_of({run_at(799)});
  past.baseline().compare(slow, 0.8);
  EXPECT_EQ(slow.runs[0].verdict, Verdict::fail);
  EXPECT_EQ(slow.runs[0].checks.back().name, "baseline");
  EXPECT_FALSE(slow.runs[0].checks.back().passed);
  EXPECT_EQ(exit_status_of(slow), ExitStatus::wrong);
  EXPECT_NE(slow.runs[0].reproduce.find(" --fail-below 0.8"), std::string::npos);

  Report fast = report_of({run_at(800)});
  fast.not_run.clear();
  past.baseline().compare(fast, 0.8);
  EXPECT_EQ(fast.runs[0].verdict, Verdict::pass);
  EXPECT_TRUE(fast.runs[0].checks.back().passed);
  EXPECT_EQ(exit_status_of(fast), ExitStatus::well);
}

TEST(Baseline, what_did_not_come_to_its_end_has_no_ratio) {
  RunResult died = run_at(1, Verdict::crash);
  died.last_steps.emplace();
  RunResult unknown = run_at(0, Verdict::hang);
  unknown.seconds = -1;
  for (const RunResult& bad : {died, unknown}) {
    Report report = report_of({bad});
    Past(report_of({run_at(100)})).baseline().compare(report, 0.5);
    EXPECT_FALSE(report.runs[0].baseline_ratio);
    EXPECT_EQ(report.runs[0].verdict, bad.verdict);
    report = report_of({run_at(100)});
    Past(report_of({bad})).baseline().compare(report, 0.5);
    EXPECT_FALSE(report.runs[0].baseline_ratio);
    EXPECT_EQ(report.runs[0].verdict, Verdict::pass);
  }
  Report report = report_of({run_at(100)});
  Past(report_of({run_at(0)})).baseline().compare(report, 0.5);
  EXPECT_FALSE(report.runs[0].baseline_ratio)
      << "nothing is so many times as fast as 0";
}

TEST(Baseline, says_which_verdicts_became_worse_and_what_is_not_in_it) {
  const Past past(report_of({run_at(1), some_run("rings", Verdict::fail),
                             some_run("set", Verdict::unverified)}));
  Report report =
      report_of({run_at(1), run_at(1, Verdict::crash), some_run("rings", Verdict::pass),
                 some_run("set", Verdict::fail), some_run("new", Verdict::fail)});
  past.baseline().compare(report, 0);
  EXPECT_EQ(report.comparison->worse,
            (std::vector<std::string>{"hot-object was pass and is crash",
                                      "set was unverified and is fail"}));
  EXPECT_EQ(report.comparison->missing, std::vector<std::string>{"new"});
}

TEST(Baseline, says_what_was_different_in_machine_build_and_settings) {
  Past past(report_of({run_at(1)}));
  past.json["host"]["cpu"] = "another\n\x1b[31m";
  past.json["host"]["memory_bytes"] = 1;
  past.json["build"]["checks"] = 2;
  past.json["settings"]["threads"] = 64;
  past.json["settings"]["seconds"] = 10;
  past.json["settings"].erase("pin");
  Report report = report_of({run_at(1)});
  past.baseline().compare(report, 0);
  const std::vector<std::string> lines = lines_of(*report.comparison);
  ASSERT_EQ(lines.size(), 1u);
  for (const char* part :
       {"host.cpu was 'another\\n\\x1b[31m' and is '",
        "build.checks was '2' and is '0'", "settings.threads was '64' and is '4'",
        "settings.seconds was '10' and is '60.0'"}) {
    EXPECT_NE(lines[0].find(part), std::string::npos) << lines[0];
  }
  EXPECT_EQ(lines[0].find("memory"), std::string::npos);
  EXPECT_EQ(lines[0].find("pin"), std::string::npos) << "it was not recorded then";
}

TEST(Baseline, what_is_no_report_is_refused) {
  for (const char* text : {"", "no", "{", "\xff", "[1]x", "{\"a\":1e999}"})
    EXPECT_NE(refusal_of(text).find("not JSON"), std::string::npos) << text;
  for (const char* text : {"null", "[]", "1", "{}", "\"\""})
    EXPECT_NE(refusal_of(text).find("no report"), std::string::npos) << text;
}

TEST(Baseline, a_report_that_lacks_something_or_has_absurd_values_is_refused) {
  const Json whole = Past(report_of({run_at(1)})).json;
  const auto with = [&](const char* pointer, const Json& value) {
    Json json = whole;
    json[Json::json_pointer(pointer)] = value;
    return json;
  };
  expect_refused(with("/schema", 2), "its schema is 2");
  expect_refused(with("/schema", std::string(100'000, 'x')), "its schema is");
  expect_refused(with("/runs", 1), "'runs'");
  expect_refused(with("/runs", {1}), "'runs'");
  for (const Json& bad : {Json(-1), Json(1e300), Json("1"), Json::array()})
    expect_refused(with("/runs/0/operations_per_second", bad), "per_second' cannot");
  for (const Json& bad : {Json("fine"), Json(1), Json(), Json(std::string(2000, 'x'))})
    expect_refused(with("/runs/0/verdict", bad), "'verdict' cannot");
  expect_refused(with("/runs/0/workload", nullptr), "'workload' cannot");
  expect_refused(with("/host/cpu", std::string(2000, 'x')), "'host' cannot");
  for (const char* name : {"workload", "verdict", "operations_per_second"}) {
    Json json = whole;
    json["runs"][0].erase(name);
    expect_refused(json, fmt::format("it has no '{}'", name));
  }
  Json json = whole;
  json.erase("runs");
  expect_refused(json, "it has no 'runs'");
}

TEST(Baseline, a_file_that_is_too_much_is_refused_in_time) {
  EXPECT_NE(refusal_of(std::string((32 << 20) + 1, ' ')).find("larger than 32.0 MiB"),
            std::string::npos);
  EXPECT_NE(refusal_of(std::string(10 << 20, '[')).find("nested too deep"),
            std::string::npos);
}

TEST(Baseline, what_is_no_file_is_refused_and_not_waited_for) {
  const Scratch scratch;
  ASSERT_EQ(::mkfifo(scratch.path("pipe").c_str(), 0600), 0);
  for (const std::string& path : {scratch.path("pipe"), scratch.path(""),
                                  scratch.path("gone"), std::string("/dev/zero")}) {
    EXPECT_THROW(Baseline{path}, UsageError) << path;
  }
}

}  // namespace
}  // namespace threadmill
