// SPDX-License-Identifier: Apache-2.0
//
// `threadmill compare` as its users run it, on results that were made, and on what is none.
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/bench_file.hpp"
#include "harness/bench_ratios.hpp"
#include "tests/harness/executable.hpp"
#include "tests/harness/made_benchmarks.hpp"
#include "tests/harness/scratch.hpp"
#include "tests/harness/some_report.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

constexpr std::size_t kRows = 20;

std::vector<MadeRow> rows_of(double change) {
  std::vector<MadeRow> rows;
  for (std::size_t i = 0; i < kRows; ++i) {
    const double time = 10.0 * static_cast<double>(i + 1);
    rows.push_back({"row/" + std::to_string(i), i % 2 == 0 ? time * change : time});
  }
  return rows;
}

class Compare : public ::testing::Test {
 protected:
  void write(const char* name, const Json& json) const {
    scratch_.write(name, json.dump());
  }

  [[nodiscard]] Outcome compare(const Words& names, const Words& more = {}) const {
    Words words = {"compare"};
    for (const std::string& name : names) words.push_back(scratch_.path(name));
    words.insert(words.end(), more.begin(), more.end());
    return program_.run(words);
  }

  void expect_refused(const std::string& text, const std::string& why) const {
    scratch_.write("bad.json", text);
    const Outcome outcome = compare({"a.json", "bad.json"});
    EXPECT_EQ(outcome.status, 2) << text.substr(0, 200);
    EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
    EXPECT_NE(outcome.err.find(why), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("bad.json"), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }

  const Scratch scratch_;
  const Executable program_{"threadmill"};
};

bool mentions(const Outcome& outcome, const std::string& text) {
  return outcome.out.find(text) != std::string::npos;
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at)
    ++count;
  return count;
}

TEST_F(Compare, a_change_of_five_percent_is_seen_and_nothing_else) {
  write("a.json", made_benchmarks(rows_of(1), 10, 0.02, 1));
  write("b.json", made_benchmarks(rows_of(1.05), 10, 0.02, 2));
  const Outcome outcome = compare({"a.json", "b.json"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  // Each second row has changed; of the ten others one in forty may be called slower.
  EXPECT_GE(count_of(outcome.out, "slower\n"), kRows / 2) << outcome.out;
  EXPECT_LE(count_of(outcome.out, "slower\n"), kRows / 2 + 2) << outcome.out;
  EXPECT_LE(count_of(outcome.out, "faster\n"), 2u) << outcome.out;
  EXPECT_EQ(compare({"b.json", "a.json"}).status, 0);
}

TEST_F(Compare, fails_above_what_is_allowed_and_only_there) {
  write("a.json", made_benchmarks(rows_of(1), 10, 0.02, 3));
  write("same.json", made_benchmarks(rows_of(1), 10, 0.02, 4));
  write("slow.json", made_benchmarks(rows_of(1.2), 10, 0.02, 5));
  const Words allowed = {"--fail-above", "10"};
  EXPECT_EQ(compare({"a.json", "same.json"}, allowed).status, 0);
  EXPECT_EQ(compare({"slow.json", "a.json"}, allowed).status, 0) << "it got faster";
  const Outcome slow = compare({"a.json", "slow.json"}, allowed);
  EXPECT_EQ(slow.status, 1) << slow.out;
  EXPECT_EQ(count_of(slow.out, "REGRESSION"), kRows / 2) << slow.out;
  EXPECT_EQ(compare({"a.json", "slow.json"}).status, 0) << "nothing was to fail";
  EXPECT_EQ(compare({"a.json", "slow.json"}, {"--fail-above", "30"}).status, 0);
}

TEST_F(Compare, one_repetition_decides_nothing) {
  write("a.json", made_benchmarks(rows_of(1), 1, 0.02, 6));
  write("slow.json", made_benchmarks(rows_of(2), 1, 0.02, 7));
  const Outcome outcome = compare({"a.json", "slow.json"}, {"--fail-above", "5"});
  EXPECT_EQ(outcome.status, 3) << outcome.out;
  EXPECT_TRUE(mentions(outcome, "too few repetitions")) << outcome.out;
}

TEST_F(Compare, no_value_and_a_failure_in_both_decide_nothing) {
  write("a.json", made_benchmarks({{"row"}}, 5, 0.02, 6));
  for (const char* time : {"NaN", "0", "1e308"}) {
    scratch_.write("b.json", R"({"context": {}, "benchmarks": [{"name": "row",
        "time_unit": "s", "real_time": )" +
                                 std::string(time) + "}]}");
    EXPECT_EQ(compare({"a.json", "b.json"}, {"--fail-above", "5"}).status, 3) << time;
  }
  Json json = made_benchmarks({{"once"}, {"failed"}}, 1, 0.02, 6);
  json["benchmarks"][1]["error_occurred"] = true;
  write("a.json", json);
  EXPECT_EQ(compare({"a.json", "a.json"}, {"--fail-above", "5"}).status, 3);
}

TEST_F(Compare, rows_of_one_file_only_are_listed) {
  write("a.json", made_benchmarks({{"both"}, {"old"}}, 5, 0.01, 8));
  write("b.json", made_benchmarks({{"both"}, {"new"}}, 5, 0.01, 9));
  const Outcome outcome = compare({"a.json", "b.json"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_TRUE(mentions(outcome, "a.json: old\n")) << outcome.out;
  EXPECT_TRUE(mentions(outcome, "b.json: new\n")) << outcome.out;
  EXPECT_TRUE(mentions(outcome, "1 rows:")) << outcome.out;
}

TEST_F(Compare, units_and_kinds_of_times_are_told_apart) {
  Json a = made_benchmarks({{"row", 1000, 2}}, 5, 0.01, 10);
  Json b = a;
  for (Json& entry : b["benchmarks"]) {
    entry["real_time"] = entry["real_time"].get<double>() / 1e3;
    entry["cpu_time"] = entry["cpu_time"].get<double>() / 1e3 * 3;
    entry["time_unit"] = "us";
  }
  write("a.json", a);
  write("b.json", b);
  EXPECT_TRUE(mentions(compare({"a.json", "b.json"}), "1.000"));
  const Outcome cpu = compare({"a.json", "b.json"}, {"--cpu-time"});
  EXPECT_TRUE(mentions(cpu, "3.0")) << cpu.out;
  EXPECT_TRUE(mentions(cpu, "slower")) << cpu.out;
}

TEST_F(Compare, aggregates_are_enough) {
  const auto aggregates = [](double mean) {
    Json json = made_benchmarks({}, 0, 0, 0);
    const auto add = [&json](const char* kind, double value) {
      json["benchmarks"].push_back({{"name", std::string("row_") + kind},
                                    {"run_name", "row"},
                                    {"run_type", "aggregate"},
                                    {"repetitions", 10},
                                    {"aggregate_name", kind},
                                    {"real_time", value},
                                    {"cpu_time", value},
                                    {"time_unit", "ms"}});
    };
    add("mean", mean);
    add("median", mean);
    add("stddev", mean * 0.02);
    add("cv", 0.02);
    return json;
  };
  write("a.json", aggregates(50));
  write("b.json", aggregates(52.5));
  const Outcome outcome = compare({"a.json", "b.json"}, {"--fail-above", "2"});
  EXPECT_EQ(outcome.status, 1) << outcome.out << outcome.err;
  EXPECT_TRUE(mentions(outcome, "1.050")) << outcome.out;
  EXPECT_TRUE(mentions(outcome, "50.0 ms")) << outcome.out;
}

// Rows with such counters, whose times say the contrary.
Json with_counters(double bytes, double stop, double share) {
  Json json = made_benchmarks({{"bytes/list", 1000 / bytes},
                               {"stop_the_world", 1000 / stop},
                               {"collect/speedup", 1000 / share}},
                              5, 0.01, 18);
  for (Json& entry : json["benchmarks"]) {
    if (entry["name"] == "bytes/list") entry["bytes_per_object"] = bytes;
    if (entry["name"] == "stop_the_world") entry["stop_us_p99"] = stop;
    if (entry["name"] != "collect/speedup") continue;
    entry["share"] = share;
    entry["random_pass"] = 1.5;
  }
  return json;
}

TEST_F(Compare, a_row_whose_time_means_nothing_is_compared_by_its_counter) {
  write("a.json", with_counters(164, 3.21, 0.5));
  write("b.json", with_counters(205, 3.21, 0.25));
  const Outcome more = compare({"a.json", "b.json"}, {"--fail-above", "20"});
  EXPECT_EQ(more.status, 1) << more.out << more.err;
  EXPECT_TRUE(mentions(more, "bytes/list (bytes_per_object)")) << more.out;
  EXPECT_TRUE(mentions(more, "164 B")) << more.out;
  EXPECT_TRUE(mentions(more, "205 B")) << more.out;
  EXPECT_TRUE(mentions(more, "1.250")) << more.out;
  EXPECT_TRUE(mentions(more, "3.21 us")) << more.out;
  EXPECT_EQ(count_of(more.out, "REGRESSION"), 1u) << more.out;
  EXPECT_EQ(count_of(more.out, "not compared"), 1u) << "more of a share is better";
  EXPECT_TRUE(mentions(more, "0.50 ")) << more.out;
  EXPECT_TRUE(mentions(more, "1 larger, 0 smaller")) << more.out;
  EXPECT_EQ(compare({"b.json", "a.json"}, {"--fail-above", "20"}).status, 0);
}

TEST_F(Compare, a_counter_and_a_time_are_not_held_against_each_other) {
  write("a.json", with_counters(164, 3.21, 0.5));
  write("b.json", made_benchmarks({{"bytes/list"}, {"stop_the_world"}}, 5, 0.01, 19));
  const Outcome outcome = compare({"a.json", "b.json"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(count_of(outcome.out, "not compared"), 2u) << outcome.out;
}

TEST_F(Compare, a_row_that_went_wrong_is_a_failure_and_no_number) {
  Json b = made_benchmarks({{"row"}}, 5, 0.01, 11);
  write("a.json", b);
  b["benchmarks"][2]["error_occurred"] = true;
  b["benchmarks"][2]["error_message"] = "wrong";
  write("b.json", b);
  const Outcome outcome = compare({"a.json", "b.json"}, {"--fail-above", "5"});
  EXPECT_EQ(outcome.status, 1) << outcome.out;
  EXPECT_TRUE(mentions(outcome, "FAIL")) << outcome.out;
}

TEST_F(Compare, models_of_one_file_are_compared_pair_by_pair) {
  std::vector<MadeRow> rows;
  for (const char* model : {"biased", "atomic", "locked"})
    rows.push_back({"row", model == std::string("biased") ? 10.0 : 20.0, 1, model});
  rows.push_back({"own", 10, 1, "biased"});
  write("all.json", made_benchmarks(rows, 7, 0.01, 12));
  const Outcome two = compare({"all.json"}, {"--models", "biased,atomic"});
  EXPECT_EQ(two.status, 0) << two.err;
  EXPECT_TRUE(mentions(two, "slower")) << two.out;
  EXPECT_TRUE(mentions(two, "only in biased: own\n")) << two.out;
  const Outcome all = compare({"all.json"}, {"--models", "all", "--fail-above", "5"});
  EXPECT_EQ(all.status, 1) << all.err;
  EXPECT_EQ(count_of(all.out, "REGRESSION"), 2u) << all.out;
  for (const Words& bad :
       {Words{"--models", "biased"}, Words{"--models", "biased,no"}}) {
    const Outcome refused = compare({"all.json"}, bad);
    EXPECT_EQ(refused.status, 2);
    EXPECT_EQ(refused.error_lines(), 1u) << refused.err;
  }
}

TEST_F(Compare, what_one_side_did_otherwise_is_said) {
  Json json = made_benchmarks({{"ring"}}, 5, 0, 1);
  write("a.json", json);
  for (Json& entry : json["benchmarks"]) entry["label"] = "by \x1b hand";
  write("b.json", json);
  const Outcome outcome = compare({"a.json", "b.json"});
  EXPECT_TRUE(mentions(outcome, "10.0 ns *  1.000")) << outcome.out;
  EXPECT_TRUE(mentions(outcome, "\n* ring: by \\x1b hand\n")) << outcome.out;
  EXPECT_EQ(count_of(compare({"b.json", "b.json"}).out, "* ring"), 1u);
}

TEST_F(Compare, what_is_no_benchmark_file_is_refused_in_one_line) {
  write("a.json", made_benchmarks(rows_of(1), 3, 0.02, 13));
  const std::string good = made_benchmarks(rows_of(1), 3, 0.02, 13).dump();
  expect_refused("", "not JSON");
  expect_refused(good.substr(0, good.size() / 2), "not JSON");
  expect_refused("\xff\xfe{}", "not JSON");
  expect_refused(
      R"({"context":{},"benchmarks":[{"name":")" + std::string("\xc3(") + R"("}]})",
      "not JSON");
  expect_refused("[]", "not of Google Benchmark");
  expect_refused(R"({"schema": 1, "runs": []})", "not of Google Benchmark");
  expect_refused(R"({"context":{},"benchmarks":[]})", "no rows");
  expect_refused(R"({"context":{},"benchmarks":[7]})", "'benchmarks'");
  expect_refused(R"({"context":{},"benchmarks":[{"name":7}]})", "'name'");
  expect_refused(R"({"context":{},"benchmarks":[{"name":"row","real_time":"1"}]})",
                 "'real_time'");
  expect_refused(R"({"context":{},"benchmarks":[{"name":"row","time_unit":"h"}]})",
                 "'time_unit'");
  expect_refused(R"({"context":{},"benchmarks":[{"name":"row","threads":-1}]})",
                 "'threads'");
  expect_refused(std::string(100, '['), "nested too deep");
  expect_refused(std::string(33 << 20, ' '), "larger than");
  expect_refused(R"({"context":{},"benchmarks":[{"name":"other","real_time":1}]})",
                 "no row in common");
}

TEST_F(Compare, bad_usage_is_one_line) {
  write("a.json", made_benchmarks(rows_of(1), 3, 0.02, 13));
  const std::string a = scratch_.path("a.json");
  for (const Words& bad :
       {Words{}, Words{a}, Words{a, a, a}, Words{a, a, "--fail-above", "x"},
        Words{a, a, "--fail-above", "-1"}, Words{a, "no-such"}, Words{a, "/dev/zero"},
        Words{a, scratch_.path("")}, Words{a, "--models", "all"}}) {
    Words words = {"compare"};
    words.insert(words.end(), bad.begin(), bad.end());
    const Outcome outcome = program_.run(words);
    EXPECT_EQ(outcome.status, 2) << ::testing::PrintToString(bad);
    EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
  }
}

TEST_F(Compare, times_that_are_no_numbers_spoil_only_their_row) {
  const std::string text =
      R"({"context": {}, "benchmarks": [
          {"name": "NaN", "real_time": NaN, "cpu_time": -NaN, "time_unit": "ns"},
          {"name": "zero", "real_time": 0, "cpu_time": 0},
          {"name": "negative", "real_time": -5, "cpu_time": -5},
          {"name": "huge", "real_time": 1e308, "cpu_time": Infinity, "time_unit": "s"},
          {"name": "good", "real_time": 2.5, "cpu_time": 2.5, "rate": NaN}]})";
  scratch_.write("a.json", text);
  const Outcome outcome = compare({"a.json", "a.json"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(count_of(outcome.out, "no value"), 4u) << outcome.out;
  EXPECT_TRUE(mentions(outcome, "2.50 ns")) << outcome.out;
}

TEST_F(Compare, names_that_hurt_terminals_are_printed_harmlessly) {
  const Json json = made_benchmarks({{"\x1b[31m\nrow"}}, 3, 0.01, 14);
  write("a.json", json);
  const Outcome outcome = compare({"a.json", "a.json"});
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos);
  EXPECT_TRUE(mentions(outcome, "\\x1b[31m\\nrow")) << outcome.out;
}

TEST_F(Compare, many_rows_and_repetitions_take_seconds_and_not_hours) {
  std::vector<MadeRow> rows;
  for (int i = 0; i < 5'000; ++i) rows.push_back({std::to_string(i)});
  write("rows.json", made_benchmarks(rows, 1, 0.01, 15));
  write("repetitions.json", made_benchmarks({{"row"}}, 5'000, 0.01, 16));
  const double limit = built_with_sanitizers() ? 120 : 20;
  const Outcome of_rows = compare({"rows.json", "rows.json"});
  EXPECT_EQ(of_rows.status, 0) << of_rows.err;
  EXPECT_LT(of_rows.seconds, limit);
  const Outcome of_one = compare({"repetitions.json", "repetitions.json"});
  EXPECT_EQ(of_one.status, 0) << of_one.err;
  EXPECT_LT(of_one.seconds, limit);
}

TEST(BenchFile, names_without_run_type_tell_what_they_are) {
  const BenchFile file =
      bench_file_of(Json::parse(R"({"context": {"a": "b", "n": 2}, "benchmarks": [
        {"name": "row", "real_time": 3, "cpu_time": 2, "bytes": 7},
        {"name": "row", "real_time": 5, "cpu_time": 4, "bytes": 8},
        {"name": "row_mean", "real_time": 4, "cpu_time": 3},
        {"name": "row_BigO", "cpu_coefficient": 1, "rms": 2}]})"),
                    "file");
  ASSERT_EQ(file.rows.size(), 1u);
  const BenchRow& row = file.rows.front();
  EXPECT_EQ(row.repetitions.size(), 2u);
  EXPECT_EQ(row.repetitions[1].index, 1u);
  EXPECT_EQ(row.middle(TimeKind::real), 4);
  EXPECT_EQ(row.middle(TimeKind::cpu), 3);
  EXPECT_EQ(row.counters, (decltype(row.counters){{"bytes", {7, 8}}}));
  EXPECT_EQ(file.context_value("n"), "2");
}

TEST(BenchFile, a_counter_stands_for_a_time_that_means_nothing) {
  const BenchFile file = bench_file_of(Json::parse(R"({"context": {}, "benchmarks": [
        {"name": "a", "run_type": "iteration", "real_time": 5, "bytes_per_object": 24},
        {"name": "a", "run_type": "iteration", "real_time": 5, "bytes_per_object": null},
        {"name": "a", "run_type": "iteration", "real_time": 5},
        {"name": "b", "run_type": "aggregate", "aggregate_name": "mean",
         "real_time": 9, "time_unit": "ms", "stop_us_p99": 4, "stop_us_max": 7},
        {"name": "b", "run_type": "aggregate", "aggregate_name": "median",
         "real_time": 9, "time_unit": "ms", "stop_us_p99": 3, "stop_us_max": 6},
        {"name": "c", "run_type": "iteration", "real_time": 5, "share": 2}]})"),
                                       "file");
  ASSERT_EQ(file.rows.size(), 3u);
  EXPECT_EQ(file.rows[0].values(TimeKind::cpu), std::vector<double>{24});
  EXPECT_EQ(file.rows[0].unit(), Unit::bytes);
  EXPECT_EQ(file.rows[1].middle(TimeKind::real), 3000);
  using Counters = decltype(BenchRow::counters);
  EXPECT_EQ(file.rows[1].counters,
            (Counters{{"stop_us_p99", {3}}, {"stop_us_max", {6}}}));
  EXPECT_EQ(file.rows[2].middle(TimeKind::real), 5) << "another program's share";
  EXPECT_EQ(file.rows[2].title(), "c");
}

TEST(BenchFile, only_numbers_outside_of_texts_become_null) {
  EXPECT_EQ(with_nulls_for_numbers_json_lacks(
                R"({"NaN \" Infinity": [NaN, -Infinity, 1], "x\\": inf})"),
            R"({"NaN \" Infinity": [null, null, 1], "x\\": null})");
}

TEST(BenchRatios, times_have_three_digits_and_a_unit) {
  EXPECT_EQ(nanoseconds_text(0.5), "0.50 ns");
  EXPECT_EQ(nanoseconds_text(9.999), "10.0 ns");
  EXPECT_EQ(nanoseconds_text(123.4), "123 ns");
  EXPECT_EQ(nanoseconds_text(999.6), "1.00 us");
  EXPECT_EQ(nanoseconds_text(1.5e7), "15.0 ms");
  EXPECT_EQ(nanoseconds_text(2e12), "2000 s");
}

TEST(BenchRatios, what_a_model_does_otherwise_is_said_once_below_the_table) {
  std::vector<MadeRow> rows;
  for (const char* row : {"ring/threads:1", "ring/threads:2", "tree"}) {
    for (const char* model : {"biased", "shared-ptr", "libgc"})
      rows.push_back({row, 10, 1, model});
  }
  Json json = made_benchmarks(rows, 1, 0, 1);
  for (Json& entry : json["benchmarks"]) {
    if (entry["model"] != "biased") entry["label"] = "broken by hand";
    if (entry["name"] == "libgc/tree") entry["label"] = "nothing is counted";
    if (entry["name"] == "shared-ptr/tree") entry["label"] = "";
  }
  const BenchFile file = bench_file_of(json, "");
  EXPECT_EQ(model_table(file, {"biased", "shared-ptr", "libgc"}, TimeKind::real),
            "row              biased  shared-ptr   libgc\n"
            "ring/threads:1  10.0 ns      1.00 *  1.00 *\n"
            "ring/threads:2  10.0 ns      1.00 *  1.00 *\n"
            "tree            10.0 ns        1.00  1.00 *\n"
            "* ring (libgc, shared-ptr): broken by hand\n"
            "* tree (libgc): nothing is counted\n");
  EXPECT_EQ(notes_of(file, {"biased"}), Words{});
}

TEST(BenchRatios, noise_is_told_from_quiet) {
  const auto noise = [](double deviation) {
    return noise_in(bench_file_of(made_benchmarks(rows_of(1), 10, deviation, 17), ""),
                    TimeKind::real);
  };
  EXPECT_FALSE(noise(0.005).is_noisy);
  EXPECT_TRUE(noise(0.005).text.starts_with("the machine was quiet: "))
      << noise(0.005).text;
  EXPECT_TRUE(noise(0.2).is_noisy);
  EXPECT_TRUE(noise(0.2).text.starts_with("the machine was noisy: "))
      << noise(0.2).text;
}

TEST(BenchRatios, noise_is_not_underestimated_from_few_repetitions) {
  std::vector<MadeRow> rows;
  for (int i = 0; i < 4'000; ++i) rows.push_back({std::to_string(i)});
  for (const std::size_t repetitions : {3u, 4u, 5u, 9u, 10u, 15u}) {
    const std::string text =
        noise_in(bench_file_of(made_benchmarks(rows, repetitions, 0.04, 17), ""),
                 TimeKind::real)
            .text;
    const std::size_t at = text.find("differ by ");
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_NEAR(std::stod(text.substr(at + 10)), 4.0, 0.15) << repetitions;
  }
}

TEST(BenchRatios, too_few_repetitions_for_the_noise_are_said_to_be) {
  for (const std::size_t repetitions : {1u, 2u}) {
    const Noise noise =
        noise_in(bench_file_of(made_benchmarks(rows_of(1), repetitions, 0.2, 1), ""),
                 TimeKind::real);
    EXPECT_FALSE(noise.is_noisy);
    EXPECT_TRUE(noise.text.starts_with("too few repetitions to say how noisy"));
  }
}

TEST(BenchRatios, a_time_that_repetitions_do_not_agree_on_is_said_to_be_unknown) {
  BenchFile file;
  BenchRow row;
  row.name = "steady";
  for (const double time : {10.0, 10.1, 10.2, 10.3, 10.1})
    row.repetitions.push_back({row.repetitions.size(), {time, time}});
  file.rows = {row};
  EXPECT_EQ(cell_text(&row, nullptr, TimeKind::real), "10.1 ns ±2 %");
  EXPECT_NE(
      noise_in(file, TimeKind::real).text.find("; of 1 times 0 are not known to 5 %"),
      std::string::npos);
  row.repetitions.back().times = {12, 12};
  file.rows = {row};
  EXPECT_EQ(cell_text(&row, &row, TimeKind::real), "10.2 ns ±18 %");
  EXPECT_NE(
      noise_in(file, TimeKind::real).text.find("; of 1 times 1 are not known to 5 %"),
      std::string::npos);
  row.error = "wrong";
  EXPECT_EQ(cell_text(&row, nullptr, TimeKind::real), "FAIL");
  EXPECT_EQ(cell_text(nullptr, &row, TimeKind::real), "-");
}

}  // namespace
}  // namespace threadmill
