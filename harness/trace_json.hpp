// SPDX-License-Identifier: Apache-2.0
//
// What `stress --trace` writes: Trace Event Format, as chrome://tracing and Perfetto read
// it. A workload is a process there, a lane of its timeline a thread, and the operations of
// all its workers are a counter. Times begin with the first span.
#pragma once

#include <string>

#include "harness/report.hpp"

namespace threadmill {

[[nodiscard]] std::string trace_json(const Report& report);

}  // namespace threadmill
