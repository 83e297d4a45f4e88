// SPDX-License-Identifier: Apache-2.0
//
// What an attached thread passes to a lock (sync/sleep.hpp), so that its sleep keeps no
// pause waiting:
//
//     event.wait(while_detached);
//     lock.lock_shared(while_detached);
//
// In a pause of one's own there is nobody who could let go of the lock: do not wait there.
#pragma once

#include "runtime/base/fault.hpp"
#include "runtime/sync/sleep.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/current.hpp"

namespace threadmill {

struct WhileDetached {
  // A thread that is not attached sleeps as it is.
  template <class Sleep>
  void operator()(Sleep sleep) const noexcept {
    if (current() == nullptr || fault(Fault::blocking_lock_blocks_the_pause)) {
      sleep();
      return;
    }
    const Detached away;
    sleep();
  }
};

inline constexpr WhileDetached while_detached;

static_assert(AroundSleep<WhileDetached>);

}  // namespace threadmill
