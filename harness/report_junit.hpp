// SPDX-License-Identifier: Apache-2.0
//
// The report as JUnit XML, which continuous integration reads: one suite for the run of
// the program, one case for each run of a workload.
//
//   verdict                   the case
//   pass                      has neither
//   unverified, or not run    `skipped`, with the reason
//   fail, crash, hang         `failure` of that type: the checks that failed, the last
//                             steps of a process that died, the command that repeats it
#pragma once

#include <string>

#include "harness/report.hpp"

namespace threadmill {

[[nodiscard]] std::string report_junit(const Report& report);

}  // namespace threadmill
