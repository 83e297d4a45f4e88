// SPDX-License-Identifier: Apache-2.0
//
// What the threads of this process, and of its children, are doing, as Linux says it.
#pragma once

namespace threadmill {

struct ThreadStates {
  unsigned runnable = 0;  // on a processor, or waiting for one
  unsigned asleep = 0;    // until something wakes them
  unsigned other = 0;     // waiting for a disk, stopped, and the like
};

// Those of all but the calling thread; one that ends meanwhile counts as asleep. If the
// system does not say, one that is `other`.
[[nodiscard]] ThreadStates states_of_other_threads();

// Some thread of a process that this one started, as by fork(), is not asleep: it may still
// wake one that waits for it.
[[nodiscard]] bool some_child_is_awake();

}  // namespace threadmill
