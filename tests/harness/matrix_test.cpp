// SPDX-License-Identifier: Apache-2.0
//
// The detection matrix: what is counted as found, what as a hole, and how it is written.
#include "harness/matrix.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace threadmill {
namespace {

Detection found(double seconds, std::uint64_t executions) {
  Detection detection;
  detection.state = Detection::State::detected;
  detection.seconds = seconds;
  detection.executions = executions;
  detection.oracle = "deadlock";
  detection.reproduce = "threadmill explore a --fault b";
  return detection;
}

Detection silent(double seconds) {
  Detection detection;
  detection.state = Detection::State::silent;
  detection.seconds = seconds;
  return detection;
}

Detection not_run() {
  Detection detection;
  detection.reason = "no workload shows it";
  return detection;
}

// Found by stress and explore-sc; by explore-rc11 only; by none.
Matrix some_matrix() {
  Matrix matrix;
  matrix.seed = 7;
  matrix.seconds_per_cell = 12;
  matrix.elapsed_seconds = 40;
  matrix.rows.push_back({{"in-two-steps", "K12", "it <pops>", "w", "s"},
                         {{Instrument::stress, found(2.5, 0)},
                          {Instrument::explore_sc, found(0.25, 3)},
                          {Instrument::explore_rc11, found(0.5, 9)}}});
  matrix.rows.push_back({{"too-weak", "N1", "relaxed", "", "s"},
                         {{Instrument::stress, not_run()},
                          {Instrument::explore_sc, silent(12)},
                          {Instrument::explore_rc11, found(4, 100)}}});
  matrix.rows.push_back(
      {{"unseen", "A9", "nobody looks", "w", ""}, {{Instrument::stress, silent(12)}}});
  return matrix;
}

TEST(Matrix, what_no_instrument_has_detected_is_a_hole) {
  EXPECT_EQ(some_matrix().holes(), std::vector<std::string>{"unseen"});
  EXPECT_TRUE(Matrix{}.holes().empty());
}

TEST(Matrix, a_control_is_no_hole_and_a_false_alarm_if_it_is_detected) {
  Matrix matrix = some_matrix();
  matrix.rows.push_back({{"legal", "O1", "looks wrong", "", "s", true},
                         {{Instrument::explore_sc, silent(12)}}});
  matrix.rows.push_back({{"legal-too", "O9", "looks wrong", "", "s", true},
                         {{Instrument::explore_sc, found(1, 2)}}});
  EXPECT_EQ(matrix.holes(), std::vector<std::string>{"unseen"});
  EXPECT_EQ(matrix.false_alarms(), std::vector<std::string>{"legal-too"});
  EXPECT_EQ(matrix.controls(), 2u);
  const auto json = nlohmann::json::parse(matrix_json(matrix));
  EXPECT_EQ(json["detected"], 2);
  EXPECT_EQ(json["faults"].back()["control"], true);
  EXPECT_NE(matrix_text(matrix).find("1 of 2 controls silent"), std::string::npos);
}

TEST(Matrix, a_run_without_a_fault_is_no_fault_and_no_control) {
  Matrix matrix = some_matrix();
  matrix.rows.push_back(
      {without_fault("shared-list"), {{Instrument::tsan, silent(12)}}});
  matrix.rows.push_back(
      {without_fault("hot-object"), {{Instrument::tsan, found(1, 0)}}});
  EXPECT_EQ(matrix.faults(), 3u);
  EXPECT_EQ(matrix.controls(), 0u);
  EXPECT_EQ(matrix.runs_without_fault(), 2u);
  EXPECT_EQ(matrix.false_alarms(), std::vector<std::string>{"no fault: hot-object"});
  EXPECT_EQ(matrix.total_of(Instrument::tsan).given, 0u);
  EXPECT_NE(matrix_text(matrix).find("1 of 2 workloads without a fault silent"),
            std::string::npos);
  const auto json = nlohmann::json::parse(matrix_json(matrix));
  EXPECT_EQ(json["faults"].size(), 3u);
  EXPECT_EQ(json["without_fault"][1]["workload"], "hot-object");
  EXPECT_EQ(json["without_fault"][1]["instruments"]["tsan"]["detected"], true);
}

TEST(Matrix, an_instruments_total_counts_what_it_was_given_and_found_alone) {
  const Matrix matrix = some_matrix();
  const InstrumentTotal rc11 = matrix.total_of(Instrument::explore_rc11);
  EXPECT_EQ(rc11.given, 2u);
  EXPECT_EQ(rc11.detected, 2u);
  EXPECT_EQ(rc11.by_it_alone, 1u);
  EXPECT_EQ(rc11.median_seconds, 4);
  const InstrumentTotal stress = matrix.total_of(Instrument::stress);
  EXPECT_EQ(stress.given, 2u);  // "too-weak" was not run
  EXPECT_EQ(stress.detected, 1u);
  EXPECT_EQ(stress.by_it_alone, 0u);
  EXPECT_EQ(matrix.total_of(Instrument::asan).given, 0u);
}

TEST(Detection, the_kind_of_a_sanitizers_report_is_what_stands_before_its_place) {
  EXPECT_EQ(sanitizer_report_in("==1==\nSUMMARY: ThreadSanitizer: data race "
                                "/a/list.cpp:9 in f\n"),
            "data race");
  EXPECT_EQ(sanitizer_report_in("x\nSUMMARY: AddressSanitizer: heap-use-after-free "
                                "(/a/threadmill+0x1) in f"),
            "heap-use-after-free");
  EXPECT_EQ(sanitizer_report_in("x\nSUMMARY: AddressSanitizer: 24 byte(s) leaked in 1 "
                                "allocation(s).\n"),
            "24 byte(s) leaked in 1 allocation(s).");
  EXPECT_EQ(sanitizer_report_in("SUMMARY: all is well\n"), "");
  EXPECT_EQ(sanitizer_report_in(""), "");
}

TEST(Matrix, the_explorers_median_takes_the_faster_memory_model_of_each_fault) {
  EXPECT_EQ(some_matrix().median_of_explorer(), 4);  // of 0.25 and 4: the upper one
  Matrix matrix = some_matrix();
  matrix.rows.erase(matrix.rows.begin() + 1);
  EXPECT_EQ(matrix.median_of_explorer(), 0.25);
  EXPECT_EQ(Matrix{}.median_of_explorer(), 0);
}

TEST(Matrix, json_tells_found_silent_and_not_run_apart) {
  const auto json = nlohmann::json::parse(matrix_json(some_matrix()));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["detected"], 2);
  EXPECT_EQ(json["holes"], nlohmann::json::array({"unseen"}));
  const auto& first = json["faults"][0];
  EXPECT_EQ(first["name"], "in-two-steps");
  EXPECT_EQ(first["origin"], "K12");
  EXPECT_EQ(first["instruments"]["stress"]["detected"], true);
  EXPECT_FALSE(first["instruments"]["stress"].contains("executions"));
  EXPECT_EQ(first["instruments"]["explore-sc"]["executions"], 3);
  EXPECT_EQ(first["instruments"]["explore-sc"]["oracle"], "deadlock");
  const auto& second = json["faults"][1]["instruments"];
  EXPECT_TRUE(second["stress"]["detected"].is_null());
  EXPECT_EQ(second["stress"]["reason"], "no workload shows it");
  EXPECT_EQ(second["explore-sc"]["detected"], false);
  EXPECT_EQ(second["explore-sc"]["seconds"], 12);
}

TEST(Matrix, what_was_searched_whole_is_excluded_and_not_merely_silent) {
  Matrix matrix = some_matrix();
  Detection whole = silent(0.5);
  whole.exhaustive = true;
  matrix.rows[1].cells[Instrument::explore_sc] = whole;
  EXPECT_NE(matrix_text(matrix).find("excluded"), std::string::npos);
  EXPECT_EQ(matrix_text(some_matrix()).find("excluded"), std::string::npos);
  const auto json = nlohmann::json::parse(matrix_json(matrix));
  EXPECT_EQ(json["faults"][1]["instruments"]["explore-sc"]["exhaustive"], true);
}

TEST(Matrix, text_has_a_line_for_each_fault_and_names_the_holes) {
  const std::string text = matrix_text(some_matrix());
  EXPECT_NE(text.find("in-two-steps  K12"), std::string::npos) << text;
  EXPECT_NE(text.find("2 of 3 faults detected"), std::string::npos) << text;
  EXPECT_NE(text.find("hole: unseen\n"), std::string::npos) << text;
}

TEST(Matrix, the_page_escapes_what_faults_say) {
  const std::string page = matrix_html(some_matrix());
  EXPECT_NE(page.find("it &lt;pops&gt;"), std::string::npos);
  EXPECT_EQ(page.find("<pops>"), std::string::npos);
  EXPECT_NE(page.find("hole: unseen"), std::string::npos);
}

TEST(Matrix, a_line_says_what_saw_it_and_how_to_repeat_it) {
  const Matrix matrix = some_matrix();
  const FaultEntry& fault = matrix.rows[0].fault;
  const std::string line = text_of(fault, Instrument::explore_sc, found(0.25, 3));
  EXPECT_NE(line.find("250.0 ms, 3 executions, deadlock\n"), std::string::npos) << line;
  EXPECT_NE(line.find("threadmill explore a --fault b"), std::string::npos) << line;
  EXPECT_NE(text_of(fault, Instrument::asan, not_run()).find("not run: no workload"),
            std::string::npos);
}

}  // namespace
}  // namespace threadmill
