// SPDX-License-Identifier: Apache-2.0
//
// `stress --trace`: what threads did when, as Perfetto and chrome://tracing read it.
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/trace_json.hpp"
#include "tests/harness/executable.hpp"
#include "tests/harness/scratch.hpp"
#include "tests/harness/some_report.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;

TEST(TraceJson, a_workload_is_a_process_and_a_lane_is_a_thread) {
  Report report = some_report();
  report.runs.resize(1);
  RunResult& run = report.runs.front();
  run.throughput = {{0, 0}, {0.5, 70}};
  run.trace = {{"stages", "running", 2'000'000, 1'500},
               {"slot 1", kNasty, 2'001'000, 5}};
  const Json trace = Json::parse(trace_json(report));
  std::vector<Json> spans;
  std::vector<Json> counts;
  std::map<int, std::string> lanes;
  for (const Json& event : trace["traceEvents"]) {
    EXPECT_EQ(event["pid"], 1);
    if (event["ph"] == "X") spans.push_back(event);
    if (event["ph"] == "C") counts.push_back(event);
    if (event["name"] == "thread_name") lanes[event["tid"]] = event["args"]["name"];
    if (event["name"] == "process_name") {
      EXPECT_EQ(event["args"]["name"], run.workload);
    }
  }
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0]["ts"], 0.0);
  EXPECT_EQ(spans[0]["dur"], 1.5);
  EXPECT_EQ(spans[1]["ts"], 1.0);
  EXPECT_EQ(lanes[spans[0]["tid"]], "stages");
  EXPECT_EQ(lanes[spans[1]["tid"]], "slot 1");
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[1]["ts"], 500'000.0);
  EXPECT_EQ(counts[1]["args"]["operations"], 70);
}

TEST(TraceCli, a_run_leaves_its_stages_its_pauses_and_what_its_threads_did) {
  const Scratch scratch;
  const std::string path = scratch.path("trace.json");
  const Outcome outcome =
      Executable("threadmill")
          .run({"stress", "pause-storms", "own-counts", "--seconds", "3", "--threads",
                "2", "--seed", "7", "--trace", path});
  ASSERT_EQ(outcome.status, 0) << outcome.err << outcome.out;
  const Json trace = Json::parse(scratch.content("trace.json"));
  std::map<int, std::string> processes;
  std::map<std::pair<int, int>, std::string> lanes;
  for (const Json& event : trace["traceEvents"]) {
    if (event["name"] == "process_name")
      processes[event["pid"]] = event["args"]["name"];
    if (event["name"] == "thread_name")
      lanes[{event["pid"], event["tid"]}] = event["args"]["name"];
  }
  std::map<std::string, std::set<std::string>> seen;  // workload and lane: names
  for (const Json& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    EXPECT_GE(event["ts"], 0.0);
    EXPECT_GE(event["dur"], 0.0);
    seen[processes.at(event["pid"]) + " " + lanes.at({event["pid"], event["tid"]})]
        .insert(event["name"]);
  }
  for (const char* workload : {"own-counts", "pause-storms"}) {
    EXPECT_TRUE(seen[workload + std::string(" stages")].contains("running"))
        << workload;
    // Slot 1 is the director's; workers have the next ones.
    EXPECT_TRUE(seen[workload + std::string(" slot 2")].contains("attached"))
        << workload;
  }
  EXPECT_TRUE(seen["pause-storms pauses"].contains("pause"));
}

}  // namespace
}  // namespace threadmill
