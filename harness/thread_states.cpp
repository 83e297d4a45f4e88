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

// `threads`: the folder of them that a process has.
template <class Use>
bool for_each_thread(const std::filesystem::path& threads, Use use) {
  std::error_code error;
  for (const auto& thread : std::filesystem::directory_iterator(threads, error))
    use(thread.path());
  return !error;
}

ThreadStates states_of(const std::filesystem::path& threads, const std::string& but) {
  ThreadStates states;
  const bool known = for_each_thread(threads, [&](const std::filesystem::path& thread) {
    if (thread.filename() == but) return;
    const char state = state_of(thread);
    ++(state == 'R' ? states.runnable : state == 'S' ? states.asleep : states.other);
  });
  if (!known) ++states.other;
  return states;
}

constexpr const char* kOwnThreads = "/proc/self/task";

}  // namespace

ThreadStates states_of_other_threads() {
  return states_of(kOwnThreads, std::to_string(::gettid()));
}

bool some_child_is_awake() {
  bool is_awake = false;
  for_each_thread(kOwnThreads, [&](const std::filesystem::path& thread) {
    std::ifstream children(thread / "children");
    for (std::string child; children >> child;) {
      const ThreadStates states = states_of("/proc/" + child + "/task", "");
      is_awake |= states.runnable != 0 || states.other != 0;
    }
  });
  return is_awake;
}

}  // namespace threadmill
