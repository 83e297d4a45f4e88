// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ctime>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "harness/commands.hpp"
#include "harness/console.hpp"
#include "harness/fault_switch.hpp"
#include "harness/interrupt.hpp"
#include "harness/matrix.hpp"
#include "harness/name_patterns.hpp"
#include "harness/output_file.hpp"
#include "harness/sibling.hpp"

namespace threadmill {
namespace {

// What the workloads report by themselves would be taken for a detection of each fault.
void add_runs_without_fault(std::vector<FaultEntry>& faults) {
  std::set<std::string> workloads;
  for (const FaultEntry& fault : faults) {
    for (const std::string& name : {fault.workload, fault.workload_under_tsan}) {
      if (!name.empty()) workloads.insert(name);
    }
  }
  for (const std::string& workload : workloads)
    faults.push_back(without_fault(workload));
}

std::vector<FaultEntry> selected_faults(const FaultsOptions& options) {
  (void)sibling_executable("faults", "faults need");  // throws if it is not there
  std::vector<FaultEntry> faults = known_faults();
  std::vector<std::string> names;
  for (const FaultEntry& fault : faults) names.push_back(fault.name);
  require_matches(options.patterns, names, "fault", program_name());
  std::erase_if(faults, [&](const FaultEntry& fault) {
    return !is_selected(options.patterns, fault.name);
  });
  if (options.patterns.empty()) add_runs_without_fault(faults);
  return faults;
}

// An instrument that says nothing costs its cell, and not what the others have said.
Detection detected_by(Instrument instrument,
                      const FaultEntry& fault,
                      const FaultsOptions& options) try {
  return detect(instrument, fault, options.seconds, options.seed);
} catch (const UsageError& error) {
  Detection detection;
  detection.reason = error.what();
  return detection;
}

Matrix measured(const FaultsOptions& options,
                std::vector<FaultEntry> faults,
                Console& console) {
  Matrix matrix;
  matrix.host = this_host();
  matrix.build = this_build();
  matrix.began = std::time(nullptr);
  matrix.seed = options.seed;
  matrix.seconds_per_cell = options.seconds;
  const Clock::time_point start = Clock::now();
  for (FaultEntry& fault : faults) {
    MatrixRow row;
    row.fault = std::move(fault);
    for (const Instrument instrument : all_instruments()) {
      if (interrupted()) break;
      const Detection detection = detected_by(instrument, row.fault, options);
      if (interrupted()) break;  // it, too, was cut short
      console.print(text_of(row.fault, instrument, detection));
      row.cells.emplace(instrument, detection);
    }
    if (!row.cells.empty()) matrix.rows.push_back(std::move(row));
  }
  matrix.interrupted = interrupted();
  matrix.elapsed_seconds = Seconds(Clock::now() - start).count();
  return matrix;
}

}  // namespace

int run_faults(const FaultsOptions& options) {
  std::vector<FaultEntry> faults = selected_faults(options);
  std::optional<OutputFile> json;
  std::optional<OutputFile> html;
  if (!options.outputs.json.empty()) json.emplace("--json", options.outputs.json);
  if (!options.outputs.html.empty()) html.emplace("--html", options.outputs.html);
  if (json && html && json->clashes_with(*html))
    throw UsageError("--html: the file of --json; give each a file of its own");
  const InterruptSignals signals;
  const bool takes_stdout = (json && json->is_stdout()) || (html && html->is_stdout());
  Console console(takes_stdout ? stderr : stdout);
  const Matrix matrix = measured(options, std::move(faults), console);
  console.print(matrix_text(matrix));
  if (json) json->write(matrix_json(matrix));
  if (html) html->write(matrix_html(matrix));
  console.finish();
  if (matrix.interrupted) return static_cast<int>(ExitStatus::interrupted);
  if (!matrix.false_alarms().empty()) return static_cast<int>(ExitStatus::wrong);
  return static_cast<int>(matrix.holes().empty() ? ExitStatus::well
                                                 : ExitStatus::nothing_said);
}

}  // namespace threadmill
