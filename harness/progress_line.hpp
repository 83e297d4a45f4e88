// SPDX-License-Identifier: Apache-2.0
//
// ProgressLine: what is shown while workloads run. On a terminal one line, rewritten
// with each sample; elsewhere one line per finished workload and per ten seconds.
#pragma once

#include <string>
#include <string_view>

#include "harness/console.hpp"
#include "harness/report.hpp"
#include "harness/time_budget.hpp"
#include "harness/watcher.hpp"

namespace threadmill {

class ProgressLine {
 public:
  // `total`: 0, nobody knows.
  ProgressLine(Console& console,
               unsigned threads,
               Clock::time_point start,
               Seconds total);

  void show(std::string_view workload, const Sample& sample);
  void finished(const RunResult& run);

 private:
  [[nodiscard]] std::string elapsed(Clock::time_point now) const;

  Console& console_;
  const unsigned threads_;
  const Clock::time_point start_;
  const Seconds total_;
  Clock::time_point last_line_;
};

}  // namespace threadmill
