// SPDX-License-Identifier: Apache-2.0
//
// The report as a page: one file that needs no other and no network, and runs no script.
// Its table has the cells of the one on the terminal (result_table.hpp); the JSON report
// is in it as well, for whoever wants to go on with the numbers:
//
//   <script type="application/json" id="report">
#pragma once

#include <string>

#include "harness/report.hpp"

namespace threadmill {

[[nodiscard]] std::string report_html(const Report& report);

}  // namespace threadmill
