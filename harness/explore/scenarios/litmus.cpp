// SPDX-License-Identifier: Apache-2.0
//
// The litmus tests, judged by the axioms' outcomes.
#include "harness/explore/litmus.hpp"

#include "harness/explore/litmus_list.hpp"
#include "harness/explore/litmus_outcomes.hpp"
#include "harness/explore/scenarios/families.hpp"

namespace threadmill::explore {

void add_litmus_scenarios(std::vector<ScenarioInfo>& list) {
  for (const Litmus& test : litmus_tests()) {
    list.push_back(
        {.name = test.name,
         .purpose = test.purpose,
         .make = [&test] { return std::make_unique<LitmusScenario>(test.program); },
         .allowed =
             [&test](MemoryModel model) { return litmus_outcomes(test.name, model); }});
  }
}

}  // namespace threadmill::explore
