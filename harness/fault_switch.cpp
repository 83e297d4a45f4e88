// SPDX-License-Identifier: Apache-2.0
#include "harness/fault_switch.hpp"

#include <fmt/format.h>

#include "harness/numbers.hpp"
#include "harness/options.hpp"
#include "harness/sibling.hpp"
#include "runtime/base/fault_catalogue.hpp"

namespace threadmill {

#if TM_FAULTS

std::vector<FaultEntry> compiled_faults() {
  std::vector<FaultEntry> entries;
  for (const FaultInfo& info : fault_catalogue()) {
    entries.push_back({info.name, info.catalogue, info.summary, info.workload,
                       info.scenario, info.is_control, info.workload_under_tsan});
  }
  return entries;
}

void switch_fault_on(const std::string& name) {
  if (!name.empty() && activate_fault(name)) return;
  throw UsageError(
      fmt::format("--fault '{}': no such fault; 'threadmill list' shows them all",
                  printable(name)));
}

#else

std::vector<FaultEntry> compiled_faults() { return {}; }

void switch_fault_on(const std::string& name) {
  throw UsageError(
      fmt::format("--fault '{}': not in this executable", printable(name)));
}

#endif

std::vector<FaultEntry> known_faults() {
  if constexpr (kFaults) return compiled_faults();
  try {
    const std::string faulty = sibling_executable("faults", "faults need");
    return faults_of_listing(output_of(faulty, {"list", "--faults-only", "--json"}));
  } catch (const UsageError&) {
    return {};
  }
}

}  // namespace threadmill
