// SPDX-License-Identifier: Apache-2.0
//
// `compare A B`, and `compare FILE --models a,b`.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "harness/argument_values.hpp"
#include "harness/bench_file.hpp"
#include "harness/bench_ratios.hpp"
#include "harness/commands.hpp"
#include "harness/console.hpp"
#include "harness/numbers.hpp"
#include "harness/report.hpp"
#include "harness/report_file.hpp"
#include "harness/text_table.hpp"

namespace threadmill {
namespace {

struct Side {
  const BenchFile& file;
  std::string model;  // empty: rows of a file without models
  std::string title;
};

struct Pair {
  std::string name;
  const BenchRow* a = nullptr;
  const BenchRow* b = nullptr;
  std::optional<Ratio> ratio;
};

// What one comparison found, counted.
struct Findings {
  std::vector<Pair> pairs;
  std::vector<std::string> only_a;
  std::vector<std::string> only_b;
  std::size_t slower = 0;
  std::size_t faster = 0;
  std::size_t larger = 0;  // of what is no time
  std::size_t smaller = 0;
  std::size_t unsure = 0;  // no interval
  std::size_t failed = 0;  // B was wrong where A was not
  std::size_t beyond = 0;  // --fail-above
};

BenchFile file_at(const std::string& path) {
  try {
    return read_bench_file(path);
  } catch (const Unfit& unfit) {
    throw UsageError(
        fmt::format("compare '{}': {}; give JSON that Google Benchmark wrote",
                    printable(path), printable(unfit.what)));
  }
}

// Rows of a merged file are compared as model/row.
std::string full_name(const BenchRow& row, bool with_model) {
  return with_model && !row.model.empty() ? row.model + "/" + row.title() : row.title();
}

Findings findings_of(const Side& a, const Side& b, const CompareOptions& options) {
  const TimeKind kind = options.cpu_time ? TimeKind::cpu : TimeKind::real;
  const bool paired = &a.file == &b.file;
  Findings findings;
  for (const BenchRow& row : a.file.rows) {
    if (paired && row.model != a.model) continue;
    const BenchRow* other = b.file.find(row.name, paired ? b.model : row.model);
    const std::string name = full_name(row, !paired);
    if (other == nullptr) {
      findings.only_a.push_back(name);
      continue;
    }
    Pair pair = {
        name, &row, other,
        paired ? paired_ratio_of(row, *other, kind) : ratio_of(row, *other, kind)};
    if (!other->error.empty() && row.error.empty()) ++findings.failed;
    if (pair.ratio) {
      if (!pair.ratio->has_interval()) ++findings.unsure;
      const bool is_time = row.unit() == Unit::nanoseconds;
      if (pair.ratio->is_above(1)) ++(is_time ? findings.slower : findings.larger);
      if (pair.ratio->is_below(1)) ++(is_time ? findings.faster : findings.smaller);
      if (options.fail_above && pair.ratio->is_above(1 + *options.fail_above / 100))
        ++findings.beyond;
    }
    findings.pairs.push_back(std::move(pair));
  }
  for (const BenchRow& row : b.file.rows) {
    if (paired && row.model != b.model) continue;
    if (a.file.find(row.name, paired ? a.model : row.model) == nullptr)
      findings.only_b.push_back(full_name(row, !paired));
  }
  return findings;
}

std::string word_of(const Pair& pair, const CompareOptions& options) {
  if (!pair.b->error.empty()) return "FAIL";
  if (!pair.a->error.empty()) return "failed in the first";
  if (!are_comparable(*pair.a, *pair.b)) return "not compared";
  if (!pair.ratio) return "no value";
  if (options.fail_above && pair.ratio->is_above(1 + *options.fail_above / 100))
    return "REGRESSION";
  if (!pair.ratio->has_interval()) return "too few repetitions";
  const bool is_time = pair.a->unit() == Unit::nanoseconds;
  if (pair.ratio->is_above(1)) return is_time ? "slower" : "larger";
  if (pair.ratio->is_below(1)) return is_time ? "faster" : "smaller";
  return "";
}

std::string interval_text(const Ratio& ratio) {
  if (!ratio.has_interval()) return "";
  std::string text = fmt::format("{:.3f} .. {:.3f}", ratio.low, ratio.high);
  const double percent = ratio.confidence * 100;
  if (percent < 94.95) text += fmt::format(" ({:.0f} %)", std::floor(percent));
  return text;
}

std::string middle_text(const BenchRow& row, TimeKind kind) {
  const std::optional<double> middle = row.middle(kind);
  if (!middle || !row.error.empty()) return "-";
  return with_star(value_text(row.unit(), *middle), row);
}

std::string table_of(const Findings& findings,
                     const Side& a,
                     const Side& b,
                     const CompareOptions& options) {
  using enum TextTable::Align;
  const TimeKind kind = options.cpu_time ? TimeKind::cpu : TimeKind::real;
  TextTable table({{options.cpu_time ? "row (cpu_time)" : "row"},
                   {printable(a.title), right},
                   {printable(b.title), right},
                   {"ratio", right},
                   {"95 % interval", right},
                   {""}});
  for (const Pair& pair : findings.pairs) {
    table.add({printable(pair.name), middle_text(*pair.a, kind),
               middle_text(*pair.b, kind),
               pair.ratio ? fmt::format("{:.3f}", pair.ratio->value) : "-",
               pair.ratio ? interval_text(*pair.ratio) : "", word_of(pair, options)});
  }
  std::string text;
  for (const std::string& line : table.lines()) text += line + "\n";
  return text;
}

// Of both sides, each once.
std::string notes_text(const Side& a, const Side& b) {
  std::vector<std::string> notes;
  for (const Side* side : {&a, &b}) {
    std::vector<std::string> models = {side->model};
    if (side->model.empty()) {
      models = side->file.models();
      models.emplace_back();
    }
    for (std::string& note : notes_of(side->file, models)) {
      if (std::find(notes.begin(), notes.end(), note) == notes.end())
        notes.push_back(std::move(note));
    }
  }
  std::string text;
  for (const std::string& note : notes) text += printable(note) + "\n";
  return text;
}

std::string summary_of(const Findings& findings, const Side& a, const Side& b) {
  std::string text;
  for (const std::string& name : findings.only_a)
    text += fmt::format("only in {}: {}\n", printable(a.title), printable(name));
  for (const std::string& name : findings.only_b)
    text += fmt::format("only in {}: {}\n", printable(b.title), printable(name));
  std::vector<double> ratios;
  for (const Pair& pair : findings.pairs) {
    if (pair.ratio && pair.a->unit() == Unit::nanoseconds)
      ratios.push_back(pair.ratio->value);
  }
  text += fmt::format("{} rows: {} slower, {} faster", findings.pairs.size(),
                      findings.slower, findings.faster);
  if (findings.larger + findings.smaller > 0)
    text += fmt::format(", {} larger, {} smaller", findings.larger, findings.smaller);
  if (findings.failed > 0) text += fmt::format(", {} wrong", findings.failed);
  if (findings.unsure > 0)
    text += fmt::format(", {} with too few repetitions to tell", findings.unsure);
  if (!ratios.empty())
    text += fmt::format("; geometric mean of the ratios of times {:.3f}",
                        geometric_mean(ratios));
  return text + "\n";
}

// Facts without which times cannot be held against each other.
std::string differences_of(const BenchFile& a, const BenchFile& b) {
  std::string text;
  for (const char* key : {"host_name", "cpu", "num_cpus", "kernel", "compiler",
                          "build_type", "refcount", "allocator", "sanitizers"}) {
    const std::string in_a = a.context_value(key);
    const std::string in_b = b.context_value(key);
    if (in_a != in_b)
      text += fmt::format("differs: {}: '{}' and '{}'\n", key, printable(in_a),
                          printable(in_b));
  }
  return text;
}

ExitStatus print_comparison(const Side& a,
                            const Side& b,
                            const CompareOptions& options,
                            Console& console) {
  const Findings findings = findings_of(a, b, options);
  if (findings.pairs.empty())
    throw UsageError(fmt::format("compare: '{}' and '{}' have no row in common",
                                 printable(a.title), printable(b.title)));
  if (&a.file != &b.file) console.print(differences_of(a.file, b.file));
  console.print(table_of(findings, a, b, options) + notes_text(a, b) +
                summary_of(findings, a, b));
  if (!options.fail_above) return ExitStatus::well;
  if (findings.beyond + findings.failed > 0) {
    console.print(
        fmt::format("regression: {} of {} rows are more than {:g} % slower{}{}\n",
                    findings.beyond, findings.pairs.size(), *options.fail_above,
                    findings.larger > 0 ? " or larger" : "",
                    findings.failed > 0 ? ", or wrong" : ""));
    return ExitStatus::wrong;
  }
  const bool none_known = std::none_of(
      findings.pairs.begin(), findings.pairs.end(),
      [](const Pair& pair) { return pair.ratio && pair.ratio->has_interval(); });
  if (none_known)
    console.print(
        "nothing can be said: no row has an interval; measure each at least 3 times, "
        "as "
        "with --benchmark_repetitions=5\n");
  return none_known ? ExitStatus::nothing_said : ExitStatus::well;
}

std::vector<std::string> models_asked_for(const CompareOptions& options,
                                          const BenchFile& file) {
  const std::vector<std::string> there = file.models();
  if (there.empty())
    throw UsageError(fmt::format(
        "compare '{}': no row has a model; 'bench --models' writes such files",
        printable(file.path)));
  std::vector<std::string> models = split_at_commas(options.models);
  if (options.models == "all") {
    models = there;
    const auto biased = std::find(models.begin(), models.end(), kBiased);
    if (biased != models.end()) std::rotate(models.begin(), biased, biased + 1);
  }
  for (const std::string& model : models) {
    if (std::find(there.begin(), there.end(), model) == there.end())
      throw UsageError(fmt::format("compare '{}': no model '{}'; there are: {}",
                                   printable(file.path), printable(model),
                                   printable(fmt::to_string(fmt::join(there, ", ")))));
  }
  if (models.size() < 2)
    throw UsageError("compare --models: give two models, as in biased,atomic");
  return models;
}

ExitStatus compare_models(const CompareOptions& options, Console& console) {
  if (options.paths.size() != 1)
    throw UsageError("compare --models: give one file, of 'bench --models'");
  const BenchFile file = file_at(options.paths.front());
  const std::vector<std::string> models = models_asked_for(options, file);
  ExitStatus status = ExitStatus::well;
  for (std::size_t i = 1; i < models.size(); ++i) {
    const ExitStatus one =
        print_comparison({file, models.front(), models.front()},
                         {file, models[i], models[i]}, options, console);
    if (one == ExitStatus::wrong || status == ExitStatus::well) status = one;
  }
  return status;
}

ExitStatus compare_files(const CompareOptions& options, Console& console) {
  if (options.paths.size() != 2)
    throw UsageError("compare: give two files, or one with --models");
  const BenchFile a = file_at(options.paths[0]);
  const BenchFile b = file_at(options.paths[1]);
  for (const BenchFile* file : {&a, &b}) {
    if (file->rows.empty())
      throw UsageError(
          fmt::format("compare '{}': it has no rows", printable(file->path)));
  }
  return print_comparison({a, "", a.path}, {b, "", b.path}, options, console);
}

}  // namespace

int run_compare(const CompareOptions& options) {
  Console console(stdout);
  const ExitStatus status = options.models.empty() ? compare_files(options, console)
                                                   : compare_models(options, console);
  console.finish();
  return static_cast<int>(status);
}

}  // namespace threadmill
