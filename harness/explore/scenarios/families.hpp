// SPDX-License-Identifier: Apache-2.0
//
// One function per file of scenarios; list.cpp calls them all.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/explore/scenarios/list.hpp"

namespace threadmill::explore {

void add_count_scenarios(std::vector<ScenarioInfo>& list);
void add_ownership_scenarios(std::vector<ScenarioInfo>& list);
void add_uncounted_scenarios(std::vector<ScenarioInfo>& list);
void add_slot_scenarios(std::vector<ScenarioInfo>& list);
void add_world_scenarios(std::vector<ScenarioInfo>& list);
void add_section_scenarios(std::vector<ScenarioInfo>& list);
void add_sync_scenarios(std::vector<ScenarioInfo>& list);
void add_qsbr_scenarios(std::vector<ScenarioInfo>& list);
void add_memory_scenarios(std::vector<ScenarioInfo>& list);
void add_list_scenarios(std::vector<ScenarioInfo>& list);
void add_dict_scenarios(std::vector<ScenarioInfo>& list);
void add_set_scenarios(std::vector<ScenarioInfo>& list);
void add_string_scenarios(std::vector<ScenarioInfo>& list);
void add_cell_scenarios(std::vector<ScenarioInfo>& list);
void add_instance_scenarios(std::vector<ScenarioInfo>& list);
void add_collector_scenarios(std::vector<ScenarioInfo>& list);
void add_lifetime_scenarios(std::vector<ScenarioInfo>& list);
void add_speed_scenarios(std::vector<ScenarioInfo>& list);
void add_litmus_scenarios(std::vector<ScenarioInfo>& list);

inline constexpr std::optional<std::uint64_t> kTooMany = std::nullopt;

}  // namespace threadmill::explore
