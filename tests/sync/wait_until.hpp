// SPDX-License-Identifier: Apache-2.0
//
// Waiting for another thread in a test: by looking, never by time. A wait for something
// that does not come ends by the time limit of ctest.
#pragma once

#include <thread>

namespace threadmill {

template <class Condition>
void wait_until(Condition condition) {
  while (!condition()) std::this_thread::yield();
}

// Gives other threads many chances to do what they must not do.
inline void let_others_run() {
  for (int i = 0; i < 50; ++i) std::this_thread::yield();
}

}  // namespace threadmill
