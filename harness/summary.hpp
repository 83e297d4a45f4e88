// SPDX-License-Identifier: Apache-2.0
//
// The report as people read it at the end of a run: the table, the facts that workloads
// reported, and one line that sums up.
#pragma once

#include <string>

#include "harness/report.hpp"
#include "harness/time_budget.hpp"

namespace threadmill {

[[nodiscard]] std::string summary_of(const Report& report,
                                     Seconds elapsed,
                                     bool colour);

}  // namespace threadmill
