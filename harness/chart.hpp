// SPDX-License-Identifier: Apache-2.0
//
// Charts as SVG elements within a page. Drawn here and not by a library: one that draws
// in the browser would have to be in every page, which is then more code than results,
// and shows nothing where scripts are off; these are steps and bars. Colours come from the
// page's style sheet.
#pragma once

#include <string>
#include <vector>

#include "harness/report.hpp"

namespace threadmill {

// Operations per second over the time of a run. Empty: there is nothing to draw.
[[nodiscard]] std::string throughput_chart(const std::vector<ThroughputPoint>& points);

// How often something took how long. Both axes are logarithmic: one long wait in a million
// is what is looked for. Empty: it never happened.
[[nodiscard]] std::string latency_chart(const Latency& latency);

}  // namespace threadmill
