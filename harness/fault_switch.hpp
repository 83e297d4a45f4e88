// SPDX-License-Identifier: Apache-2.0
//
// The faults that are compiled into this executable: all of them in threadmill-faults,
// none in threadmill, which holds not even their names.
#pragma once

#include <string>
#include <vector>

#include "harness/report_json.hpp"
#include "runtime/base/config.hpp"

namespace threadmill {

[[nodiscard]] std::vector<FaultEntry> compiled_faults();

// Those; in the normal executable, those of PROGRAM-faults beside it: none without one.
[[nodiscard]] std::vector<FaultEntry> known_faults();

// Throws UsageError if this executable has no such fault.
void switch_fault_on(const std::string& name);

}  // namespace threadmill
