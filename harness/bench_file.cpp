// SPDX-License-Identifier: Apache-2.0
#include "harness/bench_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "harness/report_file.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMost = 1'000'000'000;
constexpr std::array<std::string_view, 18> kNoCounters = {
    "family_index", "per_family_instance_index",
    "repetitions",  "repetition_index",
    "threads",      "iterations",
    "real_time",    "cpu_time",
    "cv",           "big_o",
    "rms",          "cpu_coefficient",
    "name",         "run_name",
    "run_type",     "time_unit",
    "model",        "real_coefficient"};

// What is compared and shown of an entry with such a counter. The first that fits counts.
//
//   bytes_per_object   the time of bytes/KIND is that of the process which measured
//   stop_us_p99        an iteration of stop_the_world is mostly sleep between two pauses
//   share              collect/speedup: of the speedup of `random_pass` that of a collection
//                      (`collection`). It is shown, and compared with nothing: more is better.
constexpr std::array<Measure, 3> kMeasures = {
    {{"bytes_per_object", 1, Unit::bytes, nullptr},
     {"stop_us_p99", 1e3, Unit::nanoseconds, nullptr},
     {"share", 1, Unit::share, "random_pass"}}};

const Measure* measure_of(const Json& entry) {
  for (const Measure& each : kMeasures) {
    if (entry.contains(each.counter) &&
        (each.beside == nullptr || entry.contains(each.beside)))
      return &each;
  }
  return nullptr;
}

double nanoseconds_of_unit(const Json& entry) {
  if (!has(entry, "time_unit")) return 1;
  const std::string unit = text_member(entry, "time_unit");
  if (unit == "ns") return 1;
  if (unit == "us") return 1e3;
  if (unit == "ms") return 1e6;
  if (unit == "s") return 1e9;
  refuse_member("time_unit");
}

// Below 0: it has none.
double time_of(const Json& entry, const char* name, double unit) {
  if (!has(entry, name)) return -1;
  const Json& value = member(entry, name);
  if (!value.is_number()) refuse_member(name);
  return value.get<double>() * unit;
}

bool is_time(double value) { return std::isfinite(value) && value > 0; }

BenchTimes times_of(const Json& entry, const Measure* measure) {
  const double unit = nanoseconds_of_unit(entry);
  const BenchTimes times = {time_of(entry, "real_time", unit),
                            time_of(entry, "cpu_time", unit)};
  if (measure == nullptr) return times;
  const double value = time_of(entry, measure->counter, measure->scale);
  return {value, value};
}

std::uint64_t whole_or(const Json& entry, const char* name, std::uint64_t otherwise) {
  return has(entry, name) ? whole_member(entry, name, kMost) : otherwise;
}

// "mean" and the like; empty: a repetition. Files from before run_type tell by the name.
std::string aggregate_of(const Json& entry, std::string& name) {
  if (has(entry, "run_type")) {
    if (text_member(entry, "run_type") != "aggregate") return {};
    return has(entry, "aggregate_name") ? text_member(entry, "aggregate_name")
                                        : "other";
  }
  for (const std::string_view end :
       {"_mean", "_median", "_stddev", "_cv", "_BigO", "_RMS"}) {
    if (!name.ends_with(end)) continue;
    name.resize(name.size() - end.size());
    return std::string(end.substr(1));
  }
  return {};
}

class Reader {
 public:
  explicit Reader(BenchFile& file) : file_(file) {}

  void take(const Json& entry) {
    const bool has_run_name = has(entry, "run_name");
    std::string name = text_member(entry, has_run_name ? "run_name" : "name");
    const std::string aggregate = aggregate_of(entry, name);
    std::string model = has(entry, "model") ? text_member(entry, "model") : "";
    if (!model.empty() && name.starts_with(model + "/"))
      name.erase(0, model.size() + 1);
    BenchRow& row = row_of(name, model);
    row.threads = whole_or(entry, "threads", 1);
    if (has(entry, "error_occurred") && flag_member(entry, "error_occurred")) {
      row.error = has(entry, "error_message")
                      ? text_member(entry, "error_message", kLongestMessage)
                      : "it failed";
      if (row.error.empty()) row.error = "it failed";
      return;
    }
    if (has(entry, "label")) row.note = text_member(entry, "label", kLongestMessage);
    const Measure* const measure = measure_of(entry);
    const BenchTimes times = times_of(entry, measure);
    const bool nothing_yet = row.repetitions.empty() && !row.mean && !row.median;
    if (nothing_yet) row.measure = measure;
    if (row.measure != measure) return;  // of another kind than what the row began with
    if (aggregate.empty())
      add_repetition(row, entry, times);
    else
      add_aggregate(row, entry, aggregate, times);
  }

 private:
  static constexpr std::size_t kLongestMessage = 1 << 16;

  BenchRow& row_of(const std::string& name, const std::string& model) {
    const auto [at, is_new] =
        file_.places.try_emplace(std::pair(name, model), file_.rows.size());
    if (is_new) {
      file_.rows.emplace_back();
      file_.rows.back().name = name;
      file_.rows.back().model = model;
    }
    return file_.rows[at->second];
  }

  static void add_repetition(BenchRow& row, const Json& entry, BenchTimes times) {
    if (!is_time(times.real) && !is_time(times.cpu)) return;
    // Where one is missing or 0, as the cpu_time of a row that sleeps, it is the other.
    if (!is_time(times.real)) times.real = times.cpu;
    if (!is_time(times.cpu)) times.cpu = times.real;
    row.repetitions.push_back(
        {whole_or(entry, "repetition_index", row.repetitions.size()), times});
    if (row.repetitions.size() == 1) row.counters.clear();  // those of aggregates
    add_counters(row, entry);
  }

  static void add_counters(BenchRow& row, const Json& entry) {
    for (const auto& [key, value] : entry.items()) {
      const bool known =
          std::find(kNoCounters.begin(), kNoCounters.end(), key) != kNoCounters.end();
      if (known || !value.is_number()) continue;
      const auto same = [&key = key](const auto& each) { return each.first == key; };
      auto at = std::find_if(row.counters.begin(), row.counters.end(), same);
      if (at == row.counters.end()) at = row.counters.insert(at, {key, {}});
      at->second.push_back(value);
    }
  }

  static void add_aggregate(BenchRow& row,
                            const Json& entry,
                            const std::string& aggregate,
                            const BenchTimes& times) {
    if (times.real < 0 || times.cpu < 0) return;
    if (!std::isfinite(times.real) || !std::isfinite(times.cpu)) return;
    const bool is_middle =
        aggregate == "median" || (aggregate == "mean" && !row.median);
    if (is_middle && row.repetitions.empty()) {
      row.counters.clear();
      add_counters(row, entry);
    }
    if (aggregate == "mean") row.mean = times;
    if (aggregate == "median") row.median = times;
    if (aggregate == "stddev") row.stddev = times;
    row.aggregated = whole_or(entry, "repetitions", row.aggregated);
  }

  BenchFile& file_;
};

class Names {
 public:
  void add(const std::string& name) {
    if (seen_.insert(name).second) names_.push_back(name);
  }
  [[nodiscard]] std::vector<std::string> in_order() && { return std::move(names_); }

 private:
  std::set<std::string> seen_;
  std::vector<std::string> names_;
};

}  // namespace

std::string BenchRow::title() const {
  return measure == nullptr ? name : name + " (" + measure->counter + ")";
}

std::vector<double> BenchRow::values(TimeKind kind) const {
  std::vector<double> found;
  for (const Repetition& each : repetitions) found.push_back(each.times.of(kind));
  return found;
}

std::optional<double> BenchRow::middle(TimeKind kind) const {
  if (!repetitions.empty()) return median_of(values(kind));
  for (const auto& aggregate : {median, mean}) {
    if (aggregate && is_time(aggregate->of(kind))) return aggregate->of(kind);
  }
  return std::nullopt;
}

const BenchRow* BenchFile::find(const std::string& name,
                                const std::string& model) const {
  const auto found = places.find({name, model});
  return found == places.end() ? nullptr : &rows[found->second];
}

std::vector<std::string> BenchFile::models() const {
  Names names;
  for (const BenchRow& row : rows) {
    if (!row.model.empty()) names.add(row.model);
  }
  return std::move(names).in_order();
}

std::vector<std::string> BenchFile::row_names() const {
  Names names;
  for (const BenchRow& row : rows) names.add(row.name);
  return std::move(names).in_order();
}

std::string BenchFile::context_value(std::string_view key) const {
  for (const auto& [name, value] : context) {
    if (name == key) return value;
  }
  return {};
}

std::string with_nulls_for_numbers_json_lacks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool within_text = false;
  for (std::size_t at = 0; at < text.size();) {
    if (within_text) {
      const std::size_t width = text[at] == '\\' && at + 1 < text.size() ? 2 : 1;
      if (text[at] == '"') within_text = false;
      out += text.substr(at, width);
      at += width;
      continue;
    }
    std::string_view found;
    for (const std::string_view word :
         {"-NaN", "NaN", "-nan", "nan", "-Infinity", "Infinity", "-inf", "inf"}) {
      if (text.substr(at, word.size()) != word) continue;
      found = word;
      break;
    }
    if (!found.empty()) {
      out += "null";
      at += found.size();
      continue;
    }
    within_text = text[at] == '"';
    out += text[at++];
  }
  return out;
}

bool is_bench_file(const Json& json) {
  const auto rows = json.find("benchmarks");
  const auto context = json.find("context");
  return rows != json.end() && rows->is_array() && context != json.end() &&
         context->is_object();
}

BenchFile bench_file_of(const Json& json, std::string path) {
  if (!json.is_object() || !is_bench_file(json))
    throw Unfit{"it is JSON, but not of Google Benchmark"};
  BenchFile file;
  file.path = std::move(path);
  for (const auto& [key, value] : json["context"].items()) {
    if (value.is_string())
      file.context.emplace_back(key, value.get<std::string>());
    else if (value.is_primitive() && !value.is_null())
      file.context.emplace_back(key, value.dump());
  }
  Reader reader(file);
  for (const Json& entry : list_member(json, "benchmarks")) reader.take(entry);
  return file;
}

BenchFile read_bench_file(const std::string& path) {
  return bench_file_of(
      any_json_in(with_nulls_for_numbers_json_lacks(content_of_file(path))), path);
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace threadmill
