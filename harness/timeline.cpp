// SPDX-License-Identifier: Apache-2.0
#include "harness/timeline.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "runtime/runtime.hpp"

namespace threadmill {
namespace {

constexpr const char* kStages = "stages";
constexpr const char* kPauses = "pauses";

std::int64_t nanoseconds_now() {
  return std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
}

const char* name_of(WaitReason reason) {
  switch (reason) {
    case WaitReason::nothing:
      return "";
    case WaitReason::section:
      return "waits for a lock";
    case WaitReason::claim_end:
      return "waits for a claim";
    case WaitReason::pause_end:
      return "waits for a pause";
    case WaitReason::turn_to_stop:
      return "waits to stop the world";
    case WaitReason::threads_to_stop:
      return "stops the world";
    case WaitReason::turn_to_collect:
      return "waits to collect";
    case WaitReason::collection:
      return "waits for a collection";
    case WaitReason::helpers:
      return "waits for helpers";
    case WaitReason::turn_to_run:
      return "waits for the global lock";
  }
  return "";
}

std::string name_of(const ThreadState& state) {
  if (state.waits_for != WaitReason::nothing) return name_of(state.waits_for);
  if ((state.state & slot_state::kSuspended) != 0) return "suspended";
  switch (state.state & slot_state::kModeMask) {
    case slot_state::kAttached:
      return "attached";
    case slot_state::kDetached:
      return "detached";
    default:
      return "";  // nobody holds it
  }
}

}  // namespace

Timeline::Timeline(RunState& state)
    : state_(state), thread_([this] { look_until_told(); }) {}

Timeline::~Timeline() {
  over_ = true;
  if (thread_.joinable()) thread_.join();
}

std::vector<TraceSpan> Timeline::finish() {
  over_ = true;
  thread_.join();
  const std::int64_t now = nanoseconds_now();
  std::vector<std::string> lanes;
  for (const auto& [lane, open] : open_) lanes.push_back(lane);
  for (const std::string& lane : lanes) note(lane, "", now);
  return std::move(spans_);
}

void Timeline::look_until_told() {
  while (!over_) {
    look();
    std::this_thread::sleep_for(kPeriod);
  }
}

void Timeline::look() {
  state_.look([this](Stage stage, const Runtime* runtime) {
    const std::int64_t now = nanoseconds_now();
    note(kStages, stage == Stage::done ? "" : name_of(stage), now);
    if (runtime == nullptr) return;
    bool paused = false;
    for (SlotId slot = 1; slot <= runtime->slot_count(); ++slot) {
      const ThreadState state = runtime->thread_state(slot);
      // All but the stopper's are, the vacant ones too.
      paused |= (state.state & slot_state::kSuspended) != 0 &&
                state.waits_for != WaitReason::threads_to_stop;
      note(fmt::format("slot {}", slot), name_of(state), now);
    }
    note(kPauses, paused ? "pause" : "", now);
  });
}

void Timeline::note(const std::string& lane,
                    const std::string& name,
                    std::int64_t now) {
  Open& open = open_[lane];
  if (open.name == name) return;
  const bool of_slot = lane != kStages && lane != kPauses;
  const bool has_room = of_slot           ? of_slots_ < kMostOfSlots
                        : lane == kPauses ? pauses_ < kMostPauses
                                          : true;
  if (!open.name.empty() && has_room) {
    spans_.push_back({lane, open.name, open.since, now - open.since});
    of_slots_ += of_slot ? 1 : 0;
    pauses_ += lane == kPauses ? 1 : 0;
  }
  open = {name, now};
}

}  // namespace threadmill
