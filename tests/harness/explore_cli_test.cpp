// SPDX-License-Identifier: Apache-2.0
//
// `threadmill explore` and `threadmill replay` as their users run them.
#include <csignal>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/harness/executable.hpp"
#include "tests/harness/scratch.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;

constexpr const char* kFault = "foreign-decref-frees-unmerged";
constexpr const char* kScenario = "merge-drop-by-two";

class ExploreCli : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Executable("threadmill-explore").exists())
      GTEST_SKIP() << "this preset has no explorer";
  }

  void expect_one_line(const Outcome& outcome, const std::string& part) {
    EXPECT_EQ(outcome.status, 2) << outcome.out << outcome.err;
    EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
  }

  // Finds the fault, and returns the path of its replay file.
  std::string find_fault() {
    const Outcome outcome = program_.run(
        {"explore", kScenario, "--fault", kFault, "--save", scratch_.path("found")});
    EXPECT_EQ(outcome.status, 1) << outcome.out << outcome.err;
    EXPECT_NE(outcome.out.find("FAIL"), std::string::npos) << outcome.out;
    return scratch_.path("found/" + std::string(kScenario) + ".replay.json");
  }

  const Scratch scratch_;
  const Executable program_{"threadmill"};
};

TEST_F(ExploreCli, a_scenario_that_is_right_is_exhausted) {
  const Outcome outcome = program_.run(
      {"explore", kScenario, "--seconds", "20", "--json", scratch_.path("out.json")});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("exhaustive"), std::string::npos) << outcome.out;
  const Json json = Json::parse(scratch_.content("out.json"));
  EXPECT_EQ(json["schema"], 1);
  ASSERT_EQ(json["scenarios"].size(), 1u);
  EXPECT_EQ(json["scenarios"][0]["scenario"], kScenario);
  EXPECT_EQ(json["scenarios"][0]["verdict"], "pass");
  EXPECT_EQ(json["scenarios"][0]["exhaustive"], true);
}

TEST_F(ExploreCli, a_finding_is_shown_saved_and_replayed) {
  const std::string path = find_fault();
  const Outcome replay = program_.run({"replay", path, "--times", "100"});
  EXPECT_EQ(replay.status, 1) << replay.err;
  EXPECT_NE(replay.out.find("100 of 100 executions failed"), std::string::npos)
      << replay.out;
  EXPECT_NE(replay.out.find("T1"), std::string::npos) << replay.out;
}

TEST_F(ExploreCli, litmus_tests_show_their_outcomes_when_asked_for) {
  const Outcome outcome = program_.run({"explore", "litmus-sb-rlx", "--memory", "rc11",
                                        "--json", scratch_.path("out.json")});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("r0=0 r1=0 | x=1 y=1  allowed"), std::string::npos)
      << outcome.out;
  const Json json = Json::parse(scratch_.content("out.json"));
  const Json& outcomes = json["scenarios"][0]["outcomes"];
  ASSERT_EQ(outcomes.size(), 4u);
  for (const Json& row : outcomes) {
    EXPECT_EQ(row["grade"], "allowed") << row;
    EXPECT_GE(row["count"], 1) << row;
  }
}

TEST_F(ExploreCli, jobs_share_out_scenarios_in_order_and_one_scenario_by_seeds) {
  const auto run = [&](std::vector<std::string> arguments, const char* jobs) {
    arguments.insert(arguments.end(), {"--jobs", jobs, "--save", "", "--json",
                                       scratch_.path("out.json")});
    const Outcome outcome = program_.run(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
    return Json::parse(scratch_.content("out.json"))["scenarios"];
  };
  const std::vector<std::string> many{"explore", "litmus-co*", "--strategy", "dfs"};
  Json by_one = run(many, "1");
  Json by_four = run(many, "4");
  ASSERT_GE(by_one.size(), 4u);
  for (Json* list : {&by_one, &by_four}) {
    for (Json& row : *list) row.erase("seconds");
  }
  EXPECT_EQ(by_one, by_four);
  const Json sampled = run({"explore", kScenario, "--strategy", "pos", "--iterations",
                            "1001", "--seconds", "60"},
                           "4");
  EXPECT_EQ(sampled[0]["executions"], 1001);
}

TEST_F(ExploreCli, a_schedule_that_cannot_be_saved_is_still_shown) {
  scratch_.write("file", "");
  const Outcome outcome = program_.run({"explore", kScenario, "--fault", kFault,
                                        "--save", scratch_.path("file/folder")});
  EXPECT_EQ(outcome.status, 1) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("  repeat: "), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("not saved"), std::string::npos) << outcome.err;
}

TEST_F(ExploreCli, the_time_is_kept) {
  const Outcome outcome = program_.run({"explore", "--seconds", "3", "--save", ""});
  EXPECT_LT(outcome.seconds, 4.5);
  EXPECT_NE(outcome.status, 1) << outcome.out;
}

TEST_F(ExploreCli, an_interrupt_keeps_what_was_found_out) {
  const Outcome outcome = program_.run_and_signal(
      {"explore", "--strategy", "random", "--seconds", "300", "--save", ""},
      "executions", SIGINT);
  EXPECT_EQ(outcome.status, 130) << outcome.err;
  EXPECT_NE(outcome.out.find("pass"), std::string::npos) << outcome.out;
}

TEST_F(ExploreCli, bad_usage_is_one_line_and_status_2) {
  expect_one_line(program_.run({"explore", "no-such-scenario"}), "no-such-scenario");
  expect_one_line(program_.run({"explore", "--strategy", "luck"}), "--strategy 'luck'");
  expect_one_line(program_.run({"explore", "--memory", "tso"}), "--memory 'tso'");
  expect_one_line(program_.run({"explore", "--seconds", "nan"}), "--seconds");
  expect_one_line(program_.run({"explore", "--iterations", "-1"}), "--iterations");
  expect_one_line(program_.run({"explore", "--depth", "0"}), "--depth");
  expect_one_line(program_.run({"explore", "--jobs", "0"}), "--jobs");
  expect_one_line(program_.run({"explore", "--jobs", "257"}), "--jobs");
  expect_one_line(program_.run({"explore", "--fault", "no-such-fault"}), "--fault");
  expect_one_line(program_.run({"explore", kScenario, "--json", "/nowhere/out.json"}),
                  "/nowhere/out.json");
  expect_one_line(program_.run({"replay"}), "FILE");
}

TEST_F(ExploreCli, replay_files_are_not_trusted) {
  expect_one_line(program_.run({"replay", scratch_.path("missing")}), "missing");
  static_cast<void>(find_fault());
  const std::string good =
      scratch_.content("found/" + std::string(kScenario) + ".replay.json");
  const auto refused = [&](const std::string& name, const std::string& text) {
    scratch_.write(name, text);
    expect_one_line(program_.run({"replay", scratch_.path(name)}), name);
  };
  refused("empty", "");
  refused("half", good.substr(0, good.size() / 2));
  refused("bytes", std::string("\0\xff\xfe{", 4));
  const auto changed = [&](const char* key, const Json& value) {
    Json json = Json::parse(good);
    json[key] = value;
    return json.dump();
  };
  refused("version", changed("threadmill_replay", 2));
  refused("build", changed("build", "0123456789abcdef"));
  refused("scenario", changed("scenario", "no\nsuch"));
  refused("memory", changed("memory", "tso"));
  refused("thread", changed("schedule", Json::array({Json::array({8})})));
  refused("entry", changed("schedule", Json::array({Json::array()})));
  refused("negative", changed("schedule", Json::array({Json::array({-1})})));
  refused("text", changed("schedule", "0 1 0 1"));
  refused("left-out", changed("left_out", Json::array({99})));
}

TEST_F(ExploreCli, list_shows_the_scenarios) {
  const Json json = Json::parse(program_.run({"list", "--json"}).out);
  EXPECT_GE(json["scenarios"].size(), 42u);
  EXPECT_NE(program_.run({"list"}).out.find(kScenario), std::string::npos);
}

}  // namespace
}  // namespace threadmill
