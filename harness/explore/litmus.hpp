// SPDX-License-Identifier: Apache-2.0
//
// A litmus test as a scenario. It never fails by itself: each execution leaves its
// outcome, for whoever knows which ones are allowed.
#pragma once

#include <array>
#include <functional>

#include "harness/explore/litmus_program.hpp"
#include "harness/explore/scenario.hpp"

namespace threadmill::explore {

class LitmusScenario final : public Scenario {
 public:
  using Observer = std::function<void(const LitmusOutcome&)>;

  // Both live longer than the scenario. At most 8 threads and 8 locations.
  LitmusScenario(const LitmusProgram& program, const Observer& observe);

  [[nodiscard]] unsigned threads() const override;
  [[nodiscard]] bool uses_sc_fences() const override { return sc_fences_; }
  void set_up() override;
  void run(unsigned thread) override;
  void check() override;

 private:
  static constexpr std::size_t kMost = 8;

  const LitmusProgram& program_;
  const Observer& observe_;
  bool sc_fences_ = false;
  std::array<std::uint64_t, kMost> memory_{};
  LitmusOutcome outcome_;
};

}  // namespace threadmill::explore
