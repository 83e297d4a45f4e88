// SPDX-License-Identifier: Apache-2.0
//
// The search: executions of one scenario under one strategy, until something is found,
// nothing is left, or the time is up. A finding is made again to see that it repeats,
// shrunk, and made once more for its trace.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/explore/coverage.hpp"
#include "harness/explore/engine.hpp"
#include "harness/explore/outcome_table.hpp"
#include "harness/explore/scenario_info.hpp"
#include "harness/explore/schedule.hpp"

namespace threadmill::explore {

struct SearchOptions {
  MemoryModel memory = MemoryModel::sc;
  std::string strategy = "dfs";         // see strategy_names()
  std::optional<unsigned> preemptions;  // dfs: at most so many
  unsigned depth = 3;                   // pct
  std::uint64_t seed = 1;
  std::uint64_t iterations = 0;  // executions; 0: no limit
  bool shrink = true;
  bool coverage = false;  // watch for pairs; costs half of the speed
};

// Asked before every execution, so it is the cheap one: it moves every few milliseconds.
struct SearchClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<SearchClock>;
  static constexpr bool is_steady = true;

  [[nodiscard]] static time_point now() noexcept;
};

struct Finding {
  FailureKind kind = FailureKind::check;
  std::string message;
  std::size_t found_operations = 0;  // of the schedule that the strategy made
  std::uint32_t found_switches = 0;  // its preemptions
  bool repeats = false;              // it failed again
  Schedule schedule;                 // as short as it could be made
  std::uint32_t switches = 0;        // its preemptions
  ThreadSet left_out = 0;            // threads that are not needed
  std::string text;                  // its trace
  std::uint64_t executions = 0;      // until it was found
  double seconds = 0;                // likewise
};

struct SearchResult {
  std::string scenario;
  std::string strategy;
  std::uint64_t seed = 0;
  std::uint64_t executions = 0;
  std::uint64_t given_up = 0;  // of those, cut off as equivalent to others
  std::uint64_t operations = 0;
  double seconds = 0;
  bool exhausted = false;
  std::string claim;
  // Not empty: the scenario is not deterministic, or an allowed outcome does not exist.
  std::string complaint;
  SitePairs pairs;        // with `coverage`
  OutcomeTable outcomes;  // of a litmus test, without those of cut off executions
  std::optional<Finding> finding;
};

// "random", "pct", "pos", "urw", "dfs".
[[nodiscard]] const std::vector<std::string>& strategy_names();
// Null: no such strategy.
[[nodiscard]] std::unique_ptr<Strategy> make_strategy(const SearchOptions& options);

// Asked before every execution; true ends the search.
using StopAsked = std::function<bool()>;

// What the engine needs of the runtime: the fiber-local pointer, the failure handler, the
// handler of deadly signals. Once per process.
void prepare_engine();

[[nodiscard]] SearchResult search(const ScenarioInfo& info,
                                  const SearchOptions& options,
                                  const StopAsked& stop);

// One execution by `strategy`, leaks counted as failures. With `trace`, it is written.
[[nodiscard]] Outcome execute_once(const ScenarioInfo& info,
                                   Strategy& strategy,
                                   ThreadSet left_out,
                                   std::vector<TraceStep>* trace);

}  // namespace threadmill::explore
