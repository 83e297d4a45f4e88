// SPDX-License-Identifier: Apache-2.0
//
// The table of results, cell by cell: the same on a terminal and on a page.
#pragma once

#include <string>
#include <vector>

#include "harness/report.hpp"
#include "harness/text_table.hpp"

namespace threadmill {

[[nodiscard]] std::vector<TextTable::Column> result_columns(const Report& report);

// As many as there are columns; the last one is the verdict.
[[nodiscard]] std::vector<std::string> result_cells(const Report& report,
                                                    const RunResult& run);

}  // namespace threadmill
