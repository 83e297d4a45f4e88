// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/mutex.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/sync/backoff.hpp"

namespace threadmill {

void Mutex::lock_slow() noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  Backoff backoff;
  while (!try_lock()) {
    if (!backoff.spin()) wait_until_free();
  }
}

bool Mutex::announce_sleeper() noexcept {
  std::uint8_t word = word_.load(relaxed);  // relaxed: confirmed by the cas or by park
  for (;;) {
    if ((word & kLocked) == 0) return false;
    if ((word & kParked) != 0) return true;
    // relaxed: announces a sleeper, publishes nothing
    if (word_.cas(word, static_cast<std::uint8_t>(word | kParked), relaxed))
      return true;
  }
}

void Mutex::unlock_slow() noexcept {
  std::uint8_t word = word_.load(relaxed);  // relaxed: only asked for the locked bit
  TM_CHECK((word & kLocked) != 0, "mutex-held", "unlock of a mutex that is not locked");
  unpark_one(word_, [this](bool, bool more) noexcept {
    // M2: under the bucket's lock. edge: mutex-handover
    word_.store(more ? kParked : std::uint8_t{0}, release);
  });
}

}  // namespace threadmill
