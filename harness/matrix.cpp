// SPDX-License-Identifier: Apache-2.0
#include "harness/matrix.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/host.hpp"
#include "harness/numbers.hpp"
#include "harness/page.hpp"
#include "harness/report_json.hpp"
#include "harness/text_table.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

std::string cell_text(const Detection& detection) {
  switch (detection.state) {
    case Detection::State::detected:
      return time_text(detection.seconds);
    case Detection::State::silent:
      return detection.exhaustive ? "excluded" : "silent";
    case Detection::State::not_run:
      break;
  }
  return "";
}

std::string cell_text(const MatrixRow& row, Instrument instrument) {
  const auto cell = row.cells.find(instrument);
  return cell == row.cells.end() ? "" : cell_text(cell->second);
}

std::size_t count_of(const std::vector<MatrixRow>& rows,
                     bool (*is_one)(const MatrixRow&)) {
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), is_one));
}

// The middle one, of two the later; 0: there is none.
double median_of(std::vector<double> times) {
  if (times.empty()) return 0;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

std::string headline(const Matrix& matrix) {
  const std::size_t faults = matrix.faults();
  std::string text =
      fmt::format("{} of {} faults detected", faults - matrix.holes().size(), faults);
  if (matrix.median_of_explorer() > 0) {
    text += fmt::format(", by the explorer half of them within {}",
                        time_text(matrix.median_of_explorer()));
  }
  const auto add = [&](std::size_t all, std::size_t alarms, const char* what) {
    if (all > 0) text += fmt::format("; {} of {} {} silent", all - alarms, all, what);
  };
  add(matrix.controls(), matrix.false_alarms_of_controls(), "controls");
  add(matrix.runs_without_fault(),
      matrix.false_alarms().size() - matrix.false_alarms_of_controls(),
      "workloads without a fault");
  return text + fmt::format("; {:.1f} s", matrix.elapsed_seconds);
}

std::vector<std::string> cells_of(Instrument instrument, const InstrumentTotal& total) {
  return {name_of(instrument), fmt::format("{} of {}", total.detected, total.given),
          std::to_string(total.by_it_alone),
          total.detected == 0 ? "" : time_text(total.median_seconds)};
}

constexpr std::array kTotals = {"instrument", "detected", "by it alone", "median time"};

// Those that were given none are left out.
std::vector<std::vector<std::string>> totals_of(const Matrix& matrix) {
  std::vector<std::vector<std::string>> rows;
  for (const Instrument instrument : all_instruments()) {
    const InstrumentTotal total = matrix.total_of(instrument);
    if (total.given > 0) rows.push_back(cells_of(instrument, total));
  }
  return rows;
}

Json json_of(const Detection& detection) {
  if (detection.state == Detection::State::not_run)
    return {{"detected", nullptr}, {"reason", detection.reason}};
  Json json = {{"detected", detection.state == Detection::State::detected},
               {"seconds", detection.seconds}};
  if (detection.executions > 0) json["executions"] = detection.executions;
  if (detection.exhaustive) json["exhaustive"] = true;
  if (detection.state == Detection::State::detected) {
    json["oracle"] = detection.oracle;
    json["reproduce"] = detection.reproduce;
  }
  return json;
}

Json json_of(const MatrixRow& row) {
  Json cells = Json::object();
  for (const auto& [instrument, detection] : row.cells)
    cells[name_of(instrument)] = json_of(detection);
  if (is_without_fault(row.fault))
    return {{"workload", row.fault.workload}, {"instruments", std::move(cells)}};
  return {{"name", row.fault.name},
          {"origin", row.fault.catalogue},
          {"summary", row.fault.summary},
          {"control", row.fault.is_control},
          {"instruments", std::move(cells)}};
}

Json json_of(const InstrumentTotal& total) {
  return {{"given", total.given},
          {"detected", total.detected},
          {"by_it_alone", total.by_it_alone},
          {"median_seconds", total.median_seconds}};
}

std::string html_row(const MatrixRow& row) {
  std::string html = "<tr>" + element("td", "", row.fault.name) +
                     element("td", "", row.fault.catalogue);
  for (const Instrument instrument : all_instruments()) {
    const auto cell = row.cells.find(instrument);
    if (cell == row.cells.end()) {
      html += element("td", "", "");
      continue;
    }
    const bool found = cell->second.state == Detection::State::detected;
    const char* kind = row.fault.is_control ? "fail right" : "pass right";
    html += element("td", found ? kind : "right", cell_text(cell->second));
  }
  return html + element("td", "text", row.fault.summary) + "</tr>\n";
}

std::string html_totals(const Matrix& matrix) {
  std::string html = "<tr>";
  for (std::size_t i = 0; i < kTotals.size(); ++i)
    html += element("th", i == 0 ? "" : "right", kTotals[i]);
  html += "</tr>\n";
  for (const std::vector<std::string>& cells : totals_of(matrix)) {
    html += "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i)
      html += element("td", i == 0 ? "" : "right", cells[i]);
    html += "</tr>\n";
  }
  return html;
}

std::string html_findings(const MatrixRow& row) {
  std::string html;
  for (const auto& [instrument, detection] : row.cells) {
    if (detection.state != Detection::State::detected) continue;
    html += "<tr>" + element("td", "", row.fault.name) +
            element("td", "", name_of(instrument)) +
            element("td", "", detection.oracle) +
            element("td", "text", detection.reproduce) + "</tr>\n";
  }
  return html;
}

}  // namespace

bool MatrixRow::detected() const {
  return std::any_of(cells.begin(), cells.end(), [](const auto& cell) {
    return cell.second.state == Detection::State::detected;
  });
}

std::vector<std::string> Matrix::holes() const {
  std::vector<std::string> names;
  for (const MatrixRow& row : rows) {
    if (!row.fault.is_control && !row.detected()) names.push_back(row.fault.name);
  }
  return names;
}

std::vector<std::string> Matrix::false_alarms() const {
  std::vector<std::string> names;
  for (const MatrixRow& row : rows) {
    if (row.fault.is_control && row.detected()) names.push_back(row.fault.name);
  }
  return names;
}

std::size_t Matrix::faults() const {
  return count_of(rows, [](const MatrixRow& row) { return !row.fault.is_control; });
}

std::size_t Matrix::controls() const {
  return count_of(rows, [](const MatrixRow& row) {
    return row.fault.is_control && !is_without_fault(row.fault);
  });
}

std::size_t Matrix::runs_without_fault() const {
  return count_of(rows,
                  [](const MatrixRow& row) { return is_without_fault(row.fault); });
}

std::size_t Matrix::false_alarms_of_controls() const {
  return count_of(rows, [](const MatrixRow& row) {
    return row.fault.is_control && !is_without_fault(row.fault) && row.detected();
  });
}

InstrumentTotal Matrix::total_of(Instrument instrument) const {
  InstrumentTotal total;
  std::vector<double> times;
  for (const MatrixRow& row : rows) {
    const auto cell = row.cells.find(instrument);
    if (row.fault.is_control || cell == row.cells.end() ||
        cell->second.state == Detection::State::not_run)
      continue;
    ++total.given;
    if (cell->second.state != Detection::State::detected) continue;
    ++total.detected;
    times.push_back(cell->second.seconds);
    const auto finders =
        std::count_if(row.cells.begin(), row.cells.end(), [](const auto& other) {
          return other.second.state == Detection::State::detected;
        });
    if (finders == 1) ++total.by_it_alone;
  }
  total.median_seconds = median_of(std::move(times));
  return total;
}

double Matrix::median_of_explorer() const {
  std::vector<double> times;
  for (const MatrixRow& row : rows) {
    if (row.fault.is_control) continue;
    double best = -1;
    for (const auto& [instrument, detection] : row.cells) {
      if (detection.executions == 0 || detection.state != Detection::State::detected)
        continue;
      if (best < 0 || detection.seconds < best) best = detection.seconds;
    }
    if (best >= 0) times.push_back(best);
  }
  return median_of(std::move(times));
}

std::string text_of(const FaultEntry& fault,
                    Instrument instrument,
                    const Detection& detection) {
  const std::string head =
      fmt::format("{:<40} {:<12} ", fault.name, name_of(instrument));
  switch (detection.state) {
    case Detection::State::detected:
      break;
    case Detection::State::silent:
      return head +
             (detection.exhaustive ? "excluded: every execution was seen, in "
                                   : "silent for ") +
             time_text(detection.seconds) + "\n";
    case Detection::State::not_run:
      return head + "not run: " + detection.reason + "\n";
  }
  const std::string executions =
      detection.executions == 0
          ? ""
          : fmt::format(", {} executions", with_thousands(detection.executions));
  return head + fmt::format("{}{}, {}\n  {}\n", time_text(detection.seconds),
                            executions, printable(detection.oracle),
                            printable(detection.reproduce));
}

std::string matrix_text(const Matrix& matrix) {
  std::vector<TextTable::Column> columns = {{"fault"}, {"origin"}};
  for (const Instrument instrument : all_instruments())
    columns.push_back({name_of(instrument), TextTable::Align::right});
  TextTable table(columns);
  for (const MatrixRow& row : matrix.rows) {
    std::vector<std::string> cells = {row.fault.name, row.fault.catalogue};
    for (const Instrument instrument : all_instruments())
      cells.push_back(cell_text(row, instrument));
    table.add(std::move(cells));
  }
  std::string text;
  for (const std::string& line : table.lines()) text += line + "\n";
  TextTable totals({{kTotals[0]},
                    {kTotals[1], TextTable::Align::right},
                    {kTotals[2], TextTable::Align::right},
                    {kTotals[3], TextTable::Align::right}});
  for (std::vector<std::string>& cells : totals_of(matrix))
    totals.add(std::move(cells));
  text += "\n";
  for (const std::string& line : totals.lines()) text += line + "\n";
  text += "\n" + headline(matrix) + "\n";
  for (const std::string& name : matrix.holes()) text += "hole: " + name + "\n";
  for (const std::string& name : matrix.false_alarms())
    text += "false alarm: " + name + "\n";
  return text;
}

std::string matrix_json(const Matrix& matrix) {
  Json rows = Json::array();
  Json without = Json::array();
  for (const MatrixRow& row : matrix.rows)
    (is_without_fault(row.fault) ? without : rows).push_back(json_of(row));
  Json totals = Json::object();
  for (const Instrument instrument : all_instruments())
    totals[name_of(instrument)] = json_of(matrix.total_of(instrument));
  const std::vector<std::string> holes = matrix.holes();
  const Json json = {{"schema", 1},
                     {"host",
                      {{"cpu", matrix.host.cpu},
                       {"cores", matrix.host.cores},
                       {"memory_bytes", matrix.host.memory_bytes},
                       {"kernel", matrix.host.kernel}}},
                     {"build",
                      {{"compiler", matrix.build.compiler},
                       {"build_type", matrix.build.build_type},
                       {"refcount", matrix.build.refcount}}},
                     {"began", utc_text(matrix.began)},
                     {"seed", matrix.seed},
                     {"seconds_per_cell", matrix.seconds_per_cell},
                     {"elapsed_seconds", matrix.elapsed_seconds},
                     {"interrupted", matrix.interrupted},
                     {"detected", matrix.faults() - holes.size()},
                     {"median_seconds_of_explorer", matrix.median_of_explorer()},
                     {"instruments", std::move(totals)},
                     {"holes", holes},
                     {"false_alarms", matrix.false_alarms()},
                     {"faults", std::move(rows)},
                     {"without_fault", std::move(without)}};
  return json.dump(1) + "\n";
}

std::string matrix_html(const Matrix& matrix) {
  std::string rows = "<tr><th>fault</th><th>origin</th>";
  for (const Instrument instrument : all_instruments())
    rows += element("th", "right", name_of(instrument));
  rows += "<th>what is wrong with it</th></tr>\n";
  std::string findings =
      "<tr><th>fault</th><th>instrument</th><th>oracle</th><th>to repeat "
      "it</th></tr>\n";
  for (const MatrixRow& row : matrix.rows) {
    rows += html_row(row);
    findings += html_findings(row);
  }
  std::string holes;
  for (const std::string& name : matrix.holes())
    holes += element("p", "fail", "hole: " + name) + "\n";
  for (const std::string& name : matrix.false_alarms())
    holes += element("p", "fail", "false alarm: " + name) + "\n";
  const std::string circumstances =
      row_of_two("began", utc_text(matrix.began)) +
      row_of_two("processor",
                 fmt::format("{}, {} cores", matrix.host.cpu, matrix.host.cores)) +
      row_of_two("compiler", matrix.build.compiler) +
      row_of_two("seed", std::to_string(matrix.seed)) +
      row_of_two("time per cell", fmt::format("{:g} s", matrix.seconds_per_cell));
  return page_head("threadmill faults") +
         "<body>\n<h1>Which instrument finds which fault</h1>\n" +
         element("p", "", headline(matrix)) + "\n" + holes +
         scrolling_table(html_totals(matrix)) + scrolling_table(rows) +
         "<h2>What saw them</h2>\n" + scrolling_table(findings) +
         "<h2>Where and how</h2>\n" + scrolling_table(circumstances) +
         "<script type=\"application/json\" id=\"matrix\">\n" +
         json_within_page(matrix_json(matrix)) + "</script>\n</body>\n</html>\n";
}

}  // namespace threadmill
