// SPDX-License-Identifier: Apache-2.0
//
// What searches found, for people and as JSON.
//
//   {"schema": 1, "seed": 1, "shard": "i/n" unless all, "scenarios": [
//     {"scenario", "strategy", "memory": "sc|rc11", "executions", "cut_off", "operations",
//      "seconds", "exhaustive": bool, "claim", "verdict": "pass|fail",
//      "complaint": not always, "coverage": {"pairs", "both_orders",
//      "one_order": [{"first", "second", "times"}]} with --coverage, "outcomes": [{"outcome", "grade", "count"}] of litmus
//      tests, "finding": {"kind", "message", "executions", "seconds", "operations",
//      "preemptions", "shrunk_operations", "shrunk_preemptions", "repeats", "reproduce"}
//      of failures}]}
#pragma once

#include <string>
#include <vector>

#include "harness/explore/explorer.hpp"
#include "harness/explore/options.hpp"

namespace threadmill::explore {

// "sc", "rc11"
[[nodiscard]] const char* name_of(MemoryModel model) noexcept;

// A line, and what was found. `program`: how it was called; `replay_path`: where the
// schedule of the finding was saved; empty: nowhere.
[[nodiscard]] std::string to_text(const std::string& program,
                                  const SearchResult& result,
                                  const ExploreOptions& options,
                                  const std::string& replay_path);

[[nodiscard]] std::string to_json(const std::string& program,
                                  const std::vector<SearchResult>& results,
                                  const ExploreOptions& options);

}  // namespace threadmill::explore
