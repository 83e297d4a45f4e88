// SPDX-License-Identifier: Apache-2.0
//
// The report as people read it at the end of a run: the table, the facts that workloads
// reported, and one line that sums up.
#pragma once

#include <string>

#include "harness/report.hpp"

namespace threadmill {

// The fact that counts objects by type: too long for a summary, so in the report only.
inline constexpr const char* kObjectsMade = "objects made";

// One line, without its newline.
[[nodiscard]] std::string conclusion_of(const Report& report);

[[nodiscard]] std::string summary_of(const Report& report, bool colour);

}  // namespace threadmill
