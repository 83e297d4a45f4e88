// SPDX-License-Identifier: Apache-2.0
#include "harness/report_junit.hpp"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "tests/harness/some_report.hpp"
#include "tests/harness/xml.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;

Json suite_of(const Report& report) {
  const Json root = parsed_xml(report_junit(report));
  if (!root.is_object() || root["tag"] != "testsuites") return {};
  return root["children"].at(0);
}

Json case_of(const Json& suite, const std::string& name) {
  for (const Json& child : suite["children"]) {
    if (child["tag"] == "testcase" && child["attributes"]["name"] == name) return child;
  }
  return {};
}

// Null: it has none.
Json part_of(const Json& element, const std::string& tag) {
  for (const Json& child : element["children"]) {
    if (child["tag"] == tag) return child;
  }
  return {};
}

TEST(ReportJunit, is_one_suite_that_counts_its_cases) {
  const Json suite = suite_of(some_report());
  ASSERT_TRUE(suite.is_object()) << "well-formed whatever bytes are in it";
  const Json attributes = suite["attributes"];
  EXPECT_EQ(attributes["tests"], "7");
  EXPECT_EQ(attributes["failures"], "3");
  EXPECT_EQ(attributes["errors"], "0");
  EXPECT_EQ(attributes["skipped"], "3");
  EXPECT_EQ(attributes["time"], "61.500");
  EXPECT_EQ(attributes["timestamp"], "2023-11-14T22:13:20Z");
}

TEST(ReportJunit, a_case_that_passed_has_neither_failure_nor_skipped) {
  const Json passed = case_of(suite_of(some_report()), "hot-object");
  EXPECT_EQ(passed["attributes"]["time"], "2.000");
  EXPECT_TRUE(part_of(passed, "failure").is_null());
  EXPECT_TRUE(part_of(passed, "skipped").is_null());
  const std::string output = part_of(passed, "system-out")["text"];
  EXPECT_NE(output.find("1,234,567 operations"), std::string::npos) << output;
  EXPECT_NE(output.find("sum: passed, 1,000 verified"), std::string::npos) << output;
}

TEST(ReportJunit, what_went_wrong_is_a_failure_with_its_detail_and_its_command) {
  const Json suite = suite_of(some_report());
  for (const auto& [name, verdict] :
       {std::pair{"rings", "fail"}, {"set", "crash"}, {"cells", "hang"}}) {
    const Json failure = part_of(case_of(suite, name), "failure");
    ASSERT_TRUE(failure.is_object()) << name;
    EXPECT_EQ(failure["attributes"]["type"], verdict);
    const std::string message = failure["attributes"]["message"];
    EXPECT_EQ(message.find("oracle: </script><b>&amp;\"'<!-- ]]> \\x1b[31m\\x0d\n\t"),
              0u)
        << message;
    const std::string text = failure["text"];
    EXPECT_NE(text.find("reproduce: threadmill stress " + std::string(name) +
                        " --input 'a&b'\n"),
              std::string::npos)
        << text;
  }
  const std::string crash = part_of(case_of(suite, "set"), "failure")["text"];
  EXPECT_NE(crash.find("in stage running\n"), std::string::npos) << crash;
  EXPECT_EQ(case_of(suite, "cells")["attributes"]["time"], "0.000") << "nobody knows";
}

TEST(ReportJunit, what_says_nothing_is_skipped_with_the_reason) {
  Report report = some_report();
  Json suite = suite_of(report);
  const auto reason = [&](const char* name) {
    return part_of(case_of(suite, name), "skipped")["attributes"]["message"];
  };
  EXPECT_EQ(reason("shared-list"), meaning_of(Verdict::unverified));
  EXPECT_EQ(reason("late"), "not run: the time was over");
  report.interrupted = true;
  suite = suite_of(report);
  EXPECT_EQ(reason("later"), "not run: the run was interrupted");
  report.refusal = "--input 'x': not \x01 there";
  suite = suite_of(report);
  EXPECT_EQ(reason("later"), "not run: --input 'x': not \\x01 there");
}

TEST(ReportJunit, cases_of_several_rounds_have_names_of_their_own) {
  Report report = some_report();
  report.rounds = 2;
  report.runs[0].seed = 43;
  const Json suite = suite_of(report);
  EXPECT_TRUE(case_of(suite, "hot-object (seed 43)").is_object());
}

TEST(ReportJunit, the_suite_says_under_what_circumstances_it_ran) {
  const Json properties = part_of(suite_of(some_report()), "properties");
  std::map<std::string, std::string> values;
  for (const Json& property : properties["children"]) {
    values[property["attributes"]["name"]] = property["attributes"]["value"];
  }
  EXPECT_EQ(values["seed"], "42");
  EXPECT_EQ(values["settings.threads"], "4");
  EXPECT_EQ(values["build.compiler"], "g++ <12>");
  EXPECT_EQ(values["verdict"], "hang");
  EXPECT_NE(values["host.cpu"], "");
}

}  // namespace
}  // namespace threadmill
