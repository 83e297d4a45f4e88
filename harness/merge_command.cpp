// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/commands.hpp"
#include "harness/console.hpp"
#include "harness/merge.hpp"
#include "harness/numbers.hpp"
#include "harness/outputs.hpp"
#include "harness/report_file.hpp"
#include "harness/report_reader.hpp"
#include "harness/summary.hpp"

namespace threadmill {
namespace {

[[noreturn]] void refuse(const std::string& path, const Unfit& unfit) {
  throw UsageError(fmt::format(
      "merge '{}': {}; give reports that 'stress --json' or 'explore --json' wrote",
      printable(path), printable(unfit.what)));
}

std::vector<NamedJson> read_all(const std::vector<std::string>& paths) {
  std::vector<NamedJson> all;
  for (const std::string& path : paths) {
    try {
      all.push_back({path, json_in_file(path)});
    } catch (const Unfit& unfit) {
      refuse(path, unfit);
    }
  }
  return all;
}

bool is_search(const NamedJson& report) { return report.json.contains("scenarios"); }

ExitStatus merge_searches(const std::vector<NamedJson>& reports,
                          const MergeOptions& options,
                          Console& console) {
  if (!options.outputs.html.empty() || !options.outputs.junit.empty())
    throw UsageError("merge: reports of 'explore' are written as --json only");
  std::optional<OutputFile> file;
  if (!options.outputs.json.empty()) file.emplace("--json", options.outputs.json);
  const MergedSearches merged = merged_searches(reports);
  console.print(merged.summary);
  if (file) file->write(merged.json.dump(1) + "\n");
  return merged.status;
}

ExitStatus merge_runs(const std::vector<NamedJson>& reports,
                      const MergeOptions& options,
                      Console& console) {
  Outputs outputs(options.outputs, /*or_latest=*/false);
  std::vector<NamedReport> runs;
  for (const NamedJson& each : reports) {
    try {
      runs.push_back({each.path, report_of(each.json)});
    } catch (const Unfit& unfit) {
      refuse(each.path, unfit);
    }
  }
  const Report merged = merged_runs(std::move(runs));
  console.print(summary_of(merged, console.has_colour()));
  outputs.write(merged);
  return exit_status_of(merged);
}

}  // namespace

int run_merge(const MergeOptions& options) {
  const std::vector<NamedJson> reports = read_all(options.paths);
  const auto searches = std::count_if(reports.begin(), reports.end(), is_search);
  const bool all_searches = static_cast<std::size_t>(searches) == reports.size();
  if (searches != 0 && !all_searches)
    throw UsageError("merge: some are reports of 'stress', some of 'explore'");
  const bool to_stdout = !options.outputs.json.empty() &&
                         OutputFile("--json", options.outputs.json).is_stdout();
  Console console(to_stdout ? stderr : stdout);
  const ExitStatus status = all_searches ? merge_searches(reports, options, console)
                                         : merge_runs(reports, options, console);
  console.finish();
  return static_cast<int>(status);
}

}  // namespace threadmill
