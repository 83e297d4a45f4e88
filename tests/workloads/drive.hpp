// SPDX-License-Identifier: Apache-2.0
//
// Runs one workload the way the harness does, for a number of operations instead of a
// time, and reports all that the harness would look at.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/workload.hpp"

namespace threadmill {

struct Drive {
  unsigned threads = 1;
  std::uint64_t operations_each = 2000;
  std::uint64_t seed = 1;
  std::vector<std::string> inputs;
  std::function<void()> after_prepare;  // before the workers start
  bool stopped_from_the_start = false;
  bool spoiled = false;  // spoil_for_test() between run() and check()
};

struct Outcome {
  std::uint64_t operations = 0;
  std::vector<CheckResult> checks;
  std::vector<Fact> facts;
  std::uint64_t heap_violations = 0;
  std::string heap_message;
  std::uint64_t leaked = 0;  // objects alive after drop()

  [[nodiscard]] bool checks_passed() const;
  [[nodiscard]] std::uint64_t verified() const;
  // The checks that failed, and what was wrong with the heap, for a test's message.
  [[nodiscard]] std::string complaints() const;
  // The values of all facts of that name.
  [[nodiscard]] std::vector<std::string> fact(std::string_view name) const;
};

// Throws what a worker threw.
[[nodiscard]] Outcome drive(const WorkloadInfo& info, const Drive& how);

[[nodiscard]] const WorkloadInfo& workload_named(std::string_view name);

}  // namespace threadmill
