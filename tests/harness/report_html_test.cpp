// SPDX-License-Identifier: Apache-2.0
#include "harness/report_html.hpp"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "harness/markup.hpp"
#include "harness/numbers.hpp"
#include "harness/report_json.hpp"
#include "harness/result_table.hpp"
#include "harness/summary.hpp"
#include "tests/harness/some_report.hpp"
#include "tests/harness/xml.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;

// The page, and the text of its one script element, which is taken out of it.
struct Page {
  explicit Page(const Report& report) : html(report_html(report)) {
    const std::string begin = "<script type=\"application/json\" id=\"report\">";
    const std::size_t from = html.find(begin) + begin.size();
    const std::size_t to = html.find("</script>", from);
    data = html.substr(from, to - from);
    root = parsed_xml(html.substr(0, from) + html.substr(to));
  }

  [[nodiscard]] bool has(const std::string& text) const {
    return html.find(text) != std::string::npos;
  }

  std::string html;
  std::string data;
  Json root;
};

void count_tags(const Json& element, std::map<std::string, int>& counts) {
  ++counts[element["tag"]];
  for (const Json& child : element["children"]) count_tags(child, counts);
}

TEST(ReportHtml, is_well_formed_whatever_bytes_are_in_the_report) {
  const Page page(some_report());
  ASSERT_TRUE(page.root.is_object()) << page.html;
  std::map<std::string, int> counts;
  count_tags(page.root, counts);
  EXPECT_EQ(counts["script"], 1) << "that of the data";
  EXPECT_EQ(counts["b"], 0) << "a detail has tried";
  EXPECT_EQ(counts["section"], 5);
  EXPECT_EQ(counts["svg"], 8) << "throughput and stops, of all runs but one";
}

TEST(ReportHtml, holds_the_json_report) {
  const Report report = some_report();
  const Page page(report);
  Json within = Json::parse(page.data);
  Json alone = Json::parse(report_json(report));
  within.erase("resident_peak_bytes");  // of the test's process, which grows
  alone.erase("resident_peak_bytes");
  EXPECT_EQ(within, alone);
}

TEST(ReportHtml, its_table_has_the_cells_of_the_terminal) {
  const Report report = some_report();
  const Page page(report);
  const std::string summary = summary_of(report, /*colour=*/false);
  for (const RunResult& run : report.runs) {
    for (const std::string& cell : result_cells(report, run)) {
      EXPECT_TRUE(page.has(">" + cell + "<")) << cell;
      EXPECT_NE(summary.find(cell), std::string::npos) << cell;
    }
  }
}

TEST(ReportHtml, says_what_failed_and_how_to_repeat_it) {
  const Page page(some_report());
  EXPECT_TRUE(page.has("<pre class=\"wrong\">oracle: " + escaped_markup(kNasty)));
  for (const char* name : {"rings", "set", "cells"}) {
    EXPECT_TRUE(page.has(
        escaped_markup("threadmill stress " + std::string(name) + " --input 'a&b'")))
        << name;
  }
  EXPECT_TRUE(page.has("worker 1: 8 operations"));
  EXPECT_TRUE(page.has(
      "stop: 3 times, half of them up to 0.1 us, 99 % up to 0.9 us, at most 0.9 us"));
  EXPECT_TRUE(page.has("not run: late later"));
  EXPECT_TRUE(page.has("2023-11-14T22:13:20Z"));
}

TEST(ReportHtml, needs_no_network_and_fits_a_phone_and_the_dark) {
  const Page page(some_report());
  for (const char* no : {"http://", "https://", "src=", "@import", "url(", "<link"})
    EXPECT_FALSE(page.has(no)) << no;
  for (const char* yes : {"name=\"viewport\"", "prefers-color-scheme: dark",
                          "class=\"scroll\"", "default-src 'none'"})
    EXPECT_TRUE(page.has(yes)) << yes;
}

TEST(ReportHtml, of_very_many_rounds_shows_what_did_not_pass_and_some_of_the_others) {
  Report report = some_report();
  report.runs.assign(1000, some_run("hot-object", Verdict::pass));
  report.runs[900] = some_run("rings", Verdict::fail);
  const Page page(report);
  std::map<std::string, int> counts;
  count_tags(page.root, counts);
  EXPECT_EQ(counts["section"], 200);
  EXPECT_TRUE(page.has("id=\"run-900\""));
  EXPECT_FALSE(page.has("id=\"run-899\""));
  EXPECT_TRUE(page.has("800 more runs are in the data of this page"));
  EXPECT_EQ(Json::parse(page.data)["runs"].size(), 1000u);
}

TEST(ReportHtml, of_a_run_in_which_nothing_ran_is_a_page_too) {
  Report report;
  report.interrupted = true;
  EXPECT_TRUE(Page(report).root.is_object());
}

TEST(ReportHtml, shows_the_comparison_with_a_baseline) {
  Report report = some_report();
  report.comparison = {kNasty, 0.5, {}, {"rings was pass and is fail"}, {}};
  report.runs[0].baseline_ratio = 0.97;
  const Page page(report);
  ASSERT_TRUE(page.root.is_object());
  EXPECT_TRUE(page.has(">0.97 x<"));
  EXPECT_TRUE(page.has("worse: rings was pass and is fail"));
}

}  // namespace
}  // namespace threadmill
