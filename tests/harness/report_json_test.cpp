// SPDX-License-Identifier: Apache-2.0
#include "harness/report_json.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/harness/some_report.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;

TEST(ReportJson, holds_every_field_of_the_schema) {
  Report report = some_report();
  report.runs = {some_run("hot-object", Verdict::pass)};
  report.runs[0].facts = {{"skipped", "3"}};
  report.not_run.clear();
  const Json json = Json::parse(report_json(report));
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
  EXPECT_EQ(run["operations"], 1234567);
  EXPECT_EQ(run["operations_per_second"], 617284);
  EXPECT_EQ(run["checks"].at(0)["name"], "sum");
  EXPECT_EQ(run["checks"].at(0)["verified"], 1000);
  EXPECT_EQ(run["checks"].at(0)["passed"], true);
  EXPECT_EQ(run["verdict"], "pass");
  ASSERT_EQ(run["latencies"].size(), 2u);
  EXPECT_EQ(run["latencies"][0]["name"], "stop");
  EXPECT_EQ(run["latencies"][0]["p99_ns"], 900);
  EXPECT_EQ(run["latencies"][0]["buckets_ns"].at(1), (Json{896, 960, 1}));
  EXPECT_EQ(run["throughput"]["seconds"], (Json{0.0, 0.5, 1.235, 2.0}));
  EXPECT_EQ(run["throughput"]["operations"], (Json{0, 200'000, 700'000, 1'234'567}));
  EXPECT_EQ(run["fairness"]["minimum_operations"], 200);
  EXPECT_EQ(run["fairness"]["maximum_operations"], 300);
  EXPECT_EQ(run["facts"]["skipped"], "3");
  EXPECT_EQ(json["settings"]["threads"], 4);
  EXPECT_EQ(json["settings"]["seconds"], 60);
  EXPECT_EQ(json["began"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(json["elapsed_seconds"], 61.5);
  EXPECT_EQ(run["most_pauses_to_attach"], 1);
  EXPECT_EQ(run["held_peaks"]["retired_bytes"], 4096);
  EXPECT_EQ(run["held_peaks"]["inbox_entries"], 7);
  EXPECT_EQ(run["held_peaks"]["page_bytes"], 65536);
  EXPECT_EQ(run["coverage"]["pairs"], 3);
  EXPECT_EQ(run["coverage"]["both_orders"], 2);
  EXPECT_EQ(run["coverage"]["one_order"][0]["second"], "b.hpp:2 writes");
}

TEST(ReportJson, bytes_that_are_no_utf8_do_not_break_it) {
  EXPECT_TRUE(Json::accept(report_json(some_report())));
}

TEST(ReportJson, circumstances_are_the_fields_of_host_build_and_settings) {
  const Report report = some_report();
  const Json json = Json::parse(report_json(report));
  const Circumstances all = circumstances_of(report);
  EXPECT_EQ(all.size(),
            json["host"].size() + json["build"].size() + json["settings"].size());
  EXPECT_EQ(all.front().first, "host.cpu");
  const std::pair<std::string, std::string> fault = {"settings.fault",
                                                     valid_utf8(kNasty)};
  EXPECT_NE(std::find(all.begin(), all.end(), fault), all.end());
}

TEST(ReportJson, a_listing_gives_its_faults_back) {
  const Listing listing = {{{"w", "counts", "counts", true}},
                           {{"s", "shows it"}},
                           {{"f", "A7", "drops it", "w", "s", true}}};
  const Json json = Json::parse(listing_json(listing));
  EXPECT_EQ(json["workloads"].at(0)["reads_input"], true);
  const std::vector<FaultEntry> faults = faults_of_listing(json.dump());
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].name, "f");
  EXPECT_TRUE(faults[0].is_control);
  EXPECT_TRUE(faults_of_listing("not json").empty());
}

TEST(ReportJson, of_a_run_whose_process_died_holds_its_last_steps) {
  Report report;
  report.runs = {some_run("hot-object", Verdict::pass)};
  report.runs[0].last_steps = {"running", {7, 8}, {"f()+0x1 (x+0x2)"}, {"slot 1"}};
  report.runs[0].seconds = -1;
  report.runs[0].latencies.clear();
  report.runs[0].held.reset();
  const Json json = Json::parse(report_json(report));
  const Json& run = json["runs"].at(0);
  EXPECT_TRUE(run["seconds"].is_null()) << "it is not known";
  EXPECT_TRUE(run["operations"].is_null());
  EXPECT_TRUE(run["fairness"].is_null());
  EXPECT_TRUE(run["latencies"].is_null());
  EXPECT_TRUE(run["most_pauses_to_attach"].is_null());
  EXPECT_TRUE(run["held_peaks"].is_null());
  EXPECT_EQ(run["last_steps"]["stage"], "running");
  EXPECT_EQ(run["last_steps"]["operations"], (std::vector<int>{7, 8}));
  EXPECT_EQ(run["last_steps"]["stack"].at(0), "f()+0x1 (x+0x2)");
  EXPECT_EQ(run["last_steps"]["more"].at(0), "slot 1");
}

}  // namespace
}  // namespace threadmill
