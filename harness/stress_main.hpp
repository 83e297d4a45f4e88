// SPDX-License-Identifier: Apache-2.0
//
// The lab over anybody's workloads: a program is its list and
//
//     int main(int count, char** words) {
//       return stress_main(count, words,
//                          {workload<SharedLog>("shared-log", "no append is lost")});
//     }
//
// That program has every subcommand and flag of threadmill. Linked to
// threadmill::harness_faults and named PROGRAM-faults, it is what `PROGRAM stress --fault`
// starts.
#pragma once

#include <initializer_list>
#include <span>

#include "workloads/workload.hpp"

namespace threadmill {

// From the command line to the exit status; main() does nothing else, because each
// workload runs in a process that is this program once more. Names are unique.
[[nodiscard]] int stress_main(int count,
                              char** words,
                              std::span<const WorkloadInfo> workloads);

[[nodiscard]] inline int stress_main(int count,
                                     char** words,
                                     std::initializer_list<WorkloadInfo> workloads) {
  return stress_main(count, words, std::span(workloads.begin(), workloads.size()));
}

}  // namespace threadmill
