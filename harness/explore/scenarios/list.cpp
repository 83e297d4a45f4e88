// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/scenarios/list.hpp"

#include "harness/explore/scenarios/families.hpp"

namespace threadmill::explore {

const std::vector<ScenarioInfo>& scenarios() {
  static const std::vector<ScenarioInfo> list = [] {
    std::vector<ScenarioInfo> all;
    add_count_scenarios(all);
    add_ownership_scenarios(all);
    add_uncounted_scenarios(all);
    add_slot_scenarios(all);
    add_world_scenarios(all);
    add_section_scenarios(all);
    add_sync_scenarios(all);
    add_qsbr_scenarios(all);
    add_memory_scenarios(all);
    add_list_scenarios(all);
    add_dict_scenarios(all);
    add_set_scenarios(all);
    add_string_scenarios(all);
    add_cell_scenarios(all);
    add_instance_scenarios(all);
    add_collector_scenarios(all);
    add_lifetime_scenarios(all);
    add_speed_scenarios(all);
    add_litmus_scenarios(all);
    return all;
  }();
  return list;
}

}  // namespace threadmill::explore
