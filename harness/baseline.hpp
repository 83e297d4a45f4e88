// SPDX-License-Identifier: Apache-2.0
//
// Baseline: an earlier report that a run is held against, workload by workload. Both
// sides of a ratio are medians over the rounds, of runs that came to their end in order.
//
// One run of a workload is noisy, so a ratio is for people to judge, unless they say
// which one is a failure. The file may be anything: all of it is looked at before the
// run, and what is no such report is bad usage.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/report.hpp"

namespace threadmill {

class Baseline {
 public:
  // Reads the JSON report at `path`. Throws UsageError.
  explicit Baseline(std::string path);

  // Puts into `report` what the comparison says. A workload whose ratio is below
  // `fail_below` has failed the check `baseline`; 0: there is no such check.
  void compare(Report& report, double fail_below) const;

 private:
  struct Past {
    Verdict verdict = Verdict::pass;  // the worst
    std::vector<double> rates;        // operations per second
  };

  [[nodiscard]] std::vector<std::string> differences_to(const Report& report) const;
  [[nodiscard]] std::vector<std::string> worse_in(const Report& report) const;
  [[nodiscard]] std::vector<std::string> missing_of(const Report& report) const;
  void judge(RunResult& run, double fail_below) const;

  const std::string path_;
  std::map<std::string, Past> workloads_;
  std::map<std::string, std::string> circumstances_;  // as in report_json.hpp
};

// The comparison in lines for people.
[[nodiscard]] std::vector<std::string> lines_of(const Comparison& comparison);

}  // namespace threadmill
