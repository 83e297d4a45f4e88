// SPDX-License-Identifier: Apache-2.0
#include "harness/report_html.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "harness/baseline.hpp"
#include "harness/chart.hpp"
#include "harness/markup.hpp"
#include "harness/numbers.hpp"
#include "harness/page.hpp"
#include "harness/report_json.hpp"
#include "harness/result_table.hpp"
#include "harness/summary.hpp"

namespace threadmill {
namespace {

// Of thousands of rounds a page shows what did not pass, and some of the others.
constexpr std::size_t kMostShown = 200;

// In their order in the report.
std::vector<std::size_t> shown_of(const Report& report) {
  std::vector<std::size_t> shown;
  for (const bool passed : {false, true}) {
    for (std::size_t i = 0; i < report.runs.size() && shown.size() < kMostShown; ++i) {
      if ((report.runs[i].verdict == Verdict::pass) == passed) shown.push_back(i);
    }
  }
  std::sort(shown.begin(), shown.end());
  return shown;
}

std::string class_of(const TextTable::Column& column) {
  return column.align == TextTable::Align::right ? "right" : "";
}

std::string row_of(const Report& report,
                   const std::vector<TextTable::Column>& columns,
                   std::size_t index) {
  const std::vector<std::string> cells = result_cells(report, report.runs[index]);
  std::string row = fmt::format("<tr><td><a href=\"#run-{}\">{}</a></td>", index,
                                escaped_markup(cells.front()));
  for (std::size_t i = 1; i + 1 < cells.size(); ++i)
    row += element("td", class_of(columns[i]), cells[i]);
  return row + element("td", cells.back(), cells.back()) + "</tr>\n";
}

std::string table_of(const Report& report, const std::vector<std::size_t>& shown) {
  const std::vector<TextTable::Column> columns = result_columns(report);
  std::string rows = "<tr>";
  for (const TextTable::Column& column : columns)
    rows += element("th", class_of(column), column.title);
  rows += "</tr>\n";
  for (const std::size_t index : shown) rows += row_of(report, columns, index);
  return scrolling_table(rows);
}

std::string text_of(const LastSteps& steps) {
  std::string text = "in stage " + steps.stage + "\n";
  for (std::size_t i = 0; i < steps.operations.size(); ++i)
    text += fmt::format("worker {}: {} operations\n", i, steps.operations[i]);
  for (const std::string& line : steps.more) text += line + "\n";
  for (const std::string& frame : steps.stack) text += "  at " + frame + "\n";
  return text;
}

std::string failures_of(const RunResult& run) {
  std::string text;
  for (const Check& check : run.checks) {
    if (!check.passed)
      text += element("pre", "wrong", check.name + ": " + check.detail) + "\n";
  }
  if (run.last_steps) text += element("pre", "", text_of(*run.last_steps)) + "\n";
  return text;
}

std::string checks_of(const RunResult& run) {
  std::string rows =
      "<tr><th>check</th><th class=\"right\">verified</th><th>result</th></tr>\n";
  for (const Check& check : run.checks) {
    const char* result = check.passed ? "pass" : "fail";
    rows += "<tr>" + element("td", "", check.name) +
            element("td", "right", with_thousands(check.verified)) +
            element("td", result, result) + "</tr>\n";
  }
  return scrolling_table(rows);
}

std::string facts_of(const RunResult& run) {
  std::string rows = row_of_two("seed", std::to_string(run.seed));
  if (run.maximum_operations > 0) {
    rows += row_of_two("operations of one worker",
                       with_thousands(run.minimum_operations) + " to " +
                           with_thousands(run.maximum_operations));
  }
  if (run.resident_peak_bytes > 0)
    rows += row_of_two("resident at most", with_byte_unit(run.resident_peak_bytes));
  if (run.coverage) rows += row_of_two("coverage", text_of(*run.coverage));
  for (const auto& [name, value] : run.facts) rows += row_of_two(name, value);
  return scrolling_table(rows);
}

std::string latencies_of(const RunResult& run) {
  std::string text;
  for (const Latency& latency : run.latencies) {
    if (latency.count == 0) continue;
    text +=
        element("p", "",
                fmt::format("{}: {} times, half of them up to {}, 99 % up to {}, "
                            "at most {}",
                            latency.name, with_thousands(latency.count),
                            with_time_unit(latency.p50), with_time_unit(latency.p99),
                            with_time_unit(latency.max))) +
        "\n" + latency_chart(latency);
  }
  return text;
}

std::string section_of(const RunResult& run, std::size_t index) {
  const char* verdict = name_of(run.verdict);
  const bool passed = run.verdict == Verdict::pass;
  return fmt::format("<section id=\"run-{}\">\n<h2>{}: {}</h2>\n", index,
                     escaped_markup(run.workload), element("span", verdict, verdict)) +
         (passed ? "" : element("p", "", meaning_of(run.verdict)) + "\n") +
         failures_of(run) + throughput_chart(run.throughput) + latencies_of(run) +
         (passed ? "<details>" : "<details open=\"\">") +
         "<summary>checks, facts and how to repeat it</summary>\n" + checks_of(run) +
         facts_of(run) + element("pre", "", run.reproduce) +
         "\n</details>\n</section>\n";
}

std::string circumstances_table(const Report& report) {
  std::string rows = row_of_two("began", utc_text(report.began)) +
                     row_of_two("seed", std::to_string(report.seed)) +
                     row_of_two("rounds", std::to_string(report.rounds));
  for (const auto& [name, value] : circumstances_of(report))
    rows += row_of_two(name, value);
  return "<h2>Where and how</h2>\n" + scrolling_table(rows);
}

}  // namespace

std::string report_html(const Report& report) {
  const char* verdict = name_of(verdict_of(report));
  const std::vector<std::size_t> shown = shown_of(report);
  std::string page = page_head(std::string("threadmill stress: ") + verdict) +
                     "<body>\n" +
                     "<h1>threadmill stress: " + element("span", verdict, verdict) +
                     "</h1>\n" + element("p", "", conclusion_of(report)) + "\n";
  if (!report.refusal.empty()) page += element("p", "fail", report.refusal) + "\n";
  if (report.comparison) {
    for (const std::string& line : lines_of(*report.comparison))
      page += element("p", "", line) + "\n";
  }
  page += table_of(report, shown);
  if (shown.size() < report.runs.size()) {
    page += fmt::format("<p>{} more runs are in the data of this page.</p>\n",
                        report.runs.size() - shown.size());
  }
  for (const std::size_t index : shown) page += section_of(report.runs[index], index);
  return page + circumstances_table(report) +
         "<script type=\"application/json\" id=\"report\">\n" +
         json_within_page(report_json(report)) + "</script>\n</body>\n</html>\n";
}

}  // namespace threadmill
