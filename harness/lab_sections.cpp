// SPDX-License-Identifier: Apache-2.0
#include "harness/lab_sections.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "harness/bench_ratios.hpp"
#include "harness/detection.hpp"
#include "harness/numbers.hpp"
#include "harness/page.hpp"
#include "harness/report_file.hpp"
#include "harness/report_json.hpp"
#include "harness/result_table.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;
using Value = std::optional<double>;

constexpr std::size_t kRowsPerPlot = 24;
constexpr std::size_t kMostCurves = 200;  // plots of them
constexpr std::size_t kMostRows = 2000;   // of a table
constexpr std::size_t kMostSpans = 20'000;
constexpr std::size_t kMostLanes = 40;  // of one process
constexpr std::size_t kMostTimelines = 8;
constexpr double kMostTime = 1e15;  // microseconds

std::string row_of(const std::vector<std::string>& cells, const char* tag = "td") {
  std::string html = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool failed = cells[i] == "FAIL";
    html += element(tag, failed ? "fail right" : i == 0 ? "" : "right", cells[i]);
  }
  return html + "</tr>\n";
}

std::string folded(const std::string& summary, const std::string& html) {
  return "<details>" + element("summary", "", summary) + html + "</details>\n";
}

std::string facts_table(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string rows;
  for (const auto& [name, value] : facts) rows += row_of_two(name, value);
  return folded("machine and build", scrolling_table(rows));
}

// --- benchmarks ---

std::vector<std::string> models_of(const BenchFile& file) {
  std::vector<std::string> models = file.models();
  const auto biased = std::find(models.begin(), models.end(), kBiased);
  if (biased != models.end()) std::rotate(models.begin(), biased, biased + 1);
  if (models.empty()) models.emplace_back();
  return models;
}

// The rows of all kinds of values that are compared: of times, and of each counter that
// is one. Those of a kind have a plot, some rows at a time.
std::map<const Measure*, std::vector<std::string>> names_to_plot(
    const BenchFile& file, const std::vector<std::string>& models) {
  std::map<const Measure*, std::vector<std::string>> names;
  for (const std::string& name : file.row_names()) {
    const BenchRow* first = file.find(name, models.front());
    if (first == nullptr || first->unit() == Unit::share) continue;
    const bool shared = std::count_if(models.begin(), models.end(), [&](const auto& m) {
                          return file.find(name, m) != nullptr;
                        }) > 1;
    if (shared) names[first->measure].push_back(name);
  }
  return names;
}

std::string ratio_title(const Measure* measure, const std::string& model) {
  if (measure == nullptr)
    return "times as long as " + model + " (right: slower, left: faster)";
  return fmt::format("{}: times that of {} (left: less, which is better)",
                     measure->counter, model);
}

Plot ratio_plot(const BenchFile& file,
                const std::vector<std::string>& models,
                const Measure* measure,
                std::vector<std::string> names) {
  Plot plot;
  plot.title = ratio_title(measure, models.front());
  plot.kind = Plot::Kind::bars;
  plot.x = {measure == nullptr ? "ratio of times" : "ratio", true, false, 1};
  plot.labels = std::move(names);
  for (std::size_t i = 1; i < models.size(); ++i) {
    PlotSeries series{models[i], {}};
    for (const std::string& name : plot.labels) {
      const BenchRow* row = file.find(name, models[i]);
      Value value;
      if (row != nullptr) {
        if (const auto ratio =
                paired_ratio_of(*file.find(name, models.front()), *row, TimeKind::real))
          value = ratio->value;
      }
      series.points.push_back({value});
    }
    plot.series.push_back(std::move(series));
  }
  return plot;
}

// Of all models to the first.
std::vector<Plot> ratio_plots(const BenchFile& file,
                              const std::vector<std::string>& models) {
  std::vector<Plot> plots;
  for (const auto& [measure, names] : names_to_plot(file, models)) {
    for (std::size_t begin = 0; begin < names.size(); begin += kRowsPerPlot) {
      const std::size_t end = std::min(begin + kRowsPerPlot, names.size());
      plots.push_back(ratio_plot(file, models, measure,
                                 {names.begin() + static_cast<std::ptrdiff_t>(begin),
                                  names.begin() + static_cast<std::ptrdiff_t>(end)}));
    }
  }
  return plots;
}

// Rows that differ in nothing but the number of threads are one curve.
std::vector<Plot> scaling_plots(const BenchFile& file,
                                const std::vector<std::string>& models) {
  std::vector<std::string> names;
  std::map<std::string, std::map<std::string, std::map<std::uint64_t, double>>> curves;
  for (const BenchRow& row : file.rows) {
    const std::optional<double> middle = row.middle(TimeKind::real);
    if (!middle || !row.error.empty() || row.measure != nullptr) continue;
    const std::string name = name_without_threads(row.name);
    if (!curves.contains(name)) names.push_back(name);
    curves[name][row.model][row.threads] = *middle;
  }
  std::vector<Plot> plots;
  for (const std::string& name : names) {
    Plot plot;
    plot.title = name;
    plot.x = {"threads", false, false, 0, true};
    plot.y = {"elapsed time per operation", false, true};
    std::size_t most_points = 0;
    for (const std::string& model : models) {
      PlotSeries series{model.empty() ? name : model, {}};
      for (const auto& [threads, time] : curves[name][model])
        series.points.push_back({static_cast<double>(threads), time});
      most_points = std::max(most_points, series.points.size());
      if (!series.points.empty()) plot.series.push_back(std::move(series));
    }
    if (most_points > 1) plots.push_back(std::move(plot));
  }
  return plots;
}

std::string bench_table(const BenchFile& file, const std::vector<std::string>& models) {
  std::vector<std::string> head = {"row"};
  for (const std::string& model : models)
    head.push_back(model.empty() ? "median" : model);
  std::string rows = row_of(head, "th");
  std::size_t shown = 0;
  for (const std::string& name : file.row_names()) {
    if (++shown > kMostRows) break;
    const BenchRow* first = file.find(name, models.front());
    std::vector<std::string> cells = {title_of(file, name, models)};
    for (const std::string& model : models)
      cells.push_back(cell_text(file.find(name, model), first, TimeKind::real));
    rows += row_of(cells);
  }
  std::string html = scrolling_table(rows);
  for (const std::string& note : notes_of(file, models)) html += element("p", "", note);
  return html;
}

std::string counters_text(const BenchRow& row) {
  std::string text;
  for (const auto& [name, values] : row.counters)
    text +=
        fmt::format("{}{} {:.4g}", text.empty() ? "" : ", ", name, median_of(values));
  return text;
}

// What no other table has: the times of all models, and all counters.
std::string medians_table(const BenchFile& file) {
  std::string rows =
      row_of({"row", "model", "median", "processor time", "counters"}, "th");
  const std::size_t shown = std::min(file.rows.size(), kMostRows);
  for (std::size_t i = 0; i < shown; ++i) {
    const BenchRow& row = file.rows[i];
    const std::optional<double> middle = row.middle(TimeKind::real);
    const std::optional<double> processor = row.middle(TimeKind::cpu);
    const bool has_times = processor && row.measure == nullptr;
    rows +=
        "<tr>" + element("td", "", row.title()) + element("td", "", row.model) +
        (row.error.empty()
             ? element("td", "right",
                       middle ? with_star(value_text(row.unit(), *middle), row) : "-")
             : element("td", "fail right", "FAIL")) +
        element("td", "right", has_times ? nanoseconds_text(*processor) : "") +
        element("td", "text", counters_text(row)) + "</tr>\n";
  }
  std::string html = scrolling_table(rows);
  if (shown < file.rows.size())
    html +=
        element("p", "", fmt::format("{} more are left out", file.rows.size() - shown));
  return folded("medians of all models, and their counters", html);
}

// --- stress ---

// Counts of what took from 2^k to 2^(k+1) nanoseconds.
using Octaves = std::map<int, double>;

Octaves octaves_of(const Report& report, const std::string& name) {
  Octaves octaves;
  for (const RunResult& run : report.runs) {
    for (const Latency& latency : run.latencies) {
      if (latency.name != name) continue;
      for (const Latency::Bucket& bucket : latency.buckets) {
        const auto from = static_cast<double>(std::max<std::uint64_t>(bucket.from, 1));
        octaves[static_cast<int>(std::log2(from))] += static_cast<double>(bucket.count);
      }
    }
  }
  return octaves;
}

std::optional<Plot> pause_plot(const Report& report) {
  constexpr std::array<const char*, 3> kNames = {"stop", "pause", "attach"};
  std::map<std::string, Octaves> all;
  int least = 64;
  int most = -1;
  for (const char* name : kNames) {
    all[name] = octaves_of(report, name);
    if (all[name].empty()) continue;
    least = std::min(least, all[name].begin()->first);
    most = std::max(most, all[name].rbegin()->first);
  }
  if (most < 0) return std::nullopt;
  Plot plot;
  plot.title = "how long stops, pauses and waits to attach took";
  plot.kind = Plot::Kind::bars;
  plot.x = {"how often", true, false, 0.5};
  for (int octave = least; octave <= most; ++octave)
    plot.labels.push_back("from " + nanoseconds_text(std::exp2(octave)));
  for (const char* name : kNames) {
    PlotSeries series{name, {}};
    for (int octave = least; octave <= most; ++octave) {
      const auto found = all[name].find(octave);
      series.points.push_back(
          {found == all[name].end() ? Value() : Value(found->second)});
    }
    plot.series.push_back(std::move(series));
  }
  return plot;
}

std::optional<Plot> rate_plot(const Report& report) {
  Plot plot;
  plot.title = "operations per second of each workload";
  plot.kind = Plot::Kind::bars;
  plot.x = {"operations per second", true, false, 1};
  PlotSeries series{"operations per second", {}};
  std::set<std::string> seen;
  for (const RunResult& run : report.runs) {
    const double rate = operations_per_second(run);
    if (!(rate > 1) || plot.labels.size() >= 2 * kRowsPerPlot) continue;
    if (!seen.insert(run.workload).second) continue;  // another round
    plot.labels.push_back(run.workload);
    series.points.push_back({rate});
  }
  if (plot.labels.empty()) return std::nullopt;
  plot.series.push_back(std::move(series));
  return plot;
}

std::string stress_table(const Report& report) {
  const std::vector<TextTable::Column> columns = result_columns(report);
  std::string rows = "<tr>";
  for (const TextTable::Column& column : columns)
    rows += element("th", column.align == TextTable::Align::right ? "right" : "",
                    column.title);
  rows += "</tr>\n";
  for (std::size_t i = 0; i < std::min(report.runs.size(), kMostRows); ++i) {
    const std::vector<std::string> cells = result_cells(report, report.runs[i]);
    rows += "<tr>";
    for (std::size_t k = 0; k < cells.size(); ++k) {
      const bool verdict = k + 1 == cells.size();
      const bool right =
          k < columns.size() && columns[k].align == TextTable::Align::right;
      rows += element("td", verdict ? cells[k] : right ? "right" : "", cells[k]);
    }
    rows += "</tr>\n";
  }
  return scrolling_table(rows);
}

std::string failures_of(const Report& report) {
  std::string html;
  for (const RunResult& run : report.runs) {
    for (const Check& check : run.checks) {
      if (check.passed) continue;
      html += element("pre", "wrong",
                      fmt::format("{}: {}: {}\n{}", run.workload, check.name,
                                  check.detail, run.reproduce)) +
              "\n";
    }
  }
  return html;
}

// --- faults ---

struct MatrixCell {
  std::string text;
  bool detected = false;
  double seconds = 0;
};

MatrixCell matrix_cell_of(const Json& row, const std::string& instrument) {
  const Json& cells = object_member(row, "instruments");
  if (!cells.contains(instrument)) return {};
  const Json& cell = object_member(cells, instrument.c_str());
  if (!has(cell, "detected")) return {"not run"};
  if (!flag_member(cell, "detected")) {
    const bool excluded = has(cell, "exhaustive") && flag_member(cell, "exhaustive");
    return {excluded ? "excluded" : "silent"};
  }
  const double seconds = number_member(cell, "seconds", kMostTime);
  return {time_text(seconds), true, seconds};
}

std::vector<std::string> instruments_of(const Json& rows) {
  std::vector<std::string> names;
  for (const Json& row : rows) {
    for (const auto& [name, cell] : object_member(row, "instruments").items()) {
      const bool known = std::find(names.begin(), names.end(), name) != names.end();
      if (!known && names.size() < 12) names.push_back(name);
    }
  }
  return names;
}

bool is_control(const Json& row) {
  return has(row, "control") && flag_member(row, "control");
}

// So many faults had been found after so many seconds each.
Plot detection_plot(const Json& rows, const std::vector<std::string>& instruments) {
  Plot plot;
  plot.title = "faults found within such a time each";
  plot.kind = Plot::Kind::line;
  plot.x = {"time to the finding", true, true};
  plot.y = {"faults found"};
  for (const std::string& instrument : instruments) {
    std::vector<double> times;
    for (const Json& row : rows) {
      const MatrixCell cell = matrix_cell_of(row, instrument);
      if (cell.detected && !is_control(row))
        times.push_back(std::max(cell.seconds * 1e9, 1.0));
    }
    std::sort(times.begin(), times.end());
    PlotSeries series{instrument, {}};
    for (std::size_t i = 0; i < times.size(); ++i)
      series.points.push_back({times[i], static_cast<double>(i + 1)});
    if (!series.points.empty()) plot.series.push_back(std::move(series));
  }
  return plot;
}

// --- traces ---

// The lanes of one process: its threads, in the order in which they come.
struct ProcessLanes {
  Plot plot;
  std::map<std::uint64_t, std::size_t> lanes;  // by thread
  std::map<std::string, std::size_t> series;   // by the names of spans
  double begin = 0;                            // of its first span
};

using Names = std::map<std::pair<std::uint64_t, std::uint64_t>, std::string>;

// Of threads; of processes with thread 0.
struct TraceNames {
  Names processes;
  Names threads;
};

TraceNames names_in(const Json& events) {
  TraceNames names;
  for (const Json& event : events) {
    if (text_member(event, "ph") != "M") continue;
    const std::string kind = text_member(event, "name");
    if (kind != "process_name" && kind != "thread_name") continue;
    const bool of_process = kind == "process_name";
    const std::uint64_t process = whole_member(event, "pid");
    const std::uint64_t thread = of_process ? 0 : whole_member(event, "tid");
    (of_process ? names.processes : names.threads)[{process, thread}] =
        text_member(object_member(event, "args"), "name");
  }
  return names;
}

std::string name_in(const Names& names, std::uint64_t process, std::uint64_t thread) {
  const auto found = names.find({process, thread});
  return found == names.end() ? std::to_string(thread) : found->second;
}

// The label of a thread's lane, which is how the plot's script knows it. False: there are
// enough lanes.
bool find_lane(ProcessLanes& timeline,
               const TraceNames& names,
               std::uint64_t process,
               std::uint64_t thread) {
  if (timeline.lanes.contains(thread)) return true;
  std::vector<std::string>& labels = timeline.plot.labels;
  if (labels.size() >= kMostLanes) return false;
  std::string name = name_in(names.threads, process, thread);
  if (std::find(labels.begin(), labels.end(), name) != labels.end())
    name += fmt::format(" ({})", labels.size());
  timeline.lanes[thread] = labels.size();
  labels.push_back(std::move(name));
  return true;
}

void add_span(ProcessLanes& timeline, const Json& event, double from, double length) {
  const std::string name = text_member(event, "name");
  std::vector<PlotSeries>& all = timeline.plot.series;
  const auto [at, is_new] = timeline.series.try_emplace(name, all.size());
  if (is_new) all.push_back({name, {}});
  const double begin = (from - timeline.begin) * 1e3;
  const std::size_t lane = timeline.lanes.at(whole_member(event, "tid"));
  all[at->second].points.push_back(
      {begin, begin + length * 1e3, static_cast<double>(lane)});
}

std::vector<ProcessLanes> timelines_of(const Json& events) {
  const TraceNames names = names_in(events);
  std::map<std::uint64_t, double> begins;  // of processes
  for (const Json& event : events) {
    if (text_member(event, "ph") != "X") continue;
    const double from = number_member(event, "ts", kMostTime);
    const auto [begin, is_new] = begins.try_emplace(whole_member(event, "pid"), from);
    begin->second = std::min(begin->second, from);
  }
  std::vector<ProcessLanes> timelines;
  std::map<std::uint64_t, std::size_t> numbers;  // by process
  std::size_t spans = 0;
  for (const Json& event : events) {
    if (text_member(event, "ph") != "X") continue;
    const std::uint64_t process = whole_member(event, "pid");
    const double from = number_member(event, "ts", kMostTime);
    const double length = number_member(event, "dur", kMostTime);
    const auto [number, is_new] = numbers.try_emplace(process, timelines.size());
    if (is_new) {
      ProcessLanes& made = timelines.emplace_back();
      made.begin = begins[process];
      made.plot.title = name_in(names.processes, process, 0) + ": who did what when";
      made.plot.kind = Plot::Kind::spans;
      made.plot.x = {"since its begin", false, true};
    }
    ProcessLanes& timeline = timelines[number->second];
    if (number->second >= kMostTimelines || ++spans > kMostSpans) continue;
    if (find_lane(timeline, names, process, whole_member(event, "tid")))
      add_span(timeline, event, from, length);
  }
  return timelines;
}

}  // namespace

LabSection bench_section(const BenchFile& file) {
  const std::vector<std::string> models = models_of(file);
  LabSection section;
  section.title = models.size() > 1 ? "What each design costs" : "Benchmarks";
  const Noise noise = noise_in(file, TimeKind::real);
  if (!noise.text.empty())
    section.before += element("p", noise.is_noisy ? "fail" : "", noise.text);
  if (models.size() > 1) section.plots = ratio_plots(file, models);
  std::vector<Plot> curves = scaling_plots(file, models);
  const std::size_t drawn = std::min(curves.size(), kMostCurves);
  for (std::size_t i = 0; i < drawn; ++i) section.plots.push_back(std::move(curves[i]));
  if (drawn < curves.size()) {
    section.after +=
        element("p", "",
                fmt::format("The curves of {} more rows by their threads are left out.",
                            curves.size() - drawn));
  }
  if (models.size() > 1) {
    section.after += element("p", "", "The " + model_table_headline(models.front()));
  }
  section.after +=
      bench_table(file, models) + medians_table(file) + facts_table(file.context);
  return section;
}

LabSection stress_section(const Report& report) {
  LabSection section;
  section.title = "A stress run";
  const char* verdict = name_of(verdict_of(report));
  section.before =
      element("p", verdict,
              fmt::format("{}: {} runs in {:.1f} s, seed {}", verdict,
                          report.runs.size(), report.elapsed_seconds, report.seed)) +
      failures_of(report);
  if (auto plot = rate_plot(report)) section.plots.push_back(std::move(*plot));
  if (auto plot = pause_plot(report)) section.plots.push_back(std::move(*plot));
  section.after = stress_table(report) + facts_table(circumstances_of(report));
  return section;
}

LabSection matrix_section(const Json& matrix) {
  const Json& faults = list_member(matrix, "faults");
  const std::vector<std::string> instruments = instruments_of(faults);
  LabSection section;
  section.title = "Which instrument finds which fault";
  std::vector<std::string> head = {"fault", "origin"};
  head.insert(head.end(), instruments.begin(), instruments.end());
  std::string rows = row_of(head, "th");
  std::size_t known = 0;
  std::size_t found = 0;
  std::vector<std::string> holes;
  for (const Json& fault : faults) {
    const std::string name = text_member(fault, "name");
    const bool control = is_control(fault);
    bool detected = false;
    std::string row =
        "<tr>" + element("td", "", control ? name + " (control)" : name) +
        element("td", "", has(fault, "origin") ? text_member(fault, "origin") : "");
    for (const std::string& instrument : instruments) {
      const MatrixCell cell = matrix_cell_of(fault, instrument);
      detected |= cell.detected;
      const char* kind = control ? "fail right" : "pass right";
      row += element("td", cell.detected ? kind : "right", cell.text);
    }
    rows += row + "</tr>\n";
    if (control) continue;
    ++known;
    found += detected ? 1 : 0;
    if (!detected) holes.push_back(name);
  }
  section.before = element(
      "p", "",
      fmt::format("{} of {} faults were found by some instrument", found, known));
  for (const std::string& hole : holes)
    section.before += element("p", "fail", "hole: " + hole);
  section.plots.push_back(detection_plot(faults, instruments));
  section.after = scrolling_table(rows);
  return section;
}

LabSection trace_section(const Json& trace) {
  const Json& events = list_member(trace, "traceEvents");
  LabSection section;
  section.title = "The timeline of a run";
  section.before =
      element("p", "",
              "Chrome (chrome://tracing) and Perfetto open the same file and "
              "show more of it.");
  std::vector<ProcessLanes> timelines = timelines_of(events);
  for (std::size_t i = 0; i < std::min(timelines.size(), kMostTimelines); ++i)
    section.plots.push_back(std::move(timelines[i].plot));
  if (timelines.size() > kMostTimelines)
    section.after = element(
        "p", "",
        fmt::format("The file has {} more.", timelines.size() - kMostTimelines));
  return section;
}

LabSection search_section(const Json& searches) {
  LabSection section;
  section.title = "Schedules explored";
  std::string rows =
      row_of({"scenario", "memory", "executions", "seconds", "verdict"}, "th");
  for (const Json& each : list_member(searches, "scenarios")) {
    const std::string verdict = text_member(each, "verdict");
    const bool whole = has(each, "executions");
    rows += "<tr>" + element("td", "", text_member(each, "scenario")) +
            element("td", "", has(each, "memory") ? text_member(each, "memory") : "") +
            element("td", "right",
                    whole ? with_thousands(whole_member(each, "executions")) : "") +
            element("td", "right",
                    has(each, "seconds")
                        ? fmt::format("{:.2f}", number_member(each, "seconds", 1e9))
                        : "") +
            element("td", verdict == "pass" ? "pass" : "fail", verdict) + "</tr>\n";
  }
  section.after = scrolling_table(rows);
  return section;
}

}  // namespace threadmill
