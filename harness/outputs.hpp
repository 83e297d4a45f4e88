// SPDX-License-Identifier: Apache-2.0
//
// Outputs: the files in which a run leaves its results. The constructor finds out whether
// they can be written, before the run; afterwards each is written whole or not at all.
//
// A run of everything for which no file is named leaves its report in results/latest/,
// below the current folder. Nobody asked for it, so it fails nothing: where it cannot be
// written, one line on stderr says so.
#pragma once

#include <deque>
#include <string>

#include "harness/options.hpp"
#include "harness/output_file.hpp"
#include "harness/report.hpp"

namespace threadmill {

class Outputs {
 public:
  // Throws UsageError for a path that cannot be written, or that is given twice. With
  // `or_latest`, a run for which no path is given leaves its report in results/latest/.
  Outputs(const OutputPaths& paths, bool or_latest);

  // Then the text for people belongs on stderr.
  [[nodiscard]] bool take_stdout() const;

  // Writes all that can be written, and throws UsageError if some cannot.
  void write(const Report& report);

  // The page that was written without being asked for; empty: none.
  [[nodiscard]] const std::string& unasked_page() const { return unasked_page_; }

 private:
  using Writer = std::string (*)(const Report& report);

  struct Output {
    Output(const char* option, const std::string& path, Writer its_writer)
        : file(option, path), writer(its_writer) {}

    OutputFile file;
    Writer writer;
  };

  void add(const char* option, const std::string& path, Writer writer);
  void add_unasked();
  void write_all(const Report& report);

  std::deque<Output> outputs_;
  bool unasked_ = false;  // all of them
  std::string unasked_page_;
};

}  // namespace threadmill
