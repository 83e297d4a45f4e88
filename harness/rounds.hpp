// SPDX-License-Identifier: Apache-2.0
//
// --repeat and --until-failure: the whole run again and again, each round with the next
// seed and its own --seconds. A round that ends early or late moves no other: so many
// rounds take so many times as long.
#pragma once

#include <functional>

#include "harness/options.hpp"
#include "harness/report.hpp"
#include "harness/time_budget.hpp"

namespace threadmill {

// Runs one round within its time, which begins at `start`.
using Round =
    std::function<Report(const StressOptions& options, Clock::time_point start)>;

// All rounds in one report. Ends early after a round that was interrupted or refused.
[[nodiscard]] Report run_rounds(const StressOptions& options,
                                Clock::time_point start,
                                const Round& round);

// Of all rounds together; 0: nobody knows.
[[nodiscard]] Seconds length_of(const StressOptions& options);

}  // namespace threadmill
