// SPDX-License-Identifier: Apache-2.0
#include "harness/trace_json.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t begin_of(const Report& report) {
  std::int64_t begin = std::numeric_limits<std::int64_t>::max();
  for (const RunResult& run : report.runs) {
    for (const TraceSpan& span : run.trace) begin = std::min(begin, span.from);
  }
  return begin;
}

// Nanoseconds as the microseconds of the format.
double microseconds(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e3;
}

void add_name(Json& events,
              const char* of,
              std::size_t process,
              std::size_t thread,
              const std::string& name) {
  events.push_back({{"ph", "M"},
                    {"name", of},
                    {"pid", process},
                    {"tid", thread},
                    {"args", {{"name", name}}}});
}

void add_operations(Json& events,
                    const RunResult& run,
                    std::size_t process,
                    std::int64_t begin) {
  const auto running =
      std::find_if(run.trace.begin(), run.trace.end(), [](const TraceSpan& span) {
        return span.lane == "stages" && span.name == "running";
      });
  if (running == run.trace.end()) return;
  for (const ThroughputPoint& point : run.throughput) {
    const auto at = running->from + static_cast<std::int64_t>(point.seconds * 1e9);
    events.push_back({{"ph", "C"},
                      {"name", "operations"},
                      {"pid", process},
                      {"tid", 0},
                      {"ts", microseconds(at - begin)},
                      {"args", {{"operations", point.operations}}}});
  }
}

void add_run(Json& events,
             const RunResult& run,
             std::size_t process,
             std::int64_t begin) {
  add_name(events, "process_name", process, 0, run.workload);
  std::map<std::string, std::size_t> lanes;
  for (const TraceSpan& span : run.trace) {
    const auto [lane, is_new] = lanes.try_emplace(span.lane, lanes.size());
    if (is_new) add_name(events, "thread_name", process, lane->second, span.lane);
    events.push_back({{"ph", "X"},
                      {"name", span.name},
                      {"pid", process},
                      {"tid", lane->second},
                      {"ts", microseconds(span.from - begin)},
                      {"dur", microseconds(span.length)}});
  }
  add_operations(events, run, process, begin);
}

}  // namespace

std::string trace_json(const Report& report) {
  Json events = Json::array();
  const std::int64_t begin = begin_of(report);
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    if (!report.runs[i].trace.empty()) add_run(events, report.runs[i], i + 1, begin);
  }
  return Json({{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events)}})
             .dump(-1, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

}  // namespace threadmill
