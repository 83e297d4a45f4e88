// SPDX-License-Identifier: Apache-2.0
//
// One workload in a process that was started for it, and that tells what it finds through
// a channel (isolated_run.hpp is the other side). It prints nothing but what it finds
// wrong, and it does not outlive the process that started it.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>

#include "harness/options.hpp"
#include "harness/time_budget.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

// What such a process must know besides the options; as text, the value of the hidden
// option --supervision.
struct Supervision {
  int channel = -1;  // the descriptor
  pid_t supervisor = 0;
  TimeShare share;
};

[[nodiscard]] std::string text_of(const Supervision& supervision);
// Throws UsageError: somebody typed it.
[[nodiscard]] Supervision supervision_in(const std::string& text);

// The exit status: 0 unless the process is at its end.
[[nodiscard]] int run_supervised(const StressOptions& options,
                                 std::span<const WorkloadInfo> all);

}  // namespace threadmill
