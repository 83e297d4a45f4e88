// SPDX-License-Identifier: Apache-2.0
#include "harness/outputs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/numbers.hpp"
#include "harness/report_json.hpp"
#include "harness/report_junit.hpp"

namespace threadmill {

Outputs::Outputs(const StressOptions& options) {
  add("--json", options.json, report_json);
  add("--junit", options.junit, report_junit);
}

void Outputs::add(const char* option, const std::string& path, Writer writer) {
  if (path.empty()) return;
  const OutputFile& file = outputs_.emplace_back(option, path, writer).file;
  for (const Output& other : outputs_) {
    if (&other.file == &file || !file.clashes_with(other.file)) continue;
    throw UsageError(fmt::format("{} '{}': {} is written there as well; give two paths",
                                 option, printable(path), other.file.option()));
  }
}

bool Outputs::take_stdout() const {
  return std::any_of(outputs_.begin(), outputs_.end(),
                     [](const Output& output) { return output.file.is_stdout(); });
}

void Outputs::write(const Report& report, const BuildInfo& build) {
  std::string errors;
  for (Output& output : outputs_) {
    try {
      output.file.write(output.writer(report, build));
    } catch (const UsageError& error) {
      errors += (errors.empty() ? "" : "; ") + std::string(error.what());
    }
  }
  if (!errors.empty()) throw UsageError(errors);
}

}  // namespace threadmill
