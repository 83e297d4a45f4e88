// SPDX-License-Identifier: Apache-2.0
//
// A litmus test as a scenario. It never fails by itself: each execution leaves its
// outcome, for whoever knows which ones are allowed (litmus_outcomes.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "harness/explore/litmus_program.hpp"
#include "harness/explore/scenario.hpp"

namespace threadmill::explore {

class LitmusScenario final : public Scenario {
 public:
  // The program lives longer. At most 8 threads, 8 locations and 16 reading operations.
  explicit LitmusScenario(const LitmusProgram& program);

  [[nodiscard]] unsigned threads() const override;
  [[nodiscard]] bool uses_sc_fences() const override { return sc_fences_; }
  void set_up() override;
  void run(unsigned thread) override;
  [[nodiscard]] std::string outcome() const override { return to_text(observed()); }
  // Of an execution that has passed.
  [[nodiscard]] LitmusOutcome observed() const;

 private:
  static constexpr std::size_t kMostReads = 16;

  const LitmusProgram& program_;
  bool sc_fences_ = false;
  std::array<std::uint64_t, kMaxLitmusLocations> memory_{};
  std::size_t reads_ = 0;
  std::array<std::uint64_t, kMostReads> read_{};
};

}  // namespace threadmill::explore
