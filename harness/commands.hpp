// SPDX-License-Identifier: Apache-2.0
//
// The subcommands, each from its options to its exit status. Bad usage is thrown as
// UsageError, for main() to print.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/options.hpp"
#include "harness/time_budget.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

[[nodiscard]] int run_list(const ListOptions& options,
                           std::span<const WorkloadInfo> workloads);
// Status 1: something was missed that the lab must find.
[[nodiscard]] int run_doctor(const DoctorOptions& options);
[[nodiscard]] int run_faults(const FaultsOptions& options);
[[nodiscard]] int run_bench(const BenchOptions& options);
[[nodiscard]] int run_compare(const CompareOptions& options);
[[nodiscard]] int run_merge(const MergeOptions& options);
[[nodiscard]] int run_report(const ReportOptions& options);
[[nodiscard]] int run_version(const VersionOptions& options);

// `words`: the command line, for PROGRAM-faults to take over. `start`: when the
// process began.
[[nodiscard]] int run_stress(const StressOptions& options,
                             std::span<const WorkloadInfo> workloads,
                             char** words,
                             Clock::time_point start);

// The names that there are for NAME and --fault, for completion.
[[nodiscard]] std::vector<std::string> values_of(
    const std::string& option, std::span<const WorkloadInfo> workloads);

}  // namespace threadmill
