// SPDX-License-Identifier: Apache-2.0
//
// What is known about each fault: what is wrong with it, and what shows it.
#pragma once

#include "runtime/base/fault.hpp"

#if TM_FAULTS

#include <span>

namespace threadmill {

struct FaultInfo {
  Fault fault;
  const char* name;       // what --fault takes
  const char* catalogue;  // its entry in the catalogue of real bugs
  const char* summary;    // the step that is wrong, in one sentence
  // The workload that shows it soonest. "": none does, since it is in what none uses, or
  // it leaves out an order that this processor gives anyway. Of a control: the one that
  // takes its step most.
  const char* workload;
  // The smallest scenario of the explorer that shows it. "": there is none.
  const char* scenario;
  // A switch that looks like a fault and is legal: nothing may be reported, least of all
  // by the scenario or the workload that come closest.
  bool is_control = false;
  // Where no workload shows it: one in which ThreadSanitizer sees the race, though it does
  // no harm on this processor, or hardly ever. "": there is none, or it needs none.
  const char* workload_under_tsan = "";
};

// All faults of this executable, and the controls. Each has a workload or a scenario.
std::span<const FaultInfo> fault_catalogue() noexcept;

}  // namespace threadmill

#endif
