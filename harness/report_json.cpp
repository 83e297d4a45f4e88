// SPDX-License-Identifier: Apache-2.0
#include "harness/report_json.hpp"

#include <cmath>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/host.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

// Names and details may hold any bytes; what is no UTF-8 becomes U+FFFD.
std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

double microseconds_kept(double seconds) { return std::round(seconds * 1e6) / 1e6; }

Json of(const Host& host) {
  return {{"cpu", host.cpu},
          {"cores", host.cores},
          {"memory_bytes", host.memory_bytes},
          {"kernel", host.kernel}};
}

Json of(const Build& build) {
  return {{"compiler", build.compiler},   {"build_type", build.build_type},
          {"refcount", build.refcount},   {"header_bytes", build.header_bytes},
          {"allocator", build.allocator}, {"sanitizers", build.sanitizers},
          {"checks", build.checks},       {"faults", build.faults}};
}

// As --reuse takes it.
Json reuse_text(const Settings& settings) {
  if (!settings.reuses_late) return nullptr;
  return *settings.reuses_late ? "late" : "at-once";
}

Json of(const Settings& settings) {
  return {{"threads", settings.threads},
          {"seconds", settings.seconds},
          {"operations", settings.operations},
          {"jobs", settings.jobs},
          {"pin", settings.pin},
          {"fault", settings.fault},
          {"chaos", settings.chaos ? Json(*settings.chaos) : Json()},
          {"reuse", reuse_text(settings)}};
}

// Where a field of this name differs, results may differ.
Json circumstances(const Report& report) {
  return {{"host", of(report.host)},
          {"build", of(report.build)},
          {"settings", of(report.settings)}};
}

Json of(const Check& check) {
  return {{"name", check.name},
          {"verified", check.verified},
          {"passed", check.passed},
          {"detail", check.detail},
          {"by", check.by == CheckedBy::oracle ? "oracle" : "workload"}};
}

Json of(const LastSteps& steps) {
  return {{"stage", steps.stage},
          {"operations", steps.operations},
          {"stack", steps.stack},
          {"more", steps.more}};
}

Json of(const Latency& latency) {
  Json buckets = Json::array();
  for (const Latency::Bucket& bucket : latency.buckets)
    buckets.push_back(Json::array({bucket.from, bucket.to, bucket.count}));
  return {{"name", latency.name},  {"count", latency.count},
          {"p50_ns", latency.p50}, {"p99_ns", latency.p99},
          {"max_ns", latency.max}, {"buckets_ns", std::move(buckets)}};
}

Json of(const std::vector<ThroughputPoint>& points) {
  Json seconds = Json::array();
  Json operations = Json::array();
  for (const ThroughputPoint& point : points) {
    seconds.push_back(std::round(point.seconds * 1e3) / 1e3);
    operations.push_back(point.operations);
  }
  return {{"seconds", std::move(seconds)}, {"operations", std::move(operations)}};
}

Json of(const HeldPeaks& held) {
  return {{"retired_bytes", held.retired_bytes},
          {"inbox_entries", held.inbox_entries},
          {"page_bytes", held.page_bytes}};
}

Json of(const RunResult& run) {
  Json checks = Json::array();
  for (const Check& check : run.checks) checks.push_back(of(check));
  Json facts = Json::object();
  for (const auto& [name, value] : run.facts) facts[name] = value;
  Json json = {{"workload", run.workload},
               {"threads", run.threads},
               {"seed", run.seed},
               {"workload_seed", run.workload_seed},
               {"seconds", microseconds_kept(run.seconds)},
               {"operations", run.operations},
               {"operations_per_second", std::round(operations_per_second(run))},
               {"checks", std::move(checks)},
               {"verdict", name_of(run.verdict)},
               {"fairness",
                {{"minimum_operations", run.minimum_operations},
                 {"maximum_operations", run.maximum_operations}}},
               {"throughput", of(run.throughput)},
               {"facts", std::move(facts)},
               {"latencies", nullptr},
               {"most_pauses_to_attach", nullptr},
               {"held_peaks", nullptr},
               {"resident_peak_bytes", run.resident_peak_bytes},
               {"reproduce", run.reproduce}};
  if (!run.latencies.empty()) {
    json["latencies"] = Json::array();
    for (const Latency& latency : run.latencies)
      json["latencies"].push_back(of(latency));
    json["most_pauses_to_attach"] = run.most_pauses_to_attach;
  }
  if (run.held) json["held_peaks"] = of(*run.held);
  if (run.coverage) json["coverage"] = json_of(*run.coverage);
  if (run.resident_peak_bytes == 0) json["resident_peak_bytes"] = nullptr;
  if (run.baseline_ratio)
    json["baseline_ratio"] = std::round(*run.baseline_ratio * 1e4) / 1e4;
  if (run.last_steps) json["last_steps"] = of(*run.last_steps);
  if (run.seconds >= 0) return json;
  for (const char* unknown :
       {"seconds", "operations", "operations_per_second", "fairness"}) {
    json[unknown] = nullptr;
  }
  return json;
}

Json of(const Comparison& comparison) {
  return {{"path", comparison.baseline},
          {"fail_below", comparison.fail_below},
          {"differences", comparison.differences},
          {"worse", comparison.worse},
          {"missing", comparison.missing}};
}

Json of(const Report& report) {
  Json runs = Json::array();
  for (const RunResult& run : report.runs) runs.push_back(of(run));
  Json json = {{"schema", 1}};
  json.update(circumstances(report));
  json.update({{"began", utc_text(report.began)},
               {"elapsed_seconds", microseconds_kept(report.elapsed_seconds)},
               {"seed", report.seed},
               {"rounds", report.rounds},
               {"shard", report.shard.empty() ? Json() : Json(report.shard)},
               {"runs", std::move(runs)},
               {"not_run", report.not_run},
               {"interrupted", report.interrupted},
               {"resident_peak_bytes", report.resident_peak_bytes},
               {"verdict", name_of(verdict_of(report))}});
  if (!report.missing_shards.empty()) json["missing_shards"] = report.missing_shards;
  if (!report.differences.empty()) json["differences"] = report.differences;
  if (report.comparison) json["baseline"] = of(*report.comparison);
  return json;
}

Json listing_of(const FaultEntry& fault) {
  return {{"name", fault.name},
          {"catalogue", fault.catalogue},
          {"summary", fault.summary},
          {"workload", fault.workload},
          {"scenario", fault.scenario},
          {"control", fault.is_control},
          {"workload_under_tsan", fault.workload_under_tsan}};
}

Json listing_of(const WorkloadEntry& workload) {
  return {{"name", workload.name},
          {"family", workload.family},
          {"purpose", workload.purpose},
          {"reads_input", workload.reads_input}};
}

}  // namespace

std::string report_json(const Report& report) { return text_of(of(report)); }

Circumstances circumstances_of(const Report& report) {
  const Json json = circumstances(report);
  Circumstances all;
  for (const auto& [group, fields] : json.items()) {
    for (const auto& [name, value] : fields.items()) {
      all.emplace_back(
          fmt::format("{}.{}", group, name),
          value.is_string() ? valid_utf8(value.get<std::string>()) : value.dump());
    }
  }
  return all;
}

std::string valid_utf8(std::string_view bytes) {
  const std::string text =
      Json(bytes).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(text).get<std::string>();
}

std::string utc_text(std::int64_t seconds_since_1970) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(static_cast<std::time_t>(seconds_since_1970)));
}

std::string version_json(const Build& build) {
  Json json = {{"schema", 1}, {"name", "threadmill"}};
  json.update(of(build));
  return text_of(json);
}

std::string listing_json(const Listing& listing) {
  Json workloads = Json::array();
  for (const WorkloadEntry& entry : listing.workloads) {
    workloads.push_back(listing_of(entry));
  }
  Json faults = Json::array();
  for (const FaultEntry& entry : listing.faults) faults.push_back(listing_of(entry));
  Json scenarios = Json::array();
  for (const ScenarioEntry& entry : listing.scenarios)
    scenarios.push_back({{"name", entry.name}, {"purpose", entry.purpose}});
  Json models = Json::array();
  for (const ModelEntry& entry : listing.models)
    models.push_back({{"name", entry.name}, {"here", entry.is_there}});
  return text_of({{"schema", 1},
                  {"workloads", std::move(workloads)},
                  {"scenarios", std::move(scenarios)},
                  {"faults", std::move(faults)},
                  {"models", std::move(models)}});
}

std::vector<ScenarioEntry> scenarios_of_listing(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::vector<ScenarioEntry> scenarios;
  if (!json.is_object() || !json.contains("scenarios")) return scenarios;
  for (const Json& entry : json["scenarios"])
    scenarios.push_back({entry.value("name", ""), entry.value("purpose", "")});
  return scenarios;
}

std::vector<FaultEntry> faults_of_listing(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::vector<FaultEntry> faults;
  if (!json.is_object() || !json.contains("faults")) return faults;
  for (const Json& entry : json["faults"]) {
    faults.push_back({entry.value("name", ""), entry.value("catalogue", ""),
                      entry.value("summary", ""), entry.value("workload", ""),
                      entry.value("scenario", ""), entry.value("control", false),
                      entry.value("workload_under_tsan", "")});
  }
  return faults;
}

}  // namespace threadmill
