// SPDX-License-Identifier: Apache-2.0
//
// Budgets: how long the runtime may take for an operation as a share of what free-threaded
// CPython takes, where one was measured in the same turns. Elsewhere there are only the
// figures that results/README.md has on record.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "harness/bench_file.hpp"

namespace threadmill {

// Does `context`, of what `bench --models` wrote, speak of a CPython that has no GIL?
[[nodiscard]] bool has_free_threaded_python(const nlohmann::ordered_json& context);

// A line per budget whose row both have: what the share is, and may be; met where the
// median of its pairs is within it. Elapsed times.
[[nodiscard]] std::string budget_table(const BenchFile& file);

}  // namespace threadmill
