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
