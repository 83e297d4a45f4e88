// SPDX-License-Identifier: Apache-2.0
#include "harness/standstill.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "harness/thread_states.hpp"

namespace threadmill {
namespace {

constexpr Seconds kLongestStep{0.5};
constexpr const char* kThreads = "/proc/self/task";

bool all_others_are_asleep() {
  const ThreadStates states = states_of_other_threads();
  return states.runnable == 0 && states.other == 0 && !some_child_is_awake();
}

std::uint64_t switches_of(pid_t thread) {
  std::ifstream file(fmt::format("{}/{}/status", kThreads, thread));
  std::uint64_t switches = 0;
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find("ctxt_switches:\t");
    if (at == std::string::npos) continue;
    switches += std::stoull(line.substr(line.find('\t') + 1));
  }
  return switches;
}

}  // namespace

void Standstill::observe(std::span<const pid_t> threads, Clock::time_point now) {
  std::vector<Trace> traces = traces_of(threads);
  const Seconds step = std::min(Seconds(now - last_), kLongestStep);
  const bool still = !traces.empty() && traces == traces_ && all_others_are_asleep();
  lasted_ = still ? lasted_ + step : Seconds(0);
  traces_ = std::move(traces);
  last_ = now;
}

std::vector<Standstill::Trace> Standstill::traces_of(std::span<const pid_t> threads) {
  std::vector<Trace> traces;
  traces.reserve(threads.size());
  for (const pid_t thread : threads) traces.push_back({thread, switches_of(thread)});
  return traces;
}

}  // namespace threadmill
