// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/event.hpp"

namespace threadmill {

void Event::wait_slow() noexcept {
  while (!is_set()) {
    std::uint32_t word = kUnset;
    // relaxed: announces a sleeper, publishes nothing
    if (word_.cas_strong(word, kAwaited, relaxed) || word == kAwaited)
      os_wait(word_, kAwaited);
  }
}

}  // namespace threadmill
