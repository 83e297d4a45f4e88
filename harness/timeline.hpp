// SPDX-License-Identifier: Apache-2.0
//
// Timeline: what a run's threads did when, for `stress --trace`. A thread of its own looks
// from outside, some thousand times a second, at what the runtime says of its slots; it
// never attaches, so no pause waits for it. So a pause, or a state of a thread, that is
// shorter than kPeriod may be missed, and a longer one is known to that.
//
//   lane      spans in it
//   stages    preparing, running, checking, releasing
//   pauses    pause: the world was stopped
//   slot N    what the thread that holds it did: attached, detached, suspended, or what
//             it waited for
//
// Spans are dropped once there are too many: first those of slots.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "harness/report.hpp"
#include "harness/run_state.hpp"

namespace threadmill {

class Timeline {
 public:
  static constexpr std::chrono::microseconds kPeriod{200};

  explicit Timeline(RunState& state);  // begins to look
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;
  ~Timeline();

  // Ends looking. Ascending in each lane.
  [[nodiscard]] std::vector<TraceSpan> finish();

 private:
  static constexpr std::size_t kMostOfSlots = 1500;
  static constexpr std::size_t kMostPauses = 1000;

  struct Open {
    std::string name;  // empty: nothing
    std::int64_t since = 0;
  };

  void look_until_told();
  void look();
  // In `lane`, `name` is what is so from now on.
  void note(const std::string& lane, const std::string& name, std::int64_t now);

  RunState& state_;
  std::atomic<bool> over_{false};
  std::map<std::string, Open> open_;  // by lane; the looking thread, then finish()
  std::vector<TraceSpan> spans_;      // likewise
  std::size_t of_slots_ = 0;
  std::size_t pauses_ = 0;
  std::thread thread_;
};

}  // namespace threadmill
