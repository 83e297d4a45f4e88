// SPDX-License-Identifier: Apache-2.0
//
// A report made by hand, with a run of every kind and with texts that try to break out of
// whatever they are written into.
#pragma once

#include <string>

#include "harness/report.hpp"

namespace threadmill {

inline const std::string kNasty =
    std::string("</script><b>&amp;\"'<!-- ]]> \x1b[31m\r\n\t\xff\xfe\xc3(") + '\0' +
    "\xef\xbf\xbf end";

[[nodiscard]] RunResult some_run(const std::string& workload, Verdict verdict);

// pass, unverified, fail, crash with last steps, hang without known numbers; two not run.
[[nodiscard]] Report some_report();

}  // namespace threadmill
