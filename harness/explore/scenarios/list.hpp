// SPDX-License-Identifier: Apache-2.0
//
// What there is to explore, with what is known of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
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
  // equivalent included. Empty: there are too many; random strategies search it.
  std::optional<std::uint64_t> sc_executions{};
};

[[nodiscard]] const std::vector<ScenarioInfo>& scenarios();

}  // namespace threadmill::explore
