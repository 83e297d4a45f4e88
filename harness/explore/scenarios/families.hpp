// SPDX-License-Identifier: Apache-2.0
//
// One function per file of scenarios; list.cpp calls them all.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/explore/scenarios/list.hpp"

namespace threadmill::explore {

void add_count_scenarios(std::vector<ScenarioInfo>& list);
void add_slot_scenarios(std::vector<ScenarioInfo>& list);
void add_world_scenarios(std::vector<ScenarioInfo>& list);
void add_section_scenarios(std::vector<ScenarioInfo>& list);
void add_sync_scenarios(std::vector<ScenarioInfo>& list);
void add_qsbr_scenarios(std::vector<ScenarioInfo>& list);
void add_memory_scenarios(std::vector<ScenarioInfo>& list);
void add_list_scenarios(std::vector<ScenarioInfo>& list);
void add_dict_scenarios(std::vector<ScenarioInfo>& list);
void add_collector_scenarios(std::vector<ScenarioInfo>& list);
void add_speed_scenarios(std::vector<ScenarioInfo>& list);

inline constexpr std::optional<std::uint64_t> kTooMany = std::nullopt;

// S, made anew for each execution; `sc_executions` as in ScenarioInfo.
template <class S>
ScenarioInfo scenario(std::string name,
                      std::string purpose,
                      std::optional<std::uint64_t> sc_executions,
                      EngineLimits limits = {}) {
  return {.name = std::move(name),
          .purpose = std::move(purpose),
          .make = [] { return std::make_unique<S>(); },
          .persists = false,
          .limits = limits,
          .sc_executions = sc_executions};
}

}  // namespace threadmill::explore
