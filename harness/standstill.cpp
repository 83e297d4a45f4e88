// SPDX-License-Identifier: Apache-2.0
#include "harness/standstill.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace threadmill {
namespace {

constexpr Seconds kLongestStep{0.5};
constexpr const char* kThreads = "/proc/self/task";

bool is_asleep(const std::filesystem::path& thread) {
  std::ifstream file(thread / "stat");
  std::string line;
  std::getline(file, line);
  // "12 (name) S ...", and the name may hold anything
  const std::size_t name_end = line.rfind(") ");
  if (name_end == std::string::npos) return true;  // it has just ended
  return line[name_end + 2] == 'S';
}

bool all_others_are_asleep() {
  const std::string self = std::to_string(::gettid());
  std::error_code error;
  for (const auto& thread : std::filesystem::directory_iterator(kThreads, error)) {
    if (thread.path().filename() != self && !is_asleep(thread.path())) return false;
  }
  return !error;
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
