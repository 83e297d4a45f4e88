// SPDX-License-Identifier: Apache-2.0
//
// Watcher: the thread of a run that never attaches to the runtime, so that no bug in
// there can keep it. It samples the workers' counters, tells the workers to stop in
// time (or when the user interrupts), and ends the process as a hang when they do not
// return, or a stage does not end.
//
//   progress   every worker completes something in every window of time
//   watchdog   workers and stages come to their end
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "harness/emergency.hpp"
#include "harness/limits.hpp"
#include "harness/progress_oracle.hpp"
#include "harness/run_state.hpp"

namespace threadmill {

// How far a run has come, for whoever shows it.
struct Sample {
  Stage stage = Stage::preparing;
  Seconds running{0};
  std::uint64_t operations = 0;
};

class Watcher {
 public:
  Watcher(RunState& state,
          const Limits& limits,
          Emergency& emergency,
          std::function<void(const Sample&)> on_sample);

  void watch();  // returns when the director is done

  [[nodiscard]] std::optional<Check> progress() const;  // none: no worker has run

 private:
  using View = RunState::View;

  void look(const View& view, Clock::time_point now);
  void look_at_workers(const View& view, Clock::time_point now);
  void judge_stage(const View& view, Clock::time_point now);
  void tell_to_stop(Clock::time_point now);
  [[nodiscard]] Clock::time_point next_look(const View& view,
                                            Clock::time_point now) const;
  [[nodiscard]] Seconds limit_of(Stage stage) const;
  [[noreturn]] void end_workers_hang();
  [[noreturn]] void end_stage_hang(Stage stage, Seconds limit);

  RunState& state_;
  const Limits limits_;
  Emergency& emergency_;
  const std::function<void(const Sample&)> on_sample_;
  const Clock::time_point began_;
  Sample sample_;
  std::optional<ProgressOracle> progress_;
  std::optional<Clock::time_point> told_to_stop_;
  Seconds prepared_and_ran_{0};
};

}  // namespace threadmill
