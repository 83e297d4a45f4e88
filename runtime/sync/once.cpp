// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/once.hpp"

#include "runtime/sync/os_wait.hpp"

namespace threadmill {

bool Once::begin_slow() noexcept {
  while (!is_done()) {
    if (try_begin()) return true;
    std::uint32_t word = kMaking;
    // relaxed: announces a sleeper, publishes nothing
    if (word_.cas_strong(word, kAwaited, relaxed) || word == kAwaited)
      os_wait(word_, kAwaited);
  }
  return false;
}

// After a failure all are woken, since the word forgets that they sleep.
void Once::end(bool made) noexcept {
  // edge: once-done
  if (word_.exchange(made ? kDone : kIdle, release) == kAwaited) os_wake_all(word_);
}

}  // namespace threadmill
