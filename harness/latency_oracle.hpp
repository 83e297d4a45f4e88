// SPDX-License-Identifier: Apache-2.0
//
// The oracle `latency`: threads stop soon, the world goes on soon, and whoever waits to
// attach is let in after one pause (gh-151518). That last bound is a count, so it holds
// on any machine; those in time are far from what a sound run needs on a busy one
// (limits.hpp), and time in which nothing ran at all is not counted against it.
#pragma once

#include <vector>

#include "harness/limits.hpp"
#include "harness/report.hpp"
#include "harness/time_budget.hpp"
#include "runtime/runtime.hpp"

namespace threadmill {

[[nodiscard]] std::vector<Latency> latencies_for_report(const Latencies& latencies);

// `verified` counts the pauses and the waits. `unwatched`: see Watcher.
[[nodiscard]] Check judge_latencies(const RunResult& run,
                                    const Limits& limits,
                                    Seconds unwatched);

}  // namespace threadmill
