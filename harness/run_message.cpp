// SPDX-License-Identifier: Apache-2.0
#include "harness/run_message.hpp"

#include <chrono>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

namespace threadmill {

// Found by the JSON library.
static void to_json(nlohmann::json& json, const Check& check) {
  json = {{"name", check.name},
          {"verified", check.verified},
          {"passed", check.passed},
          {"detail", check.detail},
          {"oracle", check.by == CheckedBy::oracle}};
}

static void from_json(const nlohmann::json& json, Check& check) {
  check.name = json.at("name");
  check.verified = json.at("verified");
  check.passed = json.at("passed");
  check.detail = json.at("detail");
  check.by = json.at("oracle") ? CheckedBy::oracle : CheckedBy::workload;
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Latency::Bucket, from, to, count)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Latency, name, count, p50, p99, max, buckets)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(HeldPeaks, retired_bytes, inbox_entries, page_bytes)

static void to_json(nlohmann::json& json, const WorkerSample& worker) {
  json = {worker.completed, worker.finished};
}

static void from_json(const nlohmann::json& json, WorkerSample& worker) {
  worker = {json.at(0), json.at(1)};
}

namespace {

using Json = nlohmann::json;

std::string text_of(const char* kind, Json content) {
  const Json message = {{kind, std::move(content)}};
  return message.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Both processes read the same clock.
std::int64_t nanoseconds_of(Clock::time_point time) {
  return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

Sample sample_of(const Json& json) {
  Sample sample;
  for (const Stage stage : {Stage::preparing, Stage::running, Stage::checking,
                            Stage::releasing, Stage::done}) {
    if (json.at("stage") == name_of(stage)) sample.stage = stage;
  }
  sample.running = Seconds(json.at("running").get<double>());
  sample.workers = json.at("workers");
  for (const WorkerSample& worker : sample.workers)
    sample.operations += worker.completed;
  return sample;
}

// Lists, because there are thousands.
Json json_of(const std::vector<TraceSpan>& spans) {
  Json all = Json::array();
  for (const TraceSpan& span : spans)
    all.push_back({span.lane, span.name, span.from, span.length});
  return all;
}

std::vector<TraceSpan> trace_of(const Json& json) {
  std::vector<TraceSpan> spans;
  for (const Json& span : json)
    spans.push_back({span.at(0), span.at(1), span.at(2), span.at(3)});
  return spans;
}

EndedRun ended_run_of(const Json& json) {
  EndedRun ended;
  RunResult& run = ended.result;
  run.workload = json.at("workload");
  run.threads = json.at("threads");
  run.seed = json.at("seed");
  run.workload_seed = json.at("workload_seed");
  run.seconds = json.at("seconds");
  run.operations = json.at("operations");
  run.minimum_operations = json.at("minimum_operations");
  run.maximum_operations = json.at("maximum_operations");
  run.checks = json.at("checks");
  run.verdict = verdict_of(run.checks);
  run.facts = json.at("facts");
  run.latencies = json.at("latencies");
  run.most_pauses_to_attach = json.at("most_pauses_to_attach");
  if (json.contains("coverage")) run.coverage = json.at("coverage").get<PairCoverage>();
  if (json.contains("held")) run.held = json.at("held").get<HeldPeaks>();
  if (json.contains("trace")) run.trace = trace_of(json.at("trace"));
  run.reproduce = json.at("reproduce");
  const std::chrono::nanoseconds teardown_began(
      json.at("teardown_began").get<std::int64_t>());
  ended.teardown_began =
      Clock::time_point(std::chrono::duration_cast<Clock::duration>(teardown_began));
  return ended;
}

LastWord last_word_of(const Json& json) {
  const std::string verdict = json.at("verdict");
  return {verdict_named(verdict).value_or(Verdict::crash), json.at("oracle"),
          json.at("detail"), json.at("more")};
}

Message message_in(const Json& json) {
  const std::string kind = json.begin().key();
  const Json& content = json.begin().value();
  if (kind == "sample") return sample_of(content);
  if (kind == "check") return content.get<Check>();
  if (kind == "ended") return ended_run_of(content);
  if (kind == "refusal") return Refusal{content};
  if (kind == "death") return last_word_of(content);
  return Stack{json.at("stack")};
}

}  // namespace

std::string line_of(const Sample& sample) {
  return text_of("sample", {{"stage", name_of(sample.stage)},
                            {"running", sample.running.count()},
                            {"workers", sample.workers}});
}

std::string line_of(const Check& check) { return text_of("check", check); }

std::string line_of(const EndedRun& ended) {
  const RunResult& run = ended.result;
  Json content = {{"workload", run.workload},
                  {"threads", run.threads},
                  {"seed", run.seed},
                  {"workload_seed", run.workload_seed},
                  {"seconds", run.seconds},
                  {"operations", run.operations},
                  {"minimum_operations", run.minimum_operations},
                  {"maximum_operations", run.maximum_operations},
                  {"checks", run.checks},
                  {"facts", run.facts},
                  {"latencies", run.latencies},
                  {"most_pauses_to_attach", run.most_pauses_to_attach},
                  {"reproduce", run.reproduce},
                  {"teardown_began", nanoseconds_of(ended.teardown_began)}};
  if (run.held) content["held"] = *run.held;
  if (!run.trace.empty()) content["trace"] = json_of(run.trace);
  if (run.coverage) content["coverage"] = *run.coverage;
  return text_of("ended", std::move(content));
}

std::string line_of(const Refusal& refusal) { return text_of("refusal", refusal.text); }

std::optional<Message> message_of(std::string_view line) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || json.size() != 1) return std::nullopt;
  try {
    return message_in(json);
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace threadmill
