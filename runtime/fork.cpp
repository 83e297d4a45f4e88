// SPDX-License-Identifier: Apache-2.0
//
// Forking a process of which a runtime has several threads: runtime.hpp says what the child
// gets. What could be half done in another thread at that moment is not: the pause has
// stopped everybody who is attached at a safepoint, and no collection runs.
#include <unistd.h>

#include <cerrno>

#include "runtime/base/fault.hpp"
#include "runtime/collector/abandon.hpp"
#include "runtime/runtime.hpp"
#include "runtime/sync/parking_lot.hpp"
#include "runtime/thread/global_lock.hpp"

namespace threadmill {

pid_t Runtime::fork() noexcept {
  if (!before_fork()) {
    errno = EDEADLK;
    return -1;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    after_fork_in_child();
  } else {
    const int error = errno;
    after_fork_in_parent();
    errno = error;
  }
  return child;
}

bool Runtime::before_fork() noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  Slot& self = *current();
  if (!collector_.hold(self)) return false;
  stop_the_world(self);
  return true;
}

void Runtime::after_fork_in_parent() noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  Slot& self = *current();
  start_the_world(self);
  collector_.release(self);
}

void Runtime::after_fork_in_child() noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  Slot& self = *current();
  forget_sleepers();
  forget_waiting_for_global_lock();
  world_.stop_lock.forget_waiting();
  collector_.forget_other_threads();
  // relaxed: whoever was about to end the parent's runtime is not here
  world_.ender.store(0, relaxed);
  world_.for_each_slot([&self](Slot& slot) TM_NO_THREAD_SAFETY_ANALYSIS {
    if (&slot != &self && !fault(Fault::fork_keeps_other_slots))
      abandon_slot(self, slot);
  });
  if (!fault(Fault::fork_inherits_handed_off_lock)) abandon_mutexes(self);
  collector_.release(self);
  start_the_world(self);  // merges what is in the inboxes, and ends what was dying
}

}  // namespace threadmill
