// SPDX-License-Identifier: Apache-2.0
//
// RunState: what the two threads of a run share. The director takes the run through its
// stages, the watcher looks on (workload_run.hpp has the whole picture).
//
//   stage       the director
//   preparing   makes the runtime, prepare()
//   running     waits for the workers
//   checking    the workload's own check(), then verifies the heap
//   releasing   drop(), collects, counts what is left
//   done
#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "harness/crew.hpp"
#include "harness/safe_text.hpp"
#include "harness/time_budget.hpp"

namespace threadmill {

enum class Stage { preparing, running, checking, releasing, done };

[[nodiscard]] const char* name_of(Stage stage);

class RunState {
 public:
  struct View {
    Stage stage = Stage::preparing;
    Clock::time_point began;    // of the stage
    Clock::time_point stop_at;  // when the workers are to be told to stop
  };

  // The director. The crew that it makes lives until the run is over.
  Crew& make_crew(Workload& workload,
                  Runtime& runtime,
                  unsigned threads,
                  std::uint64_t seed,
                  std::uint64_t limit);
  void enter(Stage stage);
  void start_running(Clock::time_point now, Clock::time_point stop_at);

  // The start line is about to open: a worker may die before start_running().
  void note_start_line() { stage_ = Stage::running; }
  void note_director();  // this thread is it
  // It is attached to `runtime`; null: it will leave it.
  void note_runtime(const Runtime* runtime);

  // How far the run has come, as a Sample of run_message.hpp. Any thread;
  // async-signal-safe.
  void put_steps(SafeText& out) const noexcept;

  // The watcher. Waits until the stage is another than `known`, or the time has come.
  [[nodiscard]] View wait(Stage known, Clock::time_point until);
  [[nodiscard]] Crew& crew() { return *crew_; }  // from stage running on
  [[nodiscard]] std::string who_waits_for_whom();

  // Any thread. `look(stage, runtime)` while both stay; the runtime may be null.
  template <class Look>
  void look(Look look) {
    const std::lock_guard lock(mutex_);
    look(view_.stage, runtime_);
  }
  [[nodiscard]] pid_t director() const { return director_; }

 private:
  std::atomic<pid_t> director_{0};
  std::atomic<Stage> stage_{Stage::preparing};  // as in view_, or a moment ahead
  std::atomic<Clock::time_point> running_since_{Clock::time_point{}};
  std::atomic<const Crew*> made_crew_{nullptr};  // null until it is complete
  std::mutex mutex_;
  std::condition_variable changed_;
  const Runtime* runtime_ = nullptr;  // guarded by mutex_
  std::atomic<SlotId> director_slot_{0};
  View view_{Stage::preparing, Clock::now(), {}};  // guarded by mutex_
  std::optional<Crew> crew_;  // made before, and read after, stage running was entered
};

}  // namespace threadmill
