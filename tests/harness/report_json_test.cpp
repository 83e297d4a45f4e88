// SPDX-License-Identifier: Apache-2.0
#include "harness/report_json.hpp"

#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/last_will.hpp"
#include "harness/output_file.hpp"
#include "tests/harness/scratch.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;

BuildInfo some_build() {
  return {"gcc", "release", "biased", 16, "system", "none", 0, false};
}

RunResult some_run() {
  RunResult run;
  run.workload = "hot-object";
  run.threads = 4;
  run.seed = 18446744073709551615u;
  run.seconds = 2;
  run.operations = 1000;
  run.minimum_operations = 200;
  run.maximum_operations = 300;
  run.checks = {{"sum", 1000, true, "", CheckedBy::workload}};
  run.verdict = Verdict::pass;
  run.facts = {{"skipped", "3"}};
  run.reproduce = "threadmill stress hot-object";
  return run;
}

TEST(ReportJson, holds_every_field_of_the_schema) {
  Report report;
  report.seed = 42;
  report.runs = {some_run()};
  const Json json = Json::parse(report_json(report, some_build()));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["seed"], 42);
  EXPECT_EQ(json["verdict"], "pass");
  EXPECT_GT(json["resident_peak_bytes"], 0);
  EXPECT_EQ(json["build"]["header_bytes"], 16);
  EXPECT_GT(json["host"]["memory_bytes"], 0);
  EXPECT_GT(json["host"]["cores"], 0);
  const Json& run = json["runs"].at(0);
  EXPECT_EQ(run["workload"], "hot-object");
  EXPECT_EQ(run["threads"], 4);
  EXPECT_EQ(run["seed"], 18446744073709551615u);
  EXPECT_EQ(run["seconds"], 2);
  EXPECT_EQ(run["operations"], 1000);
  EXPECT_EQ(run["operations_per_second"], 500);
  EXPECT_EQ(run["checks"].at(0)["name"], "sum");
  EXPECT_EQ(run["checks"].at(0)["verified"], 1000);
  EXPECT_EQ(run["checks"].at(0)["passed"], true);
  EXPECT_EQ(run["verdict"], "pass");
  EXPECT_EQ(run["fairness"]["minimum_operations"], 200);
  EXPECT_EQ(run["fairness"]["maximum_operations"], 300);
  EXPECT_EQ(run["facts"]["skipped"], "3");
}

TEST(ReportJson, bytes_that_are_no_utf8_do_not_break_it) {
  Report report;
  report.runs = {some_run()};
  report.runs[0].facts = {{"file", "\xff\xfe\n\""}};
  EXPECT_TRUE(Json::accept(report_json(report, some_build())));
}

TEST(ReportJson, a_listing_gives_its_faults_back) {
  const Listing listing = {{{"w", "counts", "counts", true}},
                           {{"s", "shows it"}},
                           {{"f", "A7", "drops it"}}};
  const Json json = Json::parse(listing_json(listing));
  EXPECT_EQ(json["workloads"].at(0)["reads_input"], true);
  const std::vector<FaultEntry> faults = faults_of_listing(json.dump());
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].name, "f");
  EXPECT_TRUE(faults_of_listing("not json").empty());
}

class LastWillTest : public ::testing::Test {
 protected:
  LastWillTest() {
    Report so_far;
    so_far.runs = {some_run()};
    RunResult current = some_run();
    current.workload = "shared-list";
    current.facts = {{"@verdict@", "of \"@detail@\" and \"@"}};
    will_ = {"shared-list", "42", "threadmill stress shared-list",
             last_will_json(so_far, current, some_build())};
  }

  Json published(const Death& death) {
    OutputFile file(scratch_.path("out.json"));
    EXPECT_EQ(publish(will_, death, file), 0);
    return Json::parse(scratch_.content("out.json"));
  }

  Scratch scratch_;
  LastWill will_;
};

TEST_F(LastWillTest, is_the_whole_report_with_the_run_that_died) {
  const Json json =
      published({Verdict::crash, "crash", "SIGSEGV \"at\"\n\\x", 1.25, 500});
  EXPECT_EQ(json["verdict"], "crash");
  ASSERT_EQ(json["runs"].size(), 2u);
  EXPECT_EQ(json["runs"][0]["verdict"], "pass");
  const Json& run = json["runs"][1];
  EXPECT_EQ(run["workload"], "shared-list");
  EXPECT_EQ(run["verdict"], "crash");
  EXPECT_EQ(run["seconds"], 1.25);
  EXPECT_EQ(run["operations"], 500);
  EXPECT_EQ(run["operations_per_second"], 400);
  ASSERT_EQ(run["checks"].size(), 2u);
  EXPECT_EQ(run["checks"][1]["name"], "crash");
  EXPECT_EQ(run["checks"][1]["passed"], false);
  EXPECT_EQ(run["checks"][1]["detail"], "SIGSEGV 'at'??x");
}

TEST_F(LastWillTest, what_is_not_known_is_null) {
  const Json json = published({Verdict::hang, "watchdog", "a worker hangs"});
  EXPECT_TRUE(json["runs"][1]["operations"].is_null());
  EXPECT_TRUE(json["runs"][1]["seconds"].is_null());
  EXPECT_EQ(json["runs"][1]["verdict"], "hang");
}

TEST_F(LastWillTest, text_of_the_report_is_not_taken_for_a_blank) {
  const Json json = published({Verdict::fail, "I7", "broken"});
  EXPECT_EQ(json["runs"][1]["facts"].begin().value(), "of \"@detail@\" and \"@");
}

TEST_F(LastWillTest, survives_being_lent_through_a_memory_file) {
  LastWill copy;
  ASSERT_TRUE(from_memory_file(to_memory_file(will_), copy));
  EXPECT_EQ(copy.workload, will_.workload);
  EXPECT_EQ(copy.seed, will_.seed);
  EXPECT_EQ(copy.reproduce, will_.reproduce);
  EXPECT_EQ(copy.json, will_.json);
}

TEST_F(LastWillTest, half_a_will_is_none) {
  const std::string whole = to_memory_file(will_);
  LastWill copy;
  EXPECT_FALSE(from_memory_file("", copy));
  EXPECT_FALSE(
      from_memory_file(std::string_view(whole).substr(0, whole.size() / 2), copy));
}

TEST_F(LastWillTest, is_announced_with_its_workload_oracle_seed_and_command) {
  ::testing::internal::CaptureStderr();
  announce(will_, {Verdict::fail, "leak-check", "3 objects\nlive"});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "threadmill: fail: workload shared-list, oracle leak-check, seed 42: "
            "3 objects?live\n"
            "threadmill: reproduce: threadmill stress shared-list\n");
}

}  // namespace
}  // namespace threadmill
