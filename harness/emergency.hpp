// SPDX-License-Identifier: Apache-2.0
//
// Emergency: the way a run ends when it cannot end in order. While one exists (there is
// at most one in a process)
//   - a failed check of the runtime, on any thread, ends the process with verdict fail;
//   - a deadly signal, on any thread, ends it with verdict crash (not in sanitizer
//     builds, whose own reports say more);
//   - the watchdog ends it with verdict hang, by calling end().
// One thread does so; others that arrive meanwhile stop there for good. It announces the
// death, or tells it to the process that supervises this one, and leaves with status 1.
// First comes what is known for certain, then the stack, because taking it may fail in a
// process that is damaged.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <vector>

#include "harness/channel.hpp"
#include "harness/death.hpp"

namespace threadmill {

class RunState;

class Emergency {
 public:
  explicit Emergency(Channel* supervisor = nullptr);
  Emergency(const Emergency&) = delete;
  Emergency& operator=(const Emergency&) = delete;
  ~Emergency();

  // From now on this is the run that a death is of, and its `state`, which lives until
  // release().
  void watch_over(RunName run, const RunState& state);
  // It has come to its end.
  void release() noexcept;

  // `more`: whole lines to be shown besides. `stack_from`: see StackTrace::take();
  // null: this thread's stack says nothing.
  [[noreturn]] void end(const Death& death,
                        std::string_view more = {},
                        const void* stack_from = nullptr) noexcept;

 private:
  Channel* const supervisor_;
  std::atomic<const RunName*> run_{nullptr};
  std::atomic<const RunState*> state_{nullptr};
  std::vector<std::unique_ptr<RunName>> runs_;  // kept: another thread may read one
};

// While it exists, its thread can report even that its stack has overflowed.
class AlternateStack {
 public:
  AlternateStack();
  AlternateStack(const AlternateStack&) = delete;
  AlternateStack& operator=(const AlternateStack&) = delete;
  ~AlternateStack();

 private:
  std::unique_ptr<char[]> memory_;  // null: a sanitizer has set up its own
};

}  // namespace threadmill
