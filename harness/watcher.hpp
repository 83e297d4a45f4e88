// SPDX-License-Identifier: Apache-2.0
//
// Watcher: the thread of a run that never attaches to the runtime, so that no bug in
// there can keep it. It samples the workers' counters, tells the workers to stop in
// time (or when the caller wants to end), and ends the process as a hang when they do not
// return, or a stage does not end.
//
//   progress   every worker completes something in every window of time
//   watchdog   workers and stages come to their end. They have some time for it, but
//              less where it is plain that they never will (standstill.hpp)
//   memory-limit   the process stays below its limit of resident memory
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/emergency.hpp"
#include "harness/limits.hpp"
#include "harness/processor_share.hpp"
#include "harness/progress_oracle.hpp"
#include "harness/run_state.hpp"
#include "harness/standstill.hpp"

namespace threadmill {

// How far a run has come, for whoever shows it.
struct Sample {
  Stage stage = Stage::preparing;
  Seconds running{0};
  std::uint64_t operations = 0;
  std::vector<WorkerSample> workers;  // empty: none has begun
};

// Called with each sample. False: the run is to end now.
using OnSample = std::function<bool(const Sample&)>;

class Watcher {
 public:
  Watcher(RunState& state,
          const Limits& limits,
          Emergency& emergency,
          OnSample on_sample);

  void watch();  // returns when the director is done

  [[nodiscard]] std::optional<Check> progress() const;  // none: no worker has run

  // Time in which this thread did not look when it should have, because the process or
  // the machine stood still: no measure of the run's own.
  [[nodiscard]] Seconds unwatched() const { return unwatched_; }

 private:
  using View = RunState::View;

  void look(const View& view, Clock::time_point now);
  void look_at_workers(const View& view, Clock::time_point now);
  void judge_stage(const View& view, Clock::time_point now);
  void tell_to_stop();
  [[nodiscard]] Clock::time_point next_look(const View& view,
                                            Clock::time_point now) const;
  void judge_memory();
  void judge_workers(Clock::time_point now);
  void require_end_of(const View& view, Clock::time_point now, Seconds limit);
  [[noreturn]] void end_workers_hang(const std::string& why);

  RunState& state_;
  const Limits limits_;
  Emergency& emergency_;
  const OnSample on_sample_;
  const Clock::time_point began_;
  Sample sample_;
  std::optional<ProgressOracle> progress_;
  bool told_to_stop_ = false;
  std::size_t returned_ = 0;  // workers
  Seconds none_returned_{0};  // for so long, since they were told to stop
  Standstill standstill_;
  ProcessorShare processors_;
  Clock::time_point last_look_;
  Seconds prepared_and_ran_{0};
  Seconds unwatched_{0};
};

}  // namespace threadmill
