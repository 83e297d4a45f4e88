// SPDX-License-Identifier: Apache-2.0
//
// A scenario in a list: how it is called and made, and what is known of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/explore/engine.hpp"
#include "harness/explore/scenario.hpp"

namespace threadmill::explore {

struct ScenarioInfo {
  std::string name;
  std::string purpose;  // what it shows, in one line
  std::function<std::unique_ptr<Scenario>()> make;
  // It stays from one execution to the next; each leaves it as it was.
  bool persists = false;
  EngineLimits limits{};
  // Of an exhaustive search under sequential consistency, those that were cut off as
  // equivalent included. Empty: there are too many, and random strategies search it, or
  // nobody counted.
  std::optional<std::uint64_t> sc_executions{};
  // Litmus tests: every outcome() that may be. Others fail the execution, and one that an
  // exhaustive search does not see fails the search. Empty: outcomes are not looked at.
  std::function<std::vector<std::string>(MemoryModel)> allowed{};
};

// S, made anew for each execution; `sc_executions` as in ScenarioInfo.
template <class S>
ScenarioInfo scenario(std::string name,
                      std::string purpose,
                      std::optional<std::uint64_t> sc_executions = {},
                      EngineLimits limits = {}) {
  return {.name = std::move(name),
          .purpose = std::move(purpose),
          .make = [] { return std::make_unique<S>(); },
          .persists = false,
          .limits = limits,
          .sc_executions = sc_executions};
}

}  // namespace threadmill::explore
