// SPDX-License-Identifier: Apache-2.0
//
// What is said of a run in which something is wrong. A process that dies cannot be
// trusted to allocate or format, so the run was given its name before, in texts that do
// not change. Async-signal-safe.
#pragma once

#include <string>
#include <string_view>

#include "harness/report.hpp"

namespace threadmill {

struct RunName {
  std::string workload;
  std::string seed;       // as text
  std::string reproduce;  // the command line
};

// What was found where. The run may go on after it; the process that it ends, if any,
// is about to.
struct Death {
  Verdict verdict = Verdict::crash;
  std::string_view oracle;
  std::string_view detail;
};

// On stderr: what happened, `more` (whole lines), and how to see it again.
void announce(const RunName& run,
              const Death& death,
              std::string_view more = {}) noexcept;

}  // namespace threadmill
