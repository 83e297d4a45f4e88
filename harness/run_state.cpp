// SPDX-License-Identifier: Apache-2.0
#include "harness/run_state.hpp"

#include <unistd.h>

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
  Crew& crew = crew_.emplace(workload, runtime, threads, seed, limit);
  made_crew_ = &crew;
  return crew;
}

void RunState::note_director() { director_ = ::gettid(); }

void RunState::note_runtime(const Runtime* runtime) {
  const std::lock_guard lock(mutex_);
  runtime_ = runtime;
  director_slot_ = runtime == nullptr ? 0 : current()->id;
}

std::string RunState::who_waits_for_whom() {
  const std::lock_guard lock(mutex_);  // keeps the runtime
  std::vector<RunThread> threads;
  if (made_crew_ != nullptr) threads = crew_->threads_at_work();
  threads.push_back({"director", director_, director_slot_, ""});
  return threadmill::who_waits_for_whom(threads, runtime_);
}

void RunState::put_steps(SafeText& out) const noexcept {
  const Clock::time_point since = running_since_;
  std::uint64_t milliseconds = 0;
  if (since != Clock::time_point{}) {
    milliseconds = static_cast<std::uint64_t>((Clock::now() - since) /
                                              std::chrono::milliseconds(1));
  }
  out.put("{\"stage\":\"").put(name_of(stage_));
  out.put("\",\"running\":").put_number(milliseconds).put("e-3,\"workers\":[");
  if (const Crew* crew = made_crew_) crew->put_samples(out);
  out.put("]}");
}

void RunState::enter(Stage stage) {
  const std::lock_guard lock(mutex_);
  view_.stage = stage;
  stage_ = stage;
  view_.began = Clock::now();
  changed_.notify_one();
}

void RunState::start_running(Clock::time_point now, Clock::time_point stop_at) {
  const std::lock_guard lock(mutex_);
  view_ = {Stage::running, now, stop_at};
  stage_ = Stage::running;
  running_since_ = now;
  changed_.notify_one();
}

RunState::View RunState::wait(Stage known, Clock::time_point until) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [&] { return view_.stage != known; });
  return view_;
}

}  // namespace threadmill
