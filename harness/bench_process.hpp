// SPDX-License-Identifier: Apache-2.0
//
// One process of benchmarks from its start to the JSON that it wrote to stdout, or to what
// is known of why it wrote none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/time_budget.hpp"

namespace threadmill {

struct BenchOutcome {
  std::optional<nlohmann::ordered_json> json;  // of Google Benchmark
  std::string trouble;                         // why there is none, in a few words
  // The trouble is only what the library said of --benchmark_filter: that no row matches
  // it, or that it is no expression.
  bool no_row_matches = false;
};

// It is ended after `limit`, and when this process is interrupted. Throws UsageError if it
// cannot be started.
[[nodiscard]] BenchOutcome run_benchmarks(const std::string& executable,
                                          const std::vector<std::string>& flags,
                                          Seconds limit);

}  // namespace threadmill
