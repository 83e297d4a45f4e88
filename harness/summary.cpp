// SPDX-License-Identifier: Apache-2.0
#include "harness/summary.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "harness/baseline.hpp"
#include "harness/host.hpp"
#include "harness/numbers.hpp"
#include "harness/result_table.hpp"
#include "harness/text_table.hpp"

namespace threadmill {
namespace {

// Colours stand around the last column only, so that they move no other.
std::string coloured(std::string line, Verdict verdict) {
  const std::string word = name_of(verdict);
  const char* code = verdict == Verdict::pass         ? "\x1b[32m"
                     : verdict == Verdict::unverified ? "\x1b[33m"
                                                      : "\x1b[31m";
  line.insert(line.size() - word.size(), code);
  return line + "\x1b[0m";
}

// Of many rounds only what did not go well; the report has all.
std::vector<const RunResult*> shown_of(const Report& report) {
  std::vector<const RunResult*> shown;
  for (const RunResult& run : report.runs) {
    if (report.rounds <= 1 || run.verdict != Verdict::pass) shown.push_back(&run);
  }
  return shown;
}

TextTable table_of(const Report& report, const std::vector<const RunResult*>& shown) {
  TextTable table(result_columns(report));
  for (const RunResult* run : shown) table.add(result_cells(report, *run));
  return table;
}

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// Of several runs, the orders that were not seen are in the report only.
std::string coverage_text(const RunResult& run, bool with_orders) {
  std::string text =
      fmt::format("{}: coverage: {}\n", run.workload, text_of(*run.coverage));
  if (!with_orders) return text;
  for (const std::string& order : never_seen(*run.coverage, "directly before"))
    text += fmt::format("{}: never seen: {}\n", run.workload, printable(order));
  return text;
}

// The worst of all runs; nothing if nobody had to wait.
std::string line_of_waits(const Report& report) {
  std::vector<Latency> worst;
  for (const RunResult& run : report.runs) {
    for (const Latency& latency : run.latencies) {
      auto same = std::find_if(worst.begin(), worst.end(), [&](const Latency& other) {
        return other.name == latency.name;
      });
      if (same == worst.end())
        same = worst.insert(worst.end(), {latency.name, 0, 0, 0, 0, {}});
      same->p99 = std::max(same->p99, latency.p99);
      same->max = std::max(same->max, latency.max);
    }
  }
  std::string line;
  for (const Latency& latency : worst) {
    if (latency.name == "attach" && latency.max == 0) return "";
    line += fmt::format("{}{} {}, {}", line.empty() ? "waits (p99, max): " : "; ",
                        latency.name, with_time_unit(latency.p99),
                        with_time_unit(latency.max));
  }
  return line.empty() ? line : line + "\n";
}

}  // namespace

std::string conclusion_of(const Report& report) {
  const std::string runs = report.rounds <= 1
                               ? counted(report.runs.size(), "workload")
                               : counted(report.runs.size(), "run") + " of " +
                                     counted(report.rounds, "round");
  std::string line =
      fmt::format("{}: {} in {:.1f} s, seed {}, at most {} resident",
                  name_of(verdict_of(report)), runs, report.elapsed_seconds,
                  report.seed, with_byte_unit(report.resident_peak_bytes));
  if (report.interrupted) line += ", interrupted";
  if (!report.not_run.empty()) {
    line += fmt::format(", not run: {}", fmt::join(report.not_run, " "));
  }
  if (!report.missing_shards.empty())
    line += fmt::format(", shards missing: {}", fmt::join(report.missing_shards, " "));
  return line;
}

std::string summary_of(const Report& report, bool colour) {
  const std::vector<const RunResult*> shown = shown_of(report);
  const std::vector<std::string> lines = table_of(report, shown).lines();
  std::string text = "\n" + lines.front() + "\n";
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::string& line = lines[i + 1];
    text += (colour ? coloured(line, shown[i]->verdict) : line) + "\n";
  }
  text += "\n";
  for (const RunResult* run : shown) {
    for (const auto& [name, value] : run->facts) {
      if (name == kObjectsMade) continue;
      text +=
          fmt::format("{}: {}: {}\n", run->workload, printable(name), printable(value));
    }
    if (run->coverage) text += coverage_text(*run, report.runs.size() == 1);
  }
  if (report.comparison) {
    for (const std::string& line : lines_of(*report.comparison)) text += line + "\n";
  }
  for (const std::string& line : report.differences)
    text += "not the same: " + printable(line) + "\n";
  return text + line_of_waits(report) + conclusion_of(report) + "\n";
}

}  // namespace threadmill
