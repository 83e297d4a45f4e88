// SPDX-License-Identifier: Apache-2.0
//
// BenchFile: results that a program over Google Benchmark wrote as JSON, of any of its
// versions, with repetitions or their aggregates or both. Times are nanoseconds, whatever
// unit the file has. Of some rows a counter is what was measured, and the time means
// nothing (kMeasures in bench_file.cpp): then that counter stands where a time would.
//
// What `bench --models` writes has a model in each entry: {"name": "biased/list_append",
// "model": "biased"}. The name of a row is then without it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace threadmill {

enum class TimeKind { real, cpu };

enum class Unit { nanoseconds, bytes, share };

// What stands in the place of a time.
struct Measure {
  const char* counter;
  double scale;  // of the counter, to the unit
  Unit unit;
  const char* beside;  // not null: only where the entry has this counter, too
};

// Both are the same where they are of a counter.
struct BenchTimes {
  double real = 0;
  double cpu = 0;

  [[nodiscard]] double of(TimeKind kind) const {
    return kind == TimeKind::real ? real : cpu;
  }
};

struct BenchRow {
  struct Repetition {
    std::uint64_t index = 0;
    BenchTimes times;  // finite and above 0
  };

  std::string name;
  std::string model;  // empty: the file has none
  std::uint64_t threads = 1;
  const Measure* measure = nullptr;  // null: times
  std::vector<Repetition> repetitions;
  // Of the file, used where it has no repetitions.
  std::uint64_t aggregated = 0;  // repetitions that they are of
  std::optional<BenchTimes> mean;
  std::optional<BenchTimes> median;
  std::optional<BenchTimes> stddev;
  // By name, of all repetitions; where there are none, the file's median or mean.
  std::vector<std::pair<std::string, std::vector<double>>> counters;
  std::string note;   // the entry's label: what a model had to do otherwise
  std::string error;  // not empty: what was measured was wrong

  [[nodiscard]] Unit unit() const {
    return measure ? measure->unit : Unit::nanoseconds;
  }
  // Its name, with that of the counter where it is not a time: "bytes/list (bytes_per_object)".
  [[nodiscard]] std::string title() const;
  [[nodiscard]] std::vector<double> values(TimeKind kind) const;
  // The median of the repetitions, or what the file has in their place.
  [[nodiscard]] std::optional<double> middle(TimeKind kind) const;
};

struct BenchFile {
  std::string path;
  std::vector<std::pair<std::string, std::string>> context;  // what is text or a number
  std::vector<BenchRow> rows;                                // in the file's order
  std::map<std::pair<std::string, std::string>, std::size_t> places;  // in `rows`

  [[nodiscard]] const BenchRow* find(const std::string& name,
                                     const std::string& model) const;
  // In the order in which the file first names them.
  [[nodiscard]] std::vector<std::string> models() const;
  [[nodiscard]] std::vector<std::string> row_names() const;
  [[nodiscard]] std::string context_value(std::string_view key) const;  // "": none
};

// NaN and Infinity, which the library writes and JSON has not, are null.
[[nodiscard]] std::string with_nulls_for_numbers_json_lacks(std::string_view text);

// Both throw Unfit (report_file.hpp).
[[nodiscard]] BenchFile bench_file_of(const nlohmann::ordered_json& json,
                                      std::string path);
[[nodiscard]] BenchFile read_bench_file(const std::string& path);

[[nodiscard]] bool is_bench_file(const nlohmann::ordered_json& json);

[[nodiscard]] double median_of(std::vector<double> values);  // not empty

}  // namespace threadmill
