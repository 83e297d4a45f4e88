// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/global_lock.hpp"

#include "runtime/sync/os_wait.hpp"

namespace threadmill {

std::uint32_t GlobalLock::let_go() noexcept {
  // edge: global-lock-handover
  const std::uint32_t before = word_.fetch_and(~(kHeld | kSleepers | kAsked), release);
  if ((before & kSleepers) != 0) os_wake_one(word_);
  return before;
}

void GlobalLock::lock_slow(std::uint32_t barred) noexcept {
  std::uint32_t others = 0;  // who slept knows of no others, so there may be some
  for (;;) {
    std::uint32_t word =
        word_.load(relaxed);  // relaxed: confirmed by a cas or the wait
    if ((word & kHeld) == 0 && turn_of(word) != barred) {
      // edge: global-lock-handover
      if (word_.cas(word, taken(word) | others, acquire)) return;
      continue;
    }
    if ((word & kSleepers) == 0) {
      // relaxed: announces a sleeper, publishes nothing
      if (!word_.cas(word, word | kSleepers, relaxed)) continue;
      word |= kSleepers;
    }
    others = kSleepers;
    // relaxed: a number
    if (!os_wait_for(word_, word, interval_.load(relaxed))) ask(word);
  }
}

void GlobalLock::ask(std::uint32_t seen) noexcept {
  std::uint32_t word = word_.load(relaxed);  // relaxed: confirmed by the cas
  while ((word & kHeld) != 0 && turn_of(word) == turn_of(seen)) {
    // relaxed: a request, which the holder polls for
    if (word_.cas(word, word | kAsked, relaxed)) return;
  }
}

}  // namespace threadmill
