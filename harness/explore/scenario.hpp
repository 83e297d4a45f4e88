// SPDX-License-Identifier: Apache-2.0
//
// Scenario: a small concurrent program with a known verdict. The engine runs it many
// times; each time set_up() and check() are alone, and run() is called once per thread.
//
// It is made anew for each execution, unless its ScenarioInfo says that it persists.
// After a failed execution no destructor runs, so what it holds should need none:
// arrays of fixed size, and objects of the runtime.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace threadmill::explore {

class Scenario {
 public:
  virtual ~Scenario() = default;

  [[nodiscard]] virtual unsigned threads() const = 0;
  virtual void set_up() {}
  virtual void run(unsigned thread) = 0;
  virtual void check() {}
  // Litmus tests, after check(): what was observed, as in ScenarioInfo::allowed.
  [[nodiscard]] virtual std::string outcome() const { return {}; }
  // Only litmus tests do: their memory order is followed in a slower way.
  [[nodiscard]] virtual bool uses_sc_fences() const { return false; }
};

// Ends the execution as failed unless `holds`. Callable from everywhere in a scenario.
void expect(bool holds, const char* what);

}  // namespace threadmill::explore
