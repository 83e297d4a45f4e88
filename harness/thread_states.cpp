// SPDX-License-Identifier: Apache-2.0
#include "harness/thread_states.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace threadmill {
namespace {

char state_of(const std::filesystem::path& thread) {
  std::ifstream file(thread / "stat");
  std::string line;
  std::getline(file, line);
  // "12 (name) S ...", and the name may hold anything
  const std::size_t name_end = line.rfind(") ");
  if (name_end == std::string::npos) return 'S';  // it has just ended
  return line[name_end + 2];
}

}  // namespace

ThreadStates states_of_other_threads() {
  ThreadStates states;
  const std::string self = std::to_string(::gettid());
  std::error_code error;
  for (const auto& thread :
       std::filesystem::directory_iterator("/proc/self/task", error)) {
    if (thread.path().filename() == self) continue;
    const char state = state_of(thread.path());
    ++(state == 'R' ? states.runnable : state == 'S' ? states.asleep : states.other);
  }
  if (error) ++states.other;
  return states;
}

}  // namespace threadmill
