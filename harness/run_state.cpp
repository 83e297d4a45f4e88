// SPDX-License-Identifier: Apache-2.0
#include "harness/run_state.hpp"

namespace threadmill {

const char* name_of(Stage stage) {
  switch (stage) {
    case Stage::preparing:
      return "preparing";
    case Stage::running:
      return "running";
    case Stage::checking:
      return "checking";
    case Stage::releasing:
      return "releasing";
    case Stage::done:
      return "done";
  }
  return "done";
}

Crew& RunState::make_crew(Workload& workload,
                          Runtime& runtime,
                          unsigned threads,
                          std::uint64_t seed,
                          std::uint64_t limit) {
  return crew_.emplace(workload, runtime, threads, seed, limit);
}

void RunState::enter(Stage stage) {
  const std::lock_guard lock(mutex_);
  view_.stage = stage;
  view_.began = Clock::now();
  changed_.notify_one();
}

void RunState::start_running(Clock::time_point now, Clock::time_point stop_at) {
  const std::lock_guard lock(mutex_);
  view_ = {Stage::running, now, stop_at};
  changed_.notify_one();
}

RunState::View RunState::wait(Stage known, Clock::time_point until) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [&] { return view_.stage != known; });
  return view_;
}

}  // namespace threadmill
