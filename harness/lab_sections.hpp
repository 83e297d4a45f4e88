// SPDX-License-Identifier: Apache-2.0
//
// What a page shows of each file that this lab writes. What a file says may be anything:
// the readers look at every value, and throw Unfit (report_file.hpp); texts are escaped.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/bench_file.hpp"
#include "harness/plot.hpp"
#include "harness/report.hpp"

namespace threadmill {

struct LabSection {
  std::string title;
  std::string before;  // HTML above the plots: the headline
  std::vector<Plot> plots;
  std::string after;  // HTML below them: the numbers
};

[[nodiscard]] LabSection bench_section(const BenchFile& file);
[[nodiscard]] LabSection stress_section(const Report& report);
// Of `faults --json`.
[[nodiscard]] LabSection matrix_section(const nlohmann::ordered_json& matrix);
// Of `stress --trace`.
[[nodiscard]] LabSection trace_section(const nlohmann::ordered_json& trace);
// Of `explore --json`.
[[nodiscard]] LabSection search_section(const nlohmann::ordered_json& searches);

}  // namespace threadmill
