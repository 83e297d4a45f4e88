// SPDX-License-Identifier: Apache-2.0
//
// stress --fault: the normal executable knows no fault, starts the one that does, and
// passes on what that one found.
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/harness/executable.hpp"
#include "tests/harness/scratch.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;

class FaultCli : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!faulty_.exists()) GTEST_SKIP() << "this build has no threadmill-faults";
  }

  [[nodiscard]] Json catalogue() const {
    return Json::parse(faulty_.run({"list", "--faults-only", "--json"}).out)["faults"];
  }

  [[nodiscard]] std::vector<std::string> faults() const {
    std::vector<std::string> names;
    for (const Json& fault : catalogue()) names.push_back(fault["name"]);
    return names;
  }

  const Executable program_{"threadmill"};
  const Executable faulty_{"threadmill-faults"};
};

TEST_F(FaultCli, the_normal_executable_holds_no_name_of_a_fault) {
  std::ifstream file(program_.path(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  ASSERT_GT(bytes.size(), 1000u);
  ASSERT_FALSE(faults().empty());
  for (const std::string& name : faults()) {
    EXPECT_EQ(bytes.find(name), std::string::npos) << name;
  }
}

TEST_F(FaultCli, list_shows_the_faults_of_the_executable_beside_it) {
  const std::string text = program_.run({"list"}).out;
  const Json listing = Json::parse(program_.run({"list", "--json"}).out);
  ASSERT_EQ(listing["faults"].size(), faults().size());
  for (const std::string& name : faults()) {
    EXPECT_NE(text.find(name), std::string::npos) << name;
  }
}

TEST_F(FaultCli, an_unknown_fault_is_one_line_and_status_2) {
  for (const char* name : {"no-such-fault", "two\nlines"}) {
    const Outcome outcome = program_.run({"stress", "--fault", name});
    EXPECT_EQ(outcome.status, 2) << name;
    EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
    EXPECT_NE(outcome.err.find("--fault"), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(FaultCli, bad_usage_beside_a_fault_is_one_line_and_status_2) {
  const Outcome outcome =
      program_.run({"stress", "no-such-workload", "--fault", faults().front()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
}

TEST_F(FaultCli, chaos_disturbs_and_all_is_still_right) {
  for (const char* reuse : {"at-once", "late"}) {
    const Scratch scratch;
    const Outcome outcome = program_.run(
        {"stress", "shared-list", "shared-dict-mixed", "detached-owners", "--seconds",
         "2", "--chaos", "3", "--reuse", reuse, "--json", scratch.path("out.json")});
    EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
    const Json report = Json::parse(scratch.content("out.json"));
    ASSERT_EQ(report["runs"].size(), 3u);
    for (const Json& run : report["runs"]) {
      EXPECT_NE(run["facts"].value("chaos", ""), "") << run;
      const std::string command = run["reproduce"];
      EXPECT_NE(command.find(std::string("--chaos 3 --reuse ") + reuse),
                std::string::npos)
          << command;
    }
  }
}

using FaultCliSlow = FaultCli;

// Only an order of operations shows these.
const std::map<std::string, std::string> kFaultsOfOrder = {
    {"pop-in-two-steps", "linearizable-list"},
    {"set-default-in-two-steps", "linearizable-dict"},
    {"unstable-means-absent", "linearizable-set"},
};

TEST_F(FaultCliSlow, faults_of_order_are_found_with_any_seed_and_the_window_is_shown) {
  for (const auto& [name, workload] : kFaultsOfOrder) {
    for (const char* seed : {"1", "2", "3"}) {
      const Scratch scratch;
      const Outcome outcome = program_.run(
          {"stress", workload, "--seconds", "6", "--repeat", "5", "--until-failure",
           "--seed", seed, "--fault", name, "--json", scratch.path("out.json")});
      EXPECT_EQ(outcome.status, 1) << name << "\n" << outcome.out << outcome.err;
      EXPECT_NE(outcome.err.find("oracle every window has an order"), std::string::npos)
          << outcome.err;
      const Json report = Json::parse(scratch.content("out.json"), nullptr, false);
      ASSERT_TRUE(report.is_object()) << outcome.err;
      EXPECT_NE(report["runs"].back()["facts"].value("window 01", ""), "") << report;
    }
  }
}

// Slow paths that are taken for no reason let others into sections.
TEST_F(FaultCliSlow, operations_have_an_order_under_chaos) {
  for (const char* level : {"2", "3"}) {
    const Outcome outcome =
        program_.run({"stress", "linearizable-list", "linearizable-dict",
                      "linearizable-set", "--seconds", "12", "--chaos", level});
    // 3: on a busy machine a workload said nothing.
    EXPECT_TRUE(outcome.status == 0 || outcome.status == 3)
        << outcome.out << outcome.err;
    EXPECT_EQ(outcome.err, "");
  }
}

// By the workload that is for it, so that the time is enough beside other tests.
TEST_F(FaultCliSlow, every_fault_is_found_by_its_workload_and_the_oracle_is_named) {
  int found = 0;
  for (const Json& fault : catalogue()) {
    const std::string name = fault["name"];
    const std::string workload = fault["workload"];
    if (workload.empty() || fault["control"]) continue;
    ++found;
    const Scratch scratch;
    const Outcome outcome = program_.run(
        {"stress", workload, "--seconds", "3", "--repeat", "10", "--until-failure",
         "--seed", "1", "--fault", name, "--json", scratch.path("out.json")});
    EXPECT_EQ(outcome.status, 1) << name << "\n" << outcome.out << outcome.err;
    EXPECT_NE(outcome.err.find(": workload " + workload + ", oracle "),
              std::string::npos)
        << outcome.err;
    EXPECT_NE(outcome.err.find("--fault " + name), std::string::npos) << outcome.err;
    const Json json = Json::parse(scratch.content("out.json"), nullptr, false);
    ASSERT_TRUE(json.is_object()) << name << ": no report\n" << outcome.err;
    EXPECT_NE(json["verdict"], "pass") << name;
    EXPECT_NE(json["verdict"], "unverified") << name;
  }
  EXPECT_GE(found, 29);
}

// Where what they change happens often.
TEST_F(FaultCliSlow, controls_are_legal_and_nothing_is_found) {
  int controls = 0;
  for (const Json& fault : catalogue()) {
    if (!fault["control"]) continue;
    ++controls;
    const std::string name = fault["name"];
    const Outcome outcome =
        program_.run({"stress", "shared-list", "shared-dict-mixed", "foreign-counts",
                      "--seconds", "6", "--seed", "1", "--fault", name});
    // 3: on a busy machine a workload said nothing.
    EXPECT_TRUE(outcome.status == 0 || outcome.status == 3)
        << name << "\n"
        << outcome.out << outcome.err;
    EXPECT_EQ(outcome.err, "") << name;
  }
  EXPECT_GE(controls, 7);
}

// What one oracle is for, and no other oracle sees.
TEST_F(FaultCli, an_oracle_finds_the_fault_that_it_is_for) {
  struct Case {
    const char* fault;
    const char* workload;
    const char* oracle;
  };
  for (const auto& [fault, workload, oracle] :
       {Case{"pause-starves-attacher", "pause-storms", "latency"},
        Case{"retire-unbounded-by-bytes", "gh-133136-retired-bytes", "held-memory"},
        Case{"short-threads-never-reclaim", "shared-list", "held-memory"},
        Case{"owner-zero-without-merged-flag", "pause-storms", "header-state"}}) {
    const Outcome outcome =
        program_.run({"stress", workload, "--seconds", "3", "--seed", "1", "--threads",
                      "4", "--fault", fault});
    EXPECT_EQ(outcome.status, 1) << fault << "\n" << outcome.out << outcome.err;
    const std::string what =
        ": workload " + std::string(workload) + ", oracle " + oracle;
    EXPECT_NE(outcome.err.find(what), std::string::npos) << fault << "\n"
                                                         << outcome.err;
  }
}

TEST_F(FaultCli, faults_says_which_instrument_found_which_fault_and_how) {
  const Scratch scratch;
  const Outcome outcome = program_.run(
      {"faults", "try-incref-accepts-plain", "seqlock-reader-*", "--seconds", "6",
       "--json", scratch.path("matrix.json"), "--html", scratch.path("matrix.html")});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("2 of 2 faults detected"), std::string::npos)
      << outcome.out;
  const Json json = Json::parse(scratch.content("matrix.json"));
  ASSERT_EQ(json["faults"].size(), 2u);
  const Json& plain = json["faults"][0]["instruments"];
  EXPECT_EQ(plain["stress"]["detected"], true) << plain;
  EXPECT_EQ(plain["explore-sc"]["detected"], true) << plain;
  EXPECT_GE(plain["explore-sc"]["executions"], 1) << plain;
  const std::string command = plain["explore-sc"]["reproduce"];
  EXPECT_TRUE(command.starts_with("threadmill explore try-incref-of-plain "))
      << command;
  const Json& seqlock = json["faults"][1]["instruments"];
  EXPECT_EQ(seqlock["explore-sc"]["detected"], false) << seqlock;
  EXPECT_EQ(seqlock["explore-rc11"]["detected"], true) << seqlock;
  EXPECT_TRUE(seqlock["stress"]["detected"].is_null()) << seqlock;
  EXPECT_NE(scratch.content("matrix.html").find("try-incref-accepts-plain"),
            std::string::npos);
}

// A missing order, which this processor gives anyway, and a runtime that ends under a thread
// of its own: each is seen by the sanitizer that is for it, in a report of its own.
TEST_F(FaultCli, the_twins_report_a_missing_order_and_a_use_after_free) {
  for (const char* twin : {"threadmill-faults-tsan", "threadmill-faults-asan"}) {
    if (!Executable(twin).exists()) GTEST_SKIP() << "this build has no " << twin;
  }
  const Scratch scratch;
  const Outcome outcome =
      program_.run({"faults", "last-decref-no-acquire", "daemon-never-stopped",
                    "--seconds", "15", "--json", scratch.path("matrix.json")});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  const Json json = Json::parse(scratch.content("matrix.json"));
  std::map<std::string, Json> found;
  for (const Json& row : json["faults"]) found[row["name"]] = row["instruments"];
  const Json& order = found.at("last-decref-no-acquire");
  EXPECT_TRUE(order["stress"]["detected"].is_null()) << order;
  EXPECT_EQ(order["tsan"]["detected"], true) << order;
  EXPECT_EQ(order["tsan"]["oracle"], "data race") << order;
  const std::string command = order["tsan"]["reproduce"];
  EXPECT_TRUE(command.starts_with("threadmill-faults-tsan stress ")) << command;
  const Json& freed = found.at("daemon-never-stopped");
  EXPECT_EQ(freed["asan"]["detected"], true) << freed;
  EXPECT_EQ(freed["asan"]["oracle"], "heap-use-after-free") << freed;
}

TEST_F(FaultCli, coverage_says_which_accesses_met_in_one_order_only) {
  const Scratch scratch;
  const Outcome outcome =
      program_.run({"stress", "hot-object", "--seconds", "2", "--threads", "4",
                    "--coverage", "--json", scratch.path("out.json")});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find(" pairs of places in both orders"), std::string::npos)
      << outcome.out;
  const Json report = Json::parse(scratch.content("out.json"));
  const Json& run = report["runs"].at(0);
  const Json& coverage = run["coverage"];
  const std::size_t pairs = coverage["pairs"];
  const std::size_t both = coverage["both_orders"];
  EXPECT_GT(both, 0u);  // two threads count one object up and down
  EXPECT_EQ(coverage["one_order"].size(), pairs - both);
  for (const Json& pair : coverage["one_order"]) {
    const std::string unseen = pair["second"].get<std::string>() + " directly before " +
                               pair["first"].get<std::string>();
    EXPECT_NE(outcome.out.find("never seen: " + unseen + "\n"), std::string::npos)
        << unseen;
  }
  EXPECT_NE(run["reproduce"].get<std::string>().find("--coverage"), std::string::npos);
}

TEST_F(FaultCli, without_coverage_the_report_has_none) {
  const Scratch scratch;
  const Outcome outcome = faulty_.run(
      {"stress", "hot-object", "--seconds", "1", "--json", scratch.path("out.json")});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  const Json report = Json::parse(scratch.content("out.json"));
  EXPECT_FALSE(report["runs"].at(0).contains("coverage"));
}

TEST_F(FaultCli, faults_refuses_what_is_none_and_paths_that_cannot_be_written) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"faults", "no-such-fault"},
           {"faults", "seqlock-*", "--seconds", "0"},
           {"faults", "seqlock-*", "--json", "/nowhere/at/all.json"}}) {
    const Outcome outcome = program_.run(words);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(FaultCli, the_doctor_finds_each_symptom_in_ten_seconds) {
  const Outcome outcome = program_.run({"doctor", "--json"});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  const Json json = Json::parse(outcome.out);
  ASSERT_EQ(json["symptoms"].size(), 5u);
  for (const Json& symptom : json["symptoms"]) {
    EXPECT_EQ(symptom["found"], true) << symptom;
    EXPECT_NE(symptom["oracle"], "") << symptom;
  }
  EXPECT_FALSE(json["not_shown_here"].empty());
  EXPECT_LT(outcome.seconds, 10);
}

TEST_F(FaultCliSlow, without_a_fault_the_faulty_executable_finds_nothing) {
  const Outcome outcome = faulty_.run({"stress", "--seconds", "20", "--seed", "1"});
  // 3: nothing wrong was found, but on a busy machine a workload said nothing.
  EXPECT_TRUE(outcome.status == 0 || outcome.status == 3) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.err, "");
}

}  // namespace
}  // namespace threadmill
