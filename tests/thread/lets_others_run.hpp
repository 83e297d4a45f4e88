// SPDX-License-Identifier: Apache-2.0
//
// What a test needs that waits for other threads while it is attached. Under the global lock
// (kRefcount is locked) none of them could run.
#pragma once

#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/base/config.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/current.hpp"
#include "tests/sync/wait_until.hpp"

namespace threadmill {

// In its scope this thread is attached as before, or detached under the global lock.
class LetsOthersRun {
 public:
  LetsOthersRun() {
    if constexpr (kRefcount == Refcount::locked) {
      if (current() != nullptr) away_.emplace();
    }
  }

 private:
  std::optional<Detached> away_;
};

// Gives other threads a moment.
inline void rest() {
  const LetsOthersRun here;
  std::this_thread::yield();
}

// wait_until(), for threads that may be attached.
template <class Condition>
void wait_for_others(Condition condition) {
  while (!condition()) rest();
}

// let_others_run(), likewise.
inline void let_others_go_on() {
  const LetsOthersRun here;
  let_others_run();
}

// At the beginning of a test of states that objects without owners do not have.
#define TM_NEEDS_OWNERS()                      \
  if constexpr (kRefcount != Refcount::biased) \
  GTEST_SKIP() << "no object has an owner in this variant of the runtime"

// Of a test in which two threads are attached at once.
#define TM_NEEDS_PARALLEL_THREADS()            \
  if constexpr (kRefcount == Refcount::locked) \
  GTEST_SKIP() << "one thread runs at a time in this variant of the runtime"

}  // namespace threadmill
