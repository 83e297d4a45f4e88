// SPDX-License-Identifier: Apache-2.0
//
// Outputs: the files in which a run leaves its results. The constructor finds out whether
// they can be written, before the run; afterwards each is written whole or not at all.
#pragma once

#include <deque>
#include <string>

#include "harness/options.hpp"
#include "harness/output_file.hpp"
#include "harness/report.hpp"
#include "runtime/base/build_info.hpp"

namespace threadmill {

class Outputs {
 public:
  // Throws UsageError for a path that cannot be written, or that is given twice.
  explicit Outputs(const StressOptions& options);

  // Then the text for people belongs on stderr.
  [[nodiscard]] bool take_stdout() const;

  // Writes all that can be written, and throws UsageError if some cannot.
  void write(const Report& report, const BuildInfo& build);

 private:
  using Writer = std::string (*)(const Report& report, const BuildInfo& build);

  struct Output {
    Output(const char* option, const std::string& path, Writer its_writer)
        : file(option, path), writer(its_writer) {}

    OutputFile file;
    Writer writer;
  };

  void add(const char* option, const std::string& path, Writer writer);

  std::deque<Output> outputs_;
};

}  // namespace threadmill
