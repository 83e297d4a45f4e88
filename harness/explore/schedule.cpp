// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/schedule.hpp"

#include <bit>

namespace threadmill::explore {

bool Recorder::begin() {
  threads_.clear();
  picks_.clear();
  return inner_.begin();
}

unsigned Recorder::pick_thread(const State& state) {
  const unsigned thread = inner_.pick_thread(state);
  threads_.push_back(static_cast<std::uint8_t>(thread));
  return thread;
}

unsigned Recorder::pick(unsigned count, Choice choice) {
  const unsigned index = inner_.pick(count, choice);
  picks_.push_back(
      {static_cast<std::uint32_t>(threads_.size()), static_cast<std::uint8_t>(index)});
  return index;
}

Schedule Recorder::schedule() const {
  Schedule schedule{{kBeforeAll, {}}};
  for (const std::uint8_t thread : threads_) schedule.push_back({thread, {}});
  for (const Pick& pick : picks_) schedule[pick.entry].picks.push_back(pick.index);
  if (schedule.front().picks.empty()) schedule.erase(schedule.begin());
  return schedule;
}

bool Replay::begin() {
  next_ = !schedule_.empty() && schedule_.front().thread == kBeforeAll ? 1 : 0;
  pick_ = 0;
  return true;
}

unsigned Replay::pick_thread(const State& state) {
  pick_ = 0;
  const auto can_run = [&](unsigned thread) {
    return thread < kMaxThreads && (state.runnable >> thread & 1) != 0;
  };
  // Entries of threads that cannot run any more are passed over.
  while (next_ < schedule_.size()) {
    const unsigned wanted = schedule_[next_++].thread;
    if (can_run(wanted)) return wanted;
  }
  next_ = schedule_.size() + 1;
  if (state.current != kNobody) return state.current;
  return static_cast<unsigned>(std::countr_zero(static_cast<unsigned>(state.runnable)));
}

unsigned Replay::pick(unsigned count, Choice) {
  if (next_ == 0 || next_ > schedule_.size()) return 0;
  const std::vector<std::uint8_t>& picks = schedule_[next_ - 1].picks;
  if (pick_ >= picks.size()) return 0;
  const unsigned index = picks[pick_++];
  return index < count ? index : 0;
}

std::string Replay::claim(std::uint64_t) const { return "one execution, made again"; }

}  // namespace threadmill::explore
