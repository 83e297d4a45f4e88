// SPDX-License-Identifier: Apache-2.0
//
// `report DIR -o FILE`: one page of all the results in a folder.
#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "harness/commands.hpp"
#include "harness/console.hpp"
#include "harness/lab_page.hpp"
#include "harness/numbers.hpp"
#include "harness/output_file.hpp"
#include "harness/report.hpp"
#include "harness/report_file.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kMostFiles = 200;

// Those whose names end in .json, in the order of their names.
std::vector<std::filesystem::path> results_in(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.ends_with(".json") && !name.ends_with(".replay.json"))
      paths.push_back(at->path());
  }
  if (error)
    throw UsageError(fmt::format("report '{}': {}; give a folder with results",
                                 printable(folder), error.message()));
  std::sort(paths.begin(), paths.end());
  if (paths.size() > kMostFiles)
    throw UsageError(fmt::format("report '{}': more than {} files end in .json",
                                 printable(folder), kMostFiles));
  return paths;
}

LabFile file_at(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  try {
    return lab_file_of(name, content_of_file(path.string()));
  } catch (const Unfit& unfit) {
    return {name, unfit.what, {}};
  }
}

}  // namespace

int run_report(const ReportOptions& options) {
  const std::vector<std::filesystem::path> paths = results_in(options.folder);
  OutputFile output("-o", options.page);
  Console console(output.is_stdout() ? stderr : stdout);
  std::vector<LabFile> files;
  std::size_t shown = 0;
  for (const std::filesystem::path& path : paths) {
    files.push_back(file_at(path));
    const LabFile& file = files.back();
    if (file.trouble.empty()) ++shown;
    console.print(
        fmt::format("{}: {}\n", printable(file.name),
                    printable(file.trouble.empty() ? file.section.title
                                                   : "left out: " + file.trouble)));
  }
  if (shown == 0)
    throw UsageError(
        fmt::format("report '{}': no result that it could show; it takes JSON of "
                    "'bench', 'stress', "
                    "'faults' and 'explore'",
                    printable(options.folder)));
  output.write(lab_page("Threadmill", files));
  console.print(fmt::format("report: {}\n", printable(options.page)));
  console.finish();
  return static_cast<int>(ExitStatus::well);
}

}  // namespace threadmill
