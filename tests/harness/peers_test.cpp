// SPDX-License-Identifier: Apache-2.0
//
// The benchmarks of all models, as their users run them: each has the same rows, every
// answer is right, and the context says which model it is.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/harness/executable.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;

struct Peer {
  const char* executable;
  const char* model;
  bool has_weak;
};

class Peers : public ::testing::TestWithParam<Peer> {
 protected:
  void SetUp() override {
    if (!program_.exists())
      GTEST_SKIP() << "this build has no " << GetParam().executable;
  }

  [[nodiscard]] Json results_of(const std::string& filter,
                                std::vector<std::string> words = {}) const {
    words.insert(words.begin(),
                 {"--quick", "--benchmark_min_time=0.001", "--benchmark_format=json",
                  "--threads=2", "--benchmark_filter=" + filter});
    const Outcome outcome = program_.run(words);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return Json::parse(outcome.out);
  }

  const Executable program_{GetParam().executable};
};

// The portable rows of threadmill-bench, which all peers have.
const std::vector<std::string> kRows = {"counts/own/threads:1",
                                        "counts/own/threads:2",
                                        "counts/foreign/threads:1",
                                        "counts/foreign/threads:2",
                                        "counts/hot/threads:1",
                                        "counts/hot/threads:2",
                                        "hand_off/pipeline/threads:2",
                                        "create_drop/number/threads:1",
                                        "create_drop/pair/threads:1",
                                        "create_drop/node/threads:1",
                                        "create_drop/list/threads:1",
                                        "create_drop/dict/threads:1",
                                        "list/append/threads:1",
                                        "list/read/threads:1",
                                        "list/read/threads:2",
                                        "dict/read/threads:1",
                                        "dict/read/threads:2",
                                        "dict/one_key/threads:2",
                                        "dict/read_mostly/threads:2",
                                        "churn/larson/threads:1",
                                        "churn/larson/threads:2",
                                        "trees/gcbench/threads:2",
                                        "cycles/ring/threads:2",
                                        "heap/replay/threads:1",
                                        "index/inverted/threads:2",
                                        "scaling/pyfunction/threads:2",
                                        "scaling_owner/generator/threads:1",
                                        "chain/drop/threads:1"};

TEST_P(Peers, have_every_row_and_it_is_right) {
  std::set<std::string> names;
  const Json results = results_of("/threads:");
  for (const Json& row : results["benchmarks"]) {
    const std::string name = row["name"];
    names.insert(name);
    EXPECT_FALSE(row.contains("error_message")) << row;
    EXPECT_GT(row["real_time"], 0) << row;
  }
  for (const std::string& row : kRows) EXPECT_TRUE(names.contains(row)) << row;
  EXPECT_EQ(names.contains("weak/deref/threads:2"), GetParam().has_weak);
}

TEST_P(Peers, say_what_they_are) {
  const Json results = results_of("counts/own");
  EXPECT_EQ(results["context"]["model"], GetParam().model);
  for (const char* fact : {"compiler", "build_type", "allocator", "cpu", "cores"})
    EXPECT_FALSE(results["context"][fact].get<std::string>().empty()) << fact;
  for (const Json& row : results["benchmarks"]) {
    EXPECT_GT(row["ns_per_op"], 0) << row;
    EXPECT_GT(row["ops_per_second"], 0) << row;
    EXPECT_GT(row["efficiency"], 0) << row;
  }
}

TEST_P(Peers, refuse_bad_usage) {
  const Outcome outcome = program_.run({"--threads=0"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
  EXPECT_NE(outcome.err.find("--threads"), std::string::npos) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(
    Models,
    Peers,
    ::testing::Values(Peer{"threadmill-bench", "biased", true},
                      Peer{"threadmill-bench-atomic", "atomic", true},
                      Peer{"threadmill-bench-locked", "locked", true},
                      Peer{"threadmill-bench-shared-ptr", "shared-ptr", true},
                      Peer{"threadmill-bench-intrusive-ptr", "intrusive-ptr", false},
                      Peer{"threadmill-bench-onetbb", "onetbb", true},
                      Peer{"threadmill-bench-libgc", "libgc", true},
                      Peer{"threadmill-bench-cpython", "cpython", true},
                      // As README.md shows it.
                      Peer{"../tests/threadmill-bench-mine", "mine", false}),
    [](const auto& peer) {
      std::string name = peer.param.model;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(WrongPeer, has_errors_instead_of_numbers) {
  const Executable program("../tests/threadmill-bench-wrong");
  if (!program.exists()) GTEST_SKIP() << "this build has no peers";
  // Rows that a wrong count cannot make crash.
  const Outcome outcome =
      program.run({"--benchmark_filter=counts/|create_drop/(pair|number)",
                   "--benchmark_min_time=0.001", "--benchmark_format=json"});
  EXPECT_EQ(outcome.status, 1);
  const Json results = Json::parse(outcome.out);
  for (const Json& row : results["benchmarks"]) {
    const std::string name = row["name"];
    const bool copies = !name.starts_with("create_drop/number");
    EXPECT_EQ(row.contains("error_message"), copies) << row;
    EXPECT_EQ(row.contains("ops_per_second"), !copies) << row;
  }
}

}  // namespace
}  // namespace threadmill
