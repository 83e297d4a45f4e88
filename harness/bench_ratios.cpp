// SPDX-License-Identifier: Apache-2.0
#include "harness/bench_ratios.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/numbers.hpp"
#include "harness/text_table.hpp"

namespace threadmill {
namespace {

constexpr double kToDeviation = 1.4826;  // median absolute deviation of normal values
constexpr std::size_t kLeastRepetitions = 3;

// Of few values the median absolute deviation from their own median is too small. These
// factors make half of the estimates larger than the true deviation, since of many rows
// the median is taken. Our own simulation: 2,000,000 samples of normal values for each size
// up to 16, 600,000 for some up to 51; from 10 values on n / (n - 1.15) is within 0.5 % of it.
// (Croux and Rousseeuw, 1992, have n / (n - 0.8), which makes the mean of estimates right.)
constexpr std::array<double, 7> kForFew = {1.870, 1.488, 1.339, 1.263,
                                           1.209, 1.179, 1.150};  // from 3 on
double factor_for(std::size_t count) {
  if (count < kLeastRepetitions + kForFew.size())
    return kForFew[count - kLeastRepetitions];
  return static_cast<double>(count) / (static_cast<double>(count) - 1.15);
}

constexpr double kNoisy = 0.025;
constexpr double kSteady = 0.05;

Spread spread_of(const BenchRow& row, TimeKind kind) {
  if (row.stddev && row.mean)
    return {row.mean->of(kind), row.stddev->of(kind), row.aggregated};
  return {row.middle(kind).value_or(0), -1, 1};
}

std::optional<double> deviation_of(const BenchRow& row, TimeKind kind) {
  std::vector<double> values = row.values(kind);
  if (values.size() < kLeastRepetitions) return std::nullopt;
  const double middle = median_of(values);
  for (double& value : values) value = std::abs(value - middle);
  return factor_for(values.size()) * kToDeviation * median_of(values) / middle;
}

// And all before the point.
std::string three_digits(double value) {
  return fmt::format("{:.{}f}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

// The interval's farther end, as a share of the value.
double reach_of(const Ratio& ratio) {
  return std::max(ratio.high - ratio.value, ratio.value - ratio.low) / ratio.value;
}

std::string reach_text(const Ratio& ratio) {
  if (!ratio.has_interval()) return "";
  return fmt::format(" ±{:.0f} %", std::ceil(reach_of(ratio) * 100));
}

std::string middle_text(const BenchRow& row, TimeKind kind) {
  if (!row.repetitions.empty()) {
    const Ratio middle = ratio_of_pairs(row.values(kind));  // to one of its unit
    return value_text(row.unit(), middle.value) + reach_text(middle);
  }
  const std::optional<double> middle = row.middle(kind);
  return middle ? value_text(row.unit(), *middle) : "-";
}

// By how much repetitions of one row usually differ, of all rows; none: there are too few.
std::optional<double> noise_of(const BenchFile& file, TimeKind kind) {
  std::vector<double> deviations;
  for (const BenchRow& row : file.rows) {
    if (row.measure != nullptr) continue;
    if (const auto deviation = deviation_of(row, kind))
      deviations.push_back(*deviation);
  }
  if (deviations.empty()) return std::nullopt;
  return median_of(std::move(deviations));
}

}  // namespace

bool are_comparable(const BenchRow& a, const BenchRow& b) {
  return a.measure == b.measure && a.unit() != Unit::share;
}

std::optional<Ratio> ratio_of(const BenchRow& a, const BenchRow& b, TimeKind kind) {
  if (!a.error.empty() || !b.error.empty() || !are_comparable(a, b))
    return std::nullopt;
  if (!a.repetitions.empty() && !b.repetitions.empty())
    return ratio_of_samples(a.values(kind), b.values(kind));
  if (!a.middle(kind) || !b.middle(kind)) return std::nullopt;
  const Spread from = spread_of(a, kind);
  const Spread to = spread_of(b, kind);
  if (!(from.mean > 0) || !(to.mean > 0)) return std::nullopt;
  return ratio_of_means(from, to);
}

std::optional<Ratio> paired_ratio_of(const BenchRow& a,
                                     const BenchRow& b,
                                     TimeKind kind) {
  if (!a.error.empty() || !b.error.empty() || !are_comparable(a, b))
    return std::nullopt;
  std::map<std::uint64_t, double> of_a;
  for (const BenchRow::Repetition& each : a.repetitions)
    of_a.emplace(each.index, each.times.of(kind));
  std::vector<double> ratios;
  for (const BenchRow::Repetition& each : b.repetitions) {
    const auto pair = of_a.find(each.index);
    if (pair != of_a.end()) ratios.push_back(each.times.of(kind) / pair->second);
  }
  if (ratios.empty()) return ratio_of(a, b, kind);
  return ratio_of_pairs(std::move(ratios));
}

std::string nanoseconds_text(double nanoseconds) {
  constexpr std::array<const char*, 4> kUnits = {"ns", "us", "ms", "s"};
  std::size_t unit = 0;
  // 999.5 would be printed as 1000
  while (nanoseconds >= 999.5 && unit + 1 < kUnits.size()) {
    nanoseconds /= 1000;
    ++unit;
  }
  return fmt::format("{} {}", three_digits(nanoseconds), kUnits[unit]);
}

std::string value_text(Unit unit, double value) {
  switch (unit) {
    case Unit::nanoseconds:
      return nanoseconds_text(value);
    case Unit::bytes:
      return three_digits(value) + " B";
    case Unit::share:
      return three_digits(value);
  }
  return "";
}

std::string ratio_text(const Ratio& ratio) {
  return three_digits(ratio.value) + reach_text(ratio);
}

std::string title_of(const BenchFile& file,
                     const std::string& name,
                     const std::vector<std::string>& models) {
  for (const std::string& model : models) {
    const BenchRow* row = file.find(name, model);
    if (row != nullptr && row->measure != nullptr) return row->title();
  }
  return name;
}

std::string cell_text(const BenchRow* row, const BenchRow* first, TimeKind kind) {
  if (row == nullptr) return "-";
  if (!row->error.empty()) return "FAIL";
  if (first == nullptr || row == first || !first->error.empty() ||
      !are_comparable(*first, *row))
    return with_star(middle_text(*row, kind), *row);
  const std::optional<Ratio> ratio = paired_ratio_of(*first, *row, kind);
  return ratio ? with_star(ratio_text(*ratio), *row) : "-";
}

std::string with_star(std::string text, const BenchRow& row) {
  return row.note.empty() || text == "-" ? text : text + " *";
}

std::string name_without_threads(std::string name) {
  const std::size_t at = name.find("/threads:");
  if (at == std::string::npos) return name;
  std::size_t end = at + 9;
  while (end < name.size() && name[end] >= '0' && name[end] <= '9') ++end;
  return name.erase(at, end - at);
}

std::vector<std::string> notes_of(const BenchFile& file,
                                  const std::vector<std::string>& models) {
  using Models = std::set<std::string>;
  std::map<std::string, std::map<std::string, Models>>
      notes;  // of the rows by their names
  for (const BenchRow& row : file.rows) {
    if (row.note.empty() || !row.error.empty()) continue;
    if (std::find(models.begin(), models.end(), row.model) == models.end()) continue;
    notes[row.note][name_without_threads(row.name)].insert(row.model);
  }
  std::vector<std::string> lines;
  for (const auto& [note, rows] : notes) {
    std::map<Models, std::vector<std::string>> alike;  // rows that have the same models
    for (const auto& [name, its_models] : rows) alike[its_models].push_back(name);
    std::string where;
    for (const auto& [its_models, names] : alike) {
      where += fmt::format("{}{}", where.empty() ? "" : ", ", fmt::join(names, ", "));
      if (!its_models.contains(""))
        where += fmt::format(" ({})", fmt::join(its_models, ", "));
    }
    lines.push_back(fmt::format("* {}: {}", where, note));
  }
  return lines;
}

std::string model_table_headline(const std::string& first_model) {
  return "median time of " + first_model +
         " (or the counter in parentheses), and how many times as much each other "
         "model takes:";
}

std::string model_table(const BenchFile& file,
                        const std::vector<std::string>& models,
                        TimeKind kind) {
  std::vector<TextTable::Column> columns = {{"row"}};
  for (const std::string& model : models)
    columns.push_back({printable(model), TextTable::Align::right});
  TextTable table(columns);
  for (const std::string& name : file.row_names()) {
    const BenchRow* first = file.find(name, models.front());
    std::vector<std::string> cells = {printable(title_of(file, name, models))};
    for (const std::string& model : models)
      cells.push_back(cell_text(file.find(name, model), first, kind));
    table.add(std::move(cells));
  }
  std::string text;
  for (const std::string& line : table.lines()) text += line + "\n";
  for (const std::string& note : notes_of(file, models)) text += printable(note) + "\n";
  return text;
}

Noise noise_in(const BenchFile& file, TimeKind kind) {
  const std::optional<double> usual = noise_of(file, kind);
  if (!usual) {
    const bool has_repetitions =
        std::any_of(file.rows.begin(), file.rows.end(),
                    [](const BenchRow& row) { return !row.repetitions.empty(); });
    if (!has_repetitions) return {};  // aggregates, of nobody knows what
    return {false, fmt::format("too few repetitions to say how noisy the machine was: "
                               "that takes {} of a row",
                               kLeastRepetitions)};
  }
  std::size_t known = 0;
  std::size_t unsteady = 0;
  for (const BenchRow& row : file.rows) {
    if (row.repetitions.empty() || row.unit() != Unit::nanoseconds) continue;
    const Ratio middle = ratio_of_pairs(row.values(kind));
    if (!middle.has_interval()) continue;
    ++known;
    if (reach_of(middle) > kSteady) ++unsteady;
  }
  Noise noise;
  noise.is_noisy = *usual > kNoisy;
  noise.text = fmt::format(
      "{}: repetitions of a row usually differ by {:.1f} %",
      noise.is_noisy ? "the machine was noisy" : "the machine was quiet", *usual * 100);
  if (known > 0) {
    noise.text += fmt::format(
        "; of {} times {} are not known to {:.0f} % (their ± is more), "
        "and another run may give others",
        known, unsteady, kSteady * 100);
  }
  return noise;
}

double geometric_mean(const std::vector<double>& ratios) {
  double sum = 0;
  for (const double ratio : ratios) sum += std::log(ratio);
  return ratios.empty() ? 1 : std::exp(sum / static_cast<double>(ratios.size()));
}

}  // namespace threadmill
