// SPDX-License-Identifier: Apache-2.0
#include "harness/report_reader.hpp"

#include <ctime>

#include "harness/report_file.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kLongest = 1e9;  // seconds
constexpr double kFastest = 1e15;
constexpr std::uint64_t kMostThreads = 1'000'000;
constexpr std::size_t kLongestDetail = 1 << 20;

Host host_of(const Json& json) {
  Host host;
  host.cpu = text_member(json, "cpu");
  host.cores = static_cast<unsigned>(whole_member(json, "cores", kMostThreads));
  host.memory_bytes = whole_member(json, "memory_bytes");
  host.kernel = text_member(json, "kernel");
  return host;
}

Build build_of(const Json& json) {
  Build build;
  build.compiler = text_member(json, "compiler");
  build.build_type = text_member(json, "build_type");
  build.refcount = text_member(json, "refcount");
  build.header_bytes = static_cast<int>(whole_member(json, "header_bytes", 1000));
  build.allocator = text_member(json, "allocator");
  build.sanitizers = text_member(json, "sanitizers");
  build.checks = static_cast<int>(whole_member(json, "checks", 1000));
  build.faults = flag_member(json, "faults");
  return build;
}

Settings settings_of(const Json& json) {
  Settings settings;
  settings.threads = static_cast<unsigned>(whole_member(json, "threads", kMostThreads));
  settings.seconds = number_member(json, "seconds", kLongest);
  settings.operations = whole_member(json, "operations");
  settings.jobs = static_cast<unsigned>(whole_member(json, "jobs", kMostThreads));
  settings.pin = flag_member(json, "pin");
  settings.fault = text_member(json, "fault");
  if (has(json, "chaos"))
    settings.chaos = static_cast<unsigned>(whole_member(json, "chaos", 1000));
  if (has(json, "reuse")) settings.reuses_late = text_member(json, "reuse") == "late";
  return settings;
}

Check check_of(const Json& json) {
  const std::string by = text_member(json, "by");
  if (by != "oracle" && by != "workload") refuse_member("by");
  return {text_member(json, "name"), whole_member(json, "verified"),
          flag_member(json, "passed"), text_member(json, "detail", kLongestDetail),
          by == "oracle" ? CheckedBy::oracle : CheckedBy::workload};
}

LastSteps last_steps_of(const Json& json) {
  LastSteps steps;
  steps.stage = text_member(json, "stage");
  const Json& operations = member(json, "operations");
  if (!operations.is_array()) refuse_member("operations");
  for (const Json& value : operations) {
    if (!value.is_number_unsigned()) refuse_member("operations");
    steps.operations.push_back(value);
  }
  steps.stack = texts_member(json, "stack");
  steps.more = texts_member(json, "more");
  return steps;
}

std::vector<ThroughputPoint> throughput_of(const Json& json) {
  const Json& seconds = member(json, "seconds");
  const Json& operations = member(json, "operations");
  if (!seconds.is_array() || !operations.is_array() ||
      seconds.size() != operations.size())
    refuse_member("throughput");
  std::vector<ThroughputPoint> points;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const bool fits = seconds[i].is_number() && seconds[i].get<double>() >= 0 &&
                      seconds[i].get<double>() <= kLongest &&
                      operations[i].is_number_unsigned();
    if (!fits) refuse_member("throughput");
    points.push_back({seconds[i], operations[i]});
  }
  return points;
}

Latency latency_of(const Json& json) {
  Latency latency;
  latency.name = text_member(json, "name");
  latency.count = whole_member(json, "count");
  latency.p50 = whole_member(json, "p50_ns");
  latency.p99 = whole_member(json, "p99_ns");
  latency.max = whole_member(json, "max_ns");
  const Json& buckets = member(json, "buckets_ns");
  if (!buckets.is_array()) refuse_member("buckets_ns");
  for (const Json& bucket : buckets) {
    bool fits = bucket.is_array() && bucket.size() == 3;
    for (const Json& value : bucket) fits = fits && value.is_number_unsigned();
    if (!fits) refuse_member("buckets_ns");
    latency.buckets.push_back({bucket[0], bucket[1], bucket[2]});
  }
  return latency;
}

HeldPeaks held_peaks_of(const Json& json) {
  return {whole_member(json, "retired_bytes"), whole_member(json, "inbox_entries"),
          whole_member(json, "page_bytes")};
}

PairCoverage coverage_in(const Json& json) {
  PairCoverage coverage;
  coverage.pairs = whole_member(json, "pairs");
  coverage.both_orders = whole_member(json, "both_orders");
  for (const Json& pair : list_member(json, "one_order")) {
    coverage.one_order.push_back({text_member(pair, "first"),
                                  text_member(pair, "second"),
                                  whole_member(pair, "times")});
  }
  return coverage;
}

std::vector<std::pair<std::string, std::string>> facts_of(const Json& json) {
  std::vector<std::pair<std::string, std::string>> facts;
  for (const auto& [name, value] : json.items()) {
    if (!value.is_string()) refuse_member("facts");
    facts.emplace_back(name, value);
  }
  return facts;
}

Verdict verdict_in(const Json& json) {
  const std::optional<Verdict> verdict = verdict_named(text_member(json, "verdict"));
  if (!verdict) refuse_member("verdict");
  return *verdict;
}

RunResult run_of(const Json& json) {
  RunResult run;
  run.workload = text_member(json, "workload");
  run.threads = static_cast<unsigned>(whole_member(json, "threads", kMostThreads));
  run.seed = whole_member(json, "seed");
  run.workload_seed = whole_member(json, "workload_seed");
  run.seconds = -1;
  if (has(json, "seconds")) {
    run.seconds = number_member(json, "seconds", kLongest);
    run.operations = whole_member(json, "operations");
    const Json& fairness = object_member(json, "fairness");
    run.minimum_operations = whole_member(fairness, "minimum_operations");
    run.maximum_operations = whole_member(fairness, "maximum_operations");
  }
  for (const Json& check : list_member(json, "checks"))
    run.checks.push_back(check_of(check));
  run.verdict = verdict_in(json);
  run.facts = facts_of(object_member(json, "facts"));
  if (has(json, "throughput"))
    run.throughput = throughput_of(object_member(json, "throughput"));
  if (has(json, "latencies")) {
    for (const Json& latency : list_member(json, "latencies"))
      run.latencies.push_back(latency_of(latency));
  }
  if (has(json, "most_pauses_to_attach"))
    run.most_pauses_to_attach = whole_member(json, "most_pauses_to_attach");
  if (has(json, "held_peaks"))
    run.held = held_peaks_of(object_member(json, "held_peaks"));
  if (has(json, "coverage"))
    run.coverage = coverage_in(object_member(json, "coverage"));
  if (has(json, "resident_peak_bytes"))
    run.resident_peak_bytes = whole_member(json, "resident_peak_bytes");
  if (has(json, "last_steps"))
    run.last_steps = last_steps_of(object_member(json, "last_steps"));
  if (has(json, "baseline_ratio"))
    run.baseline_ratio = number_member(json, "baseline_ratio", kFastest);
  run.reproduce = text_member(json, "reproduce", kLongestDetail);
  return run;
}

// As utc_text() writes it.
std::int64_t seconds_since_1970(const std::string& text) {
  std::tm time{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time);
  if (end == nullptr || *end != '\0') refuse_member("began");
  return ::timegm(&time);
}

Comparison comparison_of(const Json& json) {
  return {text_member(json, "path", kLongestDetail),
          number_member(json, "fail_below", kFastest),
          texts_member(json, "differences"), texts_member(json, "worse"),
          texts_member(json, "missing")};
}

}  // namespace

Report report_of(const Json& json) {
  Report report;
  report.host = host_of(object_member(json, "host"));
  report.build = build_of(object_member(json, "build"));
  if (has(json, "settings"))
    report.settings = settings_of(object_member(json, "settings"));
  if (has(json, "began")) report.began = seconds_since_1970(text_member(json, "began"));
  if (has(json, "elapsed_seconds"))
    report.elapsed_seconds = number_member(json, "elapsed_seconds", kLongest);
  report.seed = whole_member(json, "seed");
  report.rounds = whole_member(json, "rounds");
  if (has(json, "shard")) report.shard = text_member(json, "shard");
  for (const Json& run : list_member(json, "runs")) report.runs.push_back(run_of(run));
  report.not_run = texts_member(json, "not_run");
  report.interrupted = flag_member(json, "interrupted");
  report.resident_peak_bytes = whole_member(json, "resident_peak_bytes");
  if (has(json, "baseline"))
    report.comparison = comparison_of(object_member(json, "baseline"));
  if (has(json, "missing_shards"))
    report.missing_shards = texts_member(json, "missing_shards");
  if (has(json, "differences")) report.differences = texts_member(json, "differences");
  return report;
}

}  // namespace threadmill
