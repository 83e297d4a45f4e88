// SPDX-License-Identifier: Apache-2.0
#include "harness/matrix.hpp"

#include <algorithm>
#include <cstddef>

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
      return "silent";
    case Detection::State::not_run:
      break;
  }
  return "";
}

std::string cell_text(const MatrixRow& row, Instrument instrument) {
  const auto cell = row.cells.find(instrument);
  return cell == row.cells.end() ? "" : cell_text(cell->second);
}

std::string headline(const Matrix& matrix) {
  const std::size_t controls = matrix.controls();
  const std::size_t faults = matrix.rows.size() - controls;
  std::string text =
      fmt::format("{} of {} faults detected", faults - matrix.holes().size(), faults);
  if (matrix.median_of_explorer() > 0) {
    text += fmt::format(", by the explorer half of them within {}",
                        time_text(matrix.median_of_explorer()));
  }
  if (controls > 0) {
    text += fmt::format("; {} of {} controls silent",
                        controls - matrix.false_alarms().size(), controls);
  }
  return text + fmt::format("; {:.1f} s", matrix.elapsed_seconds);
}

Json json_of(const Detection& detection) {
  if (detection.state == Detection::State::not_run)
    return {{"detected", nullptr}, {"reason", detection.reason}};
  Json json = {{"detected", detection.state == Detection::State::detected},
               {"seconds", detection.seconds}};
  if (detection.executions > 0) json["executions"] = detection.executions;
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
  return {{"name", row.fault.name},
          {"origin", row.fault.catalogue},
          {"summary", row.fault.summary},
          {"control", row.fault.is_control},
          {"instruments", std::move(cells)}};
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

std::size_t Matrix::controls() const {
  const auto is_control = [](const MatrixRow& row) { return row.fault.is_control; };
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), is_control));
}

double Matrix::median_of_explorer() const {
  std::vector<double> times;
  for (const MatrixRow& row : rows) {
    double best = -1;
    for (const auto& [instrument, detection] : row.cells) {
      if (detection.executions == 0 || detection.state != Detection::State::detected)
        continue;
      if (best < 0 || detection.seconds < best) best = detection.seconds;
    }
    if (best >= 0) times.push_back(best);
  }
  if (times.empty()) return 0;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
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
      return head + "silent for " + time_text(detection.seconds) + "\n";
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
  text += headline(matrix) + "\n";
  for (const std::string& name : matrix.holes()) text += "hole: " + name + "\n";
  for (const std::string& name : matrix.false_alarms())
    text += "false alarm: " + name + "\n";
  return text;
}

std::string matrix_json(const Matrix& matrix) {
  Json rows = Json::array();
  for (const MatrixRow& row : matrix.rows) rows.push_back(json_of(row));
  const std::vector<std::string> holes = matrix.holes();
  const Json json = {
      {"schema", 1},
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
      {"detected", matrix.rows.size() - matrix.controls() - holes.size()},
      {"median_seconds_of_explorer", matrix.median_of_explorer()},
      {"holes", holes},
      {"false_alarms", matrix.false_alarms()},
      {"faults", std::move(rows)}};
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
         element("p", "", headline(matrix)) + "\n" + holes + scrolling_table(rows) +
         "<h2>What saw them</h2>\n" + scrolling_table(findings) +
         "<h2>Where and how</h2>\n" + scrolling_table(circumstances) +
         "<script type=\"application/json\" id=\"matrix\">\n" +
         json_within_page(matrix_json(matrix)) + "</script>\n</body>\n</html>\n";
}

}  // namespace threadmill
