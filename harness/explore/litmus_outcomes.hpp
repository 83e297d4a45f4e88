// SPDX-License-Identifier: Apache-2.0
//
// What the memory models allow the litmus tests: the outcomes that the enumerator of
// tests/explore found by the axioms, written down. A test compares them with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/explore/engine.hpp"

namespace threadmill::explore {

// Texts as of to_text(LitmusOutcome).
struct LitmusOutcomeList {
  std::string_view name;
  std::vector<std::string> sc;
  std::vector<std::string> weak;  // what RC11 allows besides
};

// In the order of litmus_tests().
[[nodiscard]] const std::vector<LitmusOutcomeList>& litmus_outcome_lists();

// Empty: no such test.
[[nodiscard]] std::vector<std::string> litmus_outcomes(std::string_view name,
                                                       MemoryModel model);

}  // namespace threadmill::explore
