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

  // Those that workloads show, or those that only the explorer does too.
  [[nodiscard]] std::vector<std::string> faults(bool all = true) const {
    const Outcome outcome = faulty_.run({"list", "--faults-only", "--json"});
    const Json listing = Json::parse(outcome.out);
    std::vector<std::string> names;
    for (const Json& fault : listing["faults"]) {
      if (all || !fault["only_explored"]) names.push_back(fault["name"]);
    }
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
      const Outcome outcome =
          program_.run({"stress", workload, "--seconds", "10", "--seed", seed,
                        "--fault", name, "--json", scratch.path("out.json")});
      EXPECT_EQ(outcome.status, 1) << name << "\n" << outcome.out << outcome.err;
      EXPECT_NE(outcome.err.find("oracle every window has an order"), std::string::npos)
          << outcome.err;
      const Json report = Json::parse(scratch.content("out.json"), nullptr, false);
      ASSERT_TRUE(report.is_object()) << outcome.err;
      EXPECT_NE(report["runs"][0]["facts"].value("window 01", ""), "") << report;
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

// By the workloads that are for them, since other tests run beside this one and the time is
// shared out.
TEST_F(FaultCliSlow, every_fault_is_found_and_its_workload_and_oracle_are_named) {
  for (const std::string& name : faults(/*all=*/false)) {
    if (kFaultsOfOrder.contains(name)) continue;
    const Scratch scratch;
    const Outcome outcome = program_.run(
        {"stress", "shared-list", "own-counts", "resurrection", "publishing-finalizers",
         "pause-storms", "critical-section-lattices", "gh-133136-retired-bytes",
         "gh-145615-orphaned-pages", "--seconds", "30", "--seed", "1", "--fault", name,
         "--json", scratch.path("out.json")});
    EXPECT_EQ(outcome.status, 1) << name << "\n" << outcome.out << outcome.err;
    EXPECT_NE(outcome.err.find(": workload "), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(", oracle "), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("--fault " + name), std::string::npos) << outcome.err;
    const Json json = Json::parse(scratch.content("out.json"), nullptr, false);
    ASSERT_TRUE(json.is_object()) << name << ": no report\n" << outcome.err;
    EXPECT_NE(json["verdict"], "pass") << name;
    EXPECT_NE(json["verdict"], "unverified") << name;
  }
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

TEST_F(FaultCliSlow, without_a_fault_the_faulty_executable_finds_nothing) {
  const Outcome outcome = faulty_.run({"stress", "--seconds", "20", "--seed", "1"});
  // 3: nothing wrong was found, but on a busy machine a workload said nothing.
  EXPECT_TRUE(outcome.status == 0 || outcome.status == 3) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.err, "");
}

}  // namespace
}  // namespace threadmill
