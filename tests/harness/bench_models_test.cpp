// SPDX-License-Identifier: Apache-2.0
//
// `bench --models` over stand-ins: a copy of the program, with scripts beside it that
// write what benchmarks would. A script's times grow with each process that is started, as
// on a machine that becomes slower and slower.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/harness/executable.hpp"
#include "tests/harness/scratch.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

class BenchModels : public ::testing::Test {
 protected:
  BenchModels() {
    std::error_code other_file_system;
    const Executable original("threadmill");
    std::filesystem::create_hard_link(original.path(), path("lab"), other_file_system);
    if (other_file_system) std::filesystem::copy_file(original.path(), path("lab"));
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return scratch_.path(name);
  }

  void write_script(const std::string& name, const std::string& text) const {
    scratch_.write(name, "#!/bin/sh\n" + text);
    std::filesystem::permissions(path(name), std::filesystem::perms::owner_all);
  }

  // One whose rows take so many times as long, and `error` is what a row says of itself.
  void write_model(const std::string& name,
                   int times,
                   const std::string& error = "") const {
    write_script(name,
                 "case \"$*\" in --help) echo '[--quick=true]'; exit;; esac\nlog=" +
                     path("log") + R"sh(
echo ")sh" + name + R"sh( $*" >> $log
drift=$(wc -l < $log)
t=$(( )sh" + std::to_string(times) +
                     R"sh( * (100 + 20 * drift) ))
cat <<JSON
{"context": {"refcount": ")sh" +
                     name + R"sh(", "library_build_type": "debug"},
 "benchmarks": [
  {"name": "work/threads:2", "run_name": "work/threads:2", "run_type": "iteration",
   "repetitions": 1, "repetition_index": 0, "threads": 2, "iterations": 10,
   "real_time": $t, "cpu_time": $t, "time_unit": "ns")sh" +
                     error + R"sh(},
  {"name": "work_mean", "run_name": "work", "run_type": "aggregate",
   "aggregate_name": "mean", "real_time": $t, "cpu_time": $t, "time_unit": "ns"}]}
JSON
)sh");
  }

  [[nodiscard]] Outcome bench(Words words) const {
    words.insert(words.begin(), "bench");
    return Executable::of_system(path("lab")).run(words);
  }

  [[nodiscard]] Words started() const {
    Words lines;
    const std::string text = scratch_.content("log");
    for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos;
         at = end + 1)
      lines.push_back(text.substr(at, end - at));
    return lines;
  }

  const Scratch scratch_;
};

bool mentions(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

TEST_F(BenchModels, take_turns_and_a_drift_of_the_machine_is_in_no_ratio) {
  write_model("lab-bench", 1);
  write_model("lab-bench-atomic", 3);
  write_model("lab-bench-mine", 2);
  const Outcome outcome = bench({"--models", "all", "--json", path("all.json")});
  EXPECT_EQ(outcome.status, 0) << outcome.err << outcome.out;
  const Words order = started();
  ASSERT_EQ(order.size(), 15u);
  for (std::size_t turn = 0; turn < 5; ++turn) {
    for (const char* name : {"lab-bench ", "lab-bench-atomic ", "lab-bench-mine "}) {
      const auto is_it = [&](const std::string& line) {
        return line.starts_with(name);
      };
      EXPECT_EQ(std::count_if(order.begin() + static_cast<std::ptrdiff_t>(turn) * 3,
                              order.begin() + static_cast<std::ptrdiff_t>(turn) * 3 + 3,
                              is_it),
                1)
          << turn << name;
    }
  }
  EXPECT_TRUE(order[0].starts_with("lab-bench "));
  EXPECT_TRUE(order[3].starts_with("lab-bench-atomic "));

  const Json merged = Json::parse(scratch_.content("all.json"));
  EXPECT_EQ(merged["benchmarks"].size(), 15u);
  for (const Json& entry : merged["benchmarks"]) {
    const std::string model = entry["model"];
    EXPECT_EQ(entry["name"], model + "/work/threads:2");
    EXPECT_EQ(entry["run_name"], entry["name"]);
    EXPECT_EQ(entry["repetitions"], 5);
    EXPECT_LT(entry["repetition_index"], 5);
  }
  EXPECT_EQ(merged["context"]["models"]["mine"]["refcount"], "lab-bench-mine");
  EXPECT_EQ(merged["context"]["refcount"], "lab-bench");

  // The last process is 3.5 times as slow as the first, and yet:
  const Outcome pair =
      Executable("threadmill")
          .run({"compare", path("all.json"), "--models", "biased,atomic"});
  EXPECT_EQ(pair.status, 0) << pair.err;
  EXPECT_TRUE(mentions(pair.out, "slower")) << pair.out;
  EXPECT_TRUE(mentions(outcome.out, "row ")) << outcome.out;
  EXPECT_TRUE(mentions(outcome.out, "work/threads:2")) << outcome.out;
  EXPECT_TRUE(mentions(outcome.out, "the machine was noisy")) << outcome.out;
}

TEST_F(BenchModels, who_is_not_there_is_skipped_with_a_line_that_says_how_to_get_it) {
  write_model("lab-bench", 1);
  const Outcome outcome = bench({"--models=all", "--repetitions=1"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(mentions(outcome.out, "libgc is not there: install libgc-dev"))
      << outcome.out;
  EXPECT_TRUE(mentions(outcome.out, "cpython is not there: install python3-dev"));
  EXPECT_EQ(started().size(), 1u);
  EXPECT_EQ(bench({"--models", "atomic"}).status, 2);
  const Outcome list = Executable::of_system(path("lab")).run({"list", "--json"});
  const Json models = Json::parse(list.out)["models"];
  EXPECT_EQ(models[0], (Json{{"name", "biased"}, {"here", true}}));
  EXPECT_EQ(models[1], (Json{{"name", "atomic"}, {"here", false}}));
}

TEST_F(BenchModels, a_wrong_model_is_shown_as_such_without_a_number) {
  write_model("lab-bench", 1);
  write_model("lab-bench-atomic", 1,
              R"(, "error_occurred": true, "error_message": "wrong")");
  write_script("lab-bench-locked", "echo 'it has no lock' >&2; exit 3");
  write_script("lab-bench-libgc", "kill -SEGV $$");
  write_script("lab-bench-cpython", "echo '{\"context\": {'");
  const Outcome outcome = bench({"--models", "all", "--json", path("all.json")});
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_TRUE(mentions(outcome.out, "FAIL: it left with status 3: it has no lock"))
      << outcome.out;
  EXPECT_TRUE(mentions(outcome.out, "FAIL: it was killed by SIGSEGV")) << outcome.out;
  EXPECT_TRUE(mentions(outcome.out, "FAIL: what it wrote: it is not JSON"));
  const std::size_t row = outcome.out.find("\nwork/threads:2");
  ASSERT_NE(row, std::string::npos);
  const std::string line =
      outcome.out.substr(row + 1, outcome.out.find('\n', row + 1) - row);
  std::size_t failures = 0;
  for (std::size_t at = 0; (at = line.find("FAIL", at)) != std::string::npos; ++at)
    ++failures;
  EXPECT_EQ(failures, 4u) << line;
}

TEST_F(BenchModels, one_without_a_row_that_matches_has_none_and_has_not_failed) {
  // Ours leave with 2 then, those with the library's own main() with 0.
  const std::string says =
      "echo 'Failed to match any benchmarks against regex: w' >&2\n";
  write_script("lab-bench", says + "exit 2");
  write_model("lab-bench-atomic", 1);
  write_model("lab-bench-locked", 2);
  write_script("lab-bench-mine", says);
  const Words words = {"--models", "all", "--benchmark_filter=w", "--json",
                       path("all.json")};
  const Outcome outcome = bench(words);
  EXPECT_EQ(outcome.status, 0) << outcome.err << outcome.out;
  EXPECT_FALSE(mentions(outcome.out, "FAIL")) << outcome.out;
  EXPECT_TRUE(mentions(outcome.out, "median time of atomic")) << outcome.out;
  EXPECT_TRUE(mentions(outcome.out, "repetition 1 of 5: mine")) << outcome.out;
  EXPECT_FALSE(mentions(outcome.out, "repetition 2 of 5: mine")) << outcome.out;
  EXPECT_EQ(Json::parse(scratch_.content("all.json"))["benchmarks"].size(), 10u);

  write_script("lab-bench-locked", says + "kill -SEGV $$");
  EXPECT_EQ(bench(words).status, 1) << "a crash is one, whatever it says";
}

TEST_F(BenchModels, a_filter_that_no_row_matches_or_is_no_expression_is_bad_usage) {
  for (const char* says : {"Failed to match any benchmarks against regex: w",
                           "Could not compile benchmark re: Mismatched"}) {
    for (const char* name : {"lab-bench", "lab-bench-atomic"})
      write_script(name, "echo '" + std::string(says) + "' >&2; exit 2");
    const Outcome outcome = bench({"--models", "all", "--benchmark_filter=w"});
    EXPECT_EQ(outcome.status, 2) << outcome.out;
    EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
    EXPECT_TRUE(mentions(outcome.err, says)) << outcome.err;
  }
}

TEST_F(BenchModels, flags_of_the_library_reach_every_process) {
  write_model("lab-bench", 1);
  write_model("lab-bench-atomic", 2);
  const Words flags = {"--benchmark_filter=work", "--nodes=50"};
  const Outcome outcome =
      bench({"--quick", "--threads", "2", flags[0], flags[1], "--benchmark_format=json",
             "--benchmark_repetitions=2"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(Json::parse(outcome.out)["benchmarks"].size(), 4u) << outcome.out;
  EXPECT_TRUE(mentions(outcome.err, "work/threads:2")) << "the table, for people";
  const Words lines = started();
  ASSERT_EQ(lines.size(), 4u);
  for (const std::string& line : lines) {
    EXPECT_TRUE(mentions(line, flags[0] + " " + flags[1])) << line;
    EXPECT_TRUE(mentions(line, "--benchmark_min_time=0.01")) << line;
    EXPECT_TRUE(mentions(line, "--quick=true")) << line;
    EXPECT_TRUE(mentions(line, "--threads=2")) << line;
  }
}

TEST_F(BenchModels, bad_usage_is_one_line_and_starts_nothing) {
  write_model("lab-bench", 1);
  for (const Words& bad :
       {Words{"--models"}, Words{"--models", "no-such"}, Words{"--models", ","},
        Words{"--models=all", "--repetitions=0"}, Words{"--quick", "--bogus"},
        Words{"--quick", "more"}, Words{"--quick", "--threads=x"},
        Words{"--quick", "--benchmark_format=csv"},
        Words{"--quick", "--json", path("no/such/folder")}}) {
    const Outcome outcome = bench(bad);
    EXPECT_EQ(outcome.status, 2) << ::testing::PrintToString(bad);
    EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
  }
  EXPECT_TRUE(started().empty());
}

TEST_F(BenchModels, an_interrupted_run_says_what_it_has) {
  write_model("lab-bench", 1);
  write_model("lab-bench-atomic", 2);
  // The second repetition of both waits for as long as it takes.
  for (const char* name : {"lab-bench", "lab-bench-atomic"}) {
    const std::string script = scratch_.content(name);
    write_script(name, "test $(cat " + path("log") +
                           " 2>/dev/null | wc -l) -ge 2 && exec sleep 1000\n" + script);
  }
  Words words = {"bench", "--models=all", "--repetitions=3", "--json",
                 path("all.json")};
  const Outcome outcome =
      Executable::of_system(path("lab"))
          .run_and_signal(words, "repetition 1 of 3: atomic", SIGINT);
  EXPECT_EQ(outcome.status, 130) << outcome.out << outcome.err;
  EXPECT_TRUE(mentions(outcome.out, "work/threads:2")) << outcome.out;
  EXPECT_EQ(Json::parse(scratch_.content("all.json"))["benchmarks"].size(), 2u);
}

}  // namespace
}  // namespace threadmill
