// SPDX-License-Identifier: Apache-2.0
//
// `bench --models`: the models' processes in turn, one repetition each, so that whatever
// the machine does meanwhile happens to all alike; and the table of their ratios. A
// repetition begins with another model than the one before, so that none is always first
// after the same neighbour.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "harness/bench_budgets.hpp"
#include "harness/bench_file.hpp"
#include "harness/bench_models.hpp"
#include "harness/bench_process.hpp"
#include "harness/bench_ratios.hpp"
#include "harness/commands.hpp"
#include "harness/console.hpp"
#include "harness/host.hpp"
#include "harness/interrupt.hpp"
#include "harness/numbers.hpp"
#include "harness/output_file.hpp"
#include "harness/report.hpp"
#include "harness/sibling.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

constexpr Seconds kLimit{600};  // of one process
// Of all with --quick: a repetition that would probably end later is not begun.
constexpr Seconds kQuickLimit{150};
constexpr const char* kQuickTime = "--benchmark_min_time=0.01";
constexpr const char* kQuickRows = "--benchmark_filter=-nodes:[0-9]{7}";

bool has_flag(const std::vector<std::string>& flags, const std::string& name) {
  return std::any_of(flags.begin(), flags.end(), [&](const std::string& flag) {
    return flag.starts_with(name + "=");
  });
}

// Ours know what to leave out in a hurry; others have the flags of the library only.
std::vector<std::string> flags_of(const BenchOptions& options,
                                  const BenchModel& model) {
  std::vector<std::string> flags = options.flags;
  if (options.quick) {
    const std::string help = output_of(model.executable, {"--help"});
    if (help.find("[--quick") != std::string::npos) flags.emplace_back("--quick=true");
    if (!has_flag(flags, "--benchmark_min_time")) flags.emplace_back(kQuickTime);
    if (!has_flag(flags, "--benchmark_filter")) flags.emplace_back(kQuickRows);
  }
  if (!options.threads.empty()) flags.push_back("--threads=" + options.threads);
  return flags;
}

class Merged {
 public:
  void add(const std::string& model, std::uint64_t repetition, const Json& result) {
    // Where and on which host it was made is nobody's business who gets the file.
    Json context = result["context"];
    context.erase("host_name");
    if (context.contains("executable") && context["executable"].is_string()) {
      const std::string path = context["executable"];
      context["executable"] = path.substr(path.rfind('/') + 1);
    }
    if (context_.is_null()) context_ = context;
    if (!models_.contains(model)) models_[model] = context;
    for (const Json& each : result["benchmarks"]) {
      if (each.value("run_type", "") == "aggregate") continue;
      Json entry = each;
      const std::string name = each["name"];
      entry["name"] = model + "/" + name;
      entry["run_name"] = model + "/" + each.value("run_name", name);
      entry["model"] = model;
      entry["repetition_index"] = repetition;
      entries_.push_back(std::move(entry));
      repetitions_ = std::max(repetitions_, repetition + 1);
    }
  }

  // Nothing that this model has measured can be believed: FAIL in every row.
  void fail(const std::string& model, const std::string& why) {
    std::vector<std::string> rows;
    for (const Json& entry : entries_) {
      const std::string name = entry["run_name"];
      const std::string row = name.substr(entry["model"].get<std::string>().size() + 1);
      if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
    }
    for (const std::string& row : rows) {
      entries_.push_back({{"name", model + "/" + row},
                          {"run_name", model + "/" + row},
                          {"run_type", "iteration"},
                          {"model", model},
                          {"error_occurred", true},
                          {"error_message", why}});
    }
  }

  [[nodiscard]] Json json() {
    for (Json& entry : entries_) entry["repetitions"] = repetitions_;
    Json context = context_.is_null() ? Json::object() : context_;
    context["interleaved_repetitions"] = repetitions_;
    context["models"] = models_;
    return {{"context", std::move(context)}, {"benchmarks", entries_}};
  }

 private:
  std::uint64_t repetitions_ = 0;  // that there are
  Json context_;
  Json models_ = Json::object();
  Json entries_ = Json::array();
};

// The models that are there, and a line for each that is not.
std::vector<BenchModel> present_models(const BenchOptions& options, Console& console) {
  std::vector<BenchModel> present;
  for (BenchModel& model : selected_models(options.models)) {
    if (model.executable.empty()) {
      console.print(fmt::format("{} is not there: {}\n", model.name, model.how_to_get));
      continue;
    }
    present.push_back(std::move(model));
  }
  if (present.empty())
    throw UsageError("bench --models: none of them is there; build all targets");
  return present;
}

// Of the models that have measured nothing, or not all: why.
struct Troubles {
  std::map<std::string, std::string> failures;
  std::map<std::string, std::string>
      without_rows;  // --benchmark_filter leaves them none
};

Troubles measure(const BenchOptions& options,
                 const std::vector<BenchModel>& models,
                 Merged& merged,
                 Console& console) {
  std::map<std::string, std::vector<std::string>> flags;
  for (const BenchModel& model : models) flags[model.name] = flags_of(options, model);
  Troubles troubles;
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t repetition = 0; repetition < options.repetitions; ++repetition) {
    const auto done = static_cast<double>(repetition);
    const Seconds passed = Clock::now() - begin;
    if (options.quick && done > 0 && passed * (done + 1) / done > kQuickLimit) break;
    for (std::size_t i = 0; i < models.size() && !interrupted(); ++i) {
      const BenchModel& model = models[(i + repetition) % models.size()];
      if (troubles.failures.contains(model.name)) continue;
      if (troubles.without_rows.contains(model.name)) continue;
      const Clock::time_point start = Clock::now();
      const BenchOutcome outcome =
          run_benchmarks(model.executable, flags[model.name], kLimit);
      if (interrupted()) break;  // it, too, was cut short
      if (outcome.json)
        merged.add(model.name, repetition, *outcome.json);
      else
        (outcome.no_row_matches ? troubles.without_rows : troubles.failures)
            .emplace(model.name, outcome.trouble);
      const char* before = outcome.json             ? ""
                           : outcome.no_row_matches ? "  "
                                                    : "  FAIL: ";
      console.print(fmt::format(
          "repetition {} of {}: {:<14} {:5.1f} s{}{}\n", repetition + 1,
          options.repetitions, printable(model.name),
          Seconds(Clock::now() - start).count(), before, printable(outcome.trouble)));
    }
  }
  return troubles;
}

std::size_t wrong_rows(const BenchFile& file) {
  return static_cast<std::size_t>(
      std::count_if(file.rows.begin(), file.rows.end(),
                    [](const BenchRow& row) { return !row.error.empty(); }));
}

}  // namespace

int run_bench(const BenchOptions& options) {
  std::optional<OutputFile> file;
  if (!options.json.empty()) file.emplace("--json", options.json);
  const bool takes_stdout = options.json_to_stdout || (file && file->is_stdout());
  const InterruptSignals signals;
  Console console(takes_stdout ? stderr : stdout);
  const std::vector<BenchModel> models = present_models(options, console);
  Merged merged;
  const auto [failures, without_rows] = measure(options, models, merged, console);
  if (without_rows.size() == models.size())
    throw UsageError("bench --models: no model has such a row: " +
                     printable(without_rows.begin()->second));
  for (const auto& [model, why] : failures) merged.fail(model, why);
  const Json json = merged.json();
  const BenchFile results = bench_file_of(json, "");
  std::vector<std::string> names;
  for (const BenchModel& model : models) names.push_back(model.name);
  // Others are held against the first: one that has rows.
  std::stable_partition(names.begin(), names.end(),
                        [&absent = without_rows](const std::string& name) {
                          return !absent.contains(name);
                        });
  if (!results.rows.empty()) {
    console.print("\n" + model_table_headline(names.front()) + "\n\n" +
                  model_table(results, names, TimeKind::real));
    if (has_free_threaded_python(json["context"]))
      console.print("\nof what CPython takes:\n\n" + budget_table(results) + "\n");
    const Noise noise = noise_in(results, TimeKind::real);
    if (!noise.text.empty()) console.print(noise.text + "\n");
  }
  const std::string text =
      json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  if (file) file->write(text);
  if (options.json_to_stdout) {
    Console out(stdout);
    out.print(text);
    out.finish();
  }
  console.finish();
  if (!failures.empty() || wrong_rows(results) > 0)
    return static_cast<int>(ExitStatus::wrong);
  return static_cast<int>(interrupted() ? ExitStatus::interrupted : ExitStatus::well);
}

}  // namespace threadmill
