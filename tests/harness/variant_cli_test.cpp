// SPDX-License-Identifier: Apache-2.0
//
// stress --refcount: the executable over that variant of the runtime runs, and says so.
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/harness/executable.hpp"
#include "tests/harness/scratch.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;

class VariantCli : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!variant_.exists())
      GTEST_SKIP() << "this build has no threadmill-" << GetParam();
  }

  // One short run, asked for in that way.
  static void expect_a_run_over(const std::string& refcount,
                                const Executable& program,
                                std::vector<std::string> arguments) {
    const Scratch scratch;
    arguments.insert(arguments.end(), {"own-counts", "--seconds", "1", "--threads", "2",
                                       "--json", scratch.path("out.json")});
    const Outcome outcome = program.run(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
    const Json report = Json::parse(scratch.content("out.json"));
    EXPECT_EQ(report["build"]["refcount"], refcount);
    const std::string command = report["runs"][0]["reproduce"];
    EXPECT_EQ(command.find("threadmill stress own-counts "), 0u) << command;
    EXPECT_NE(command.find(" --refcount " + refcount), std::string::npos) << command;
  }

  const Executable program_{"threadmill"};
  const Executable variant_{"threadmill-" + GetParam()};
};

TEST_P(VariantCli, version_says_how_it_counts) {
  const Json version = Json::parse(variant_.run({"version", "--json"}).out);
  EXPECT_EQ(version["refcount"], GetParam());
}

TEST_P(VariantCli, a_run_is_over_the_variant_and_so_is_the_line_that_reproduces_it) {
  expect_a_run_over(GetParam(), program_, {"stress", "--refcount", GetParam()});
  expect_a_run_over(GetParam(), variant_, {"stress"});
  expect_a_run_over("biased", variant_, {"stress", "--refcount", "biased"});
}

TEST_P(VariantCli, faults_and_chaos_with_it_are_one_line_and_status_2) {
  for (const Executable& program : {program_, variant_}) {
    for (const char* option : {"--fault=retire-goal-too-early", "--chaos=2"}) {
      const Outcome outcome =
          program.run({"stress", "own-counts", "--refcount", GetParam(), option});
      EXPECT_EQ(outcome.status, 2) << option;
      EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
      EXPECT_NE(outcome.err.find(GetParam()), std::string::npos) << outcome.err;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of,
                         VariantCli,
                         testing::Values("atomic", "locked"),
                         [](const auto& which) { return which.param; });

TEST(RefcountOption, another_word_is_one_line_and_status_2) {
  const Outcome outcome = Executable("threadmill").run({"stress", "--refcount", "odd"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
}

TEST(RefcountOption, a_variant_that_was_not_built_is_one_line_and_status_2) {
  if (Executable("threadmill-locked").exists()) GTEST_SKIP() << "it was built";
  const Executable program("threadmill");
  const Json version = Json::parse(program.run({"version", "--json"}).out);
  if (version["refcount"] == "locked") GTEST_SKIP() << "this one is it";
  const Outcome outcome = program.run({"stress", "--refcount", "locked"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
  EXPECT_NE(outcome.err.find("--refcount"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace threadmill
