// SPDX-License-Identifier: Apache-2.0
#include "harness/outputs.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "harness/numbers.hpp"
#include "harness/report_html.hpp"
#include "harness/report_json.hpp"
#include "harness/report_junit.hpp"
#include "harness/trace_json.hpp"

namespace threadmill {
namespace {

constexpr const char* kFolder = "results/latest";
constexpr const char* kPage = "results/latest/stress.html";
constexpr const char* kData = "results/latest/stress.json";
constexpr const char* kUnasked = "the report";  // stands where an option's name would

void say_unwritten(const std::string& why) {
  fmt::print(stderr, "threadmill: {}\n", why);
}

}  // namespace

Outputs::Outputs(const OutputPaths& paths, bool or_latest) {
  add("--json", paths.json, report_json);
  add("--html", paths.html, report_html);
  add("--junit", paths.junit, report_junit);
  add("--trace", paths.trace, trace_json);
  if (outputs_.empty() && or_latest) add_unasked();
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

void Outputs::add_unasked() try {
  unasked_ = true;
  std::error_code error;
  std::filesystem::create_directories(kFolder, error);
  if (error) {
    throw UsageError(
        fmt::format("{} '{}': cannot create that folder: {}; --json and "
                    "--html give other places",
                    kUnasked, kFolder, error.message()));
  }
  add(kUnasked, kData, report_json);
  add(kUnasked, kPage, report_html);
} catch (const UsageError& error) {
  outputs_.clear();
  say_unwritten(error.what());
}

bool Outputs::take_stdout() const {
  return std::any_of(outputs_.begin(), outputs_.end(),
                     [](const Output& output) { return output.file.is_stdout(); });
}

void Outputs::write(const Report& report) {
  if (!unasked_) return write_all(report);
  try {
    write_all(report);
    if (!outputs_.empty()) unasked_page_ = kPage;
  } catch (const UsageError& error) {
    say_unwritten(error.what());
  }
}

void Outputs::write_all(const Report& report) {
  std::string errors;
  for (Output& output : outputs_) {
    try {
      output.file.write(output.writer(report));
    } catch (const UsageError& error) {
      errors += (errors.empty() ? "" : "; ") + std::string(error.what());
    }
  }
  if (!errors.empty()) throw UsageError(errors);
}

}  // namespace threadmill
