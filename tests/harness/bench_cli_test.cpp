// SPDX-License-Identifier: Apache-2.0
//
// `threadmill bench` as its users run it: names, facts, and results that were verified.
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/harness/executable.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

class BenchCli : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Executable("threadmill-bench").exists())
      GTEST_SKIP() << "this preset has no benchmarks";
  }

  [[nodiscard]] Json results_of(const std::string& filter,
                                const Words& more = {}) const {
    Words words = {"bench", "--benchmark_min_time=0.001", "--benchmark_format=json",
                   "--benchmark_filter=" + filter};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = program_.run(words);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return Json::parse(outcome.out);
  }

  const Executable program_{"threadmill"};
};

TEST_F(BenchCli, every_row_is_measured_and_right) {
  std::set<std::string> names;
  // Those of the runtime alone; the portable rows are in peers_test.cpp.
  const Json results = results_of(
      "incref|stack_ref|tuple:2|empty_list|1024|dict_read/|detach|nodes:100000");
  for (const Json& row : results["benchmarks"]) {
    names.insert(row["name"]);
    EXPECT_FALSE(row.contains("error_message")) << row;
    EXPECT_GT(row["real_time"], 0) << row;
  }
  EXPECT_EQ(names, (std::set<std::string>{"incref_decref/own",
                                          "incref_decref/foreign",
                                          "incref_decref/hot/threads:2",
                                          "incref_decref/hot_distributed/threads:2",
                                          "incref_decref/merged",
                                          "incref_decref/rebiased",
                                          "stack_reference/hot/threads:2",
                                          "stack_reference/hot_deferred/threads:2",
                                          "create_drop/tuple:2",
                                          "create_drop/empty_list",
                                          "list_append/1024",
                                          "list_read/1024/threads:1",
                                          "list_read/1024/threads:2",
                                          "dict_read/1024/threads:1",
                                          "dict_read/1024/threads:2",
                                          "dict_read/1024_its_keys/threads:1",
                                          "dict_read/1024_its_keys/threads:2",
                                          "dict_read/one_key/threads:1",
                                          "dict_read/one_key/threads:2",
                                          "detach_attach",
                                          "collect/live/one_handle/nodes:100000",
                                          "collect/live/every_handle/nodes:100000",
                                          "collect/live/root/nodes:100000",
                                          "collect/garbage/nodes:100000",
                                          "collect/young/nodes:100000",
                                          "collect/subtraction/nodes:100000",
                                          "collect/speedup/nodes:100000"}));
}

TEST_F(BenchCli, the_context_says_what_was_measured_where) {
  const Json context = results_of("incref_decref/own")["context"];
  const Json version = Json::parse(program_.run({"version", "--json"}).out);
  for (const char* fact : {"compiler", "build_type", "refcount", "allocator"})
    EXPECT_EQ(context[fact], version[fact]) << fact;
  EXPECT_FALSE(context["cpu"].get<std::string>().empty());
}

TEST_F(BenchCli, graphs_have_the_size_that_was_asked_for) {
  const Json rows =
      results_of("(live|garbage).*nodes:12345", {"--nodes=12345"})["benchmarks"];
  ASSERT_EQ(rows.size(), 4u);
  for (const Json& row : rows) EXPECT_GT(row["ns_per_object"], 0) << row;
}

TEST_F(BenchCli, bad_usage_is_one_line_and_status_2) {
  for (const char* bad : {"--bogus", "--nodes=x", "--nodes=1", "more"}) {
    const Outcome outcome = program_.run({"bench", bad});
    EXPECT_EQ(outcome.status, 2) << bad;
    EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
    const std::string name = std::string(bad).substr(0, std::string(bad).find('='));
    EXPECT_NE(outcome.err.find(name), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

}  // namespace
}  // namespace threadmill
