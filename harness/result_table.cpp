// SPDX-License-Identifier: Apache-2.0
#include "harness/result_table.hpp"

#include <fmt/format.h>

#include "harness/numbers.hpp"

namespace threadmill {
namespace {

constexpr const char* kUnknown = "-";

std::string ratio_text(const RunResult& run) {
  return run.baseline_ratio ? fmt::format("{:.2f} x", *run.baseline_ratio) : kUnknown;
}

}  // namespace

std::vector<TextTable::Column> result_columns(const Report& report) {
  using enum TextTable::Align;
  std::vector<TextTable::Column> columns = {{"workload", left},
                                            {"threads", right},
                                            {"operations", right},
                                            {"op/s", right},
                                            {"verified", right}};
  if (report.comparison) columns.push_back({"baseline", right});
  columns.push_back({"verdict", left});
  return columns;
}

std::vector<std::string> result_cells(const Report& report, const RunResult& run) {
  const bool known = run.seconds >= 0;
  std::vector<std::string> cells = {
      run.workload, std::to_string(run.threads),
      known ? with_thousands(run.operations) : kUnknown,
      known ? with_unit(operations_per_second(run)) : kUnknown,
      with_thousands(total_verified(run))};
  if (report.comparison) cells.push_back(ratio_text(run));
  cells.emplace_back(name_of(run.verdict));
  return cells;
}

}  // namespace threadmill
