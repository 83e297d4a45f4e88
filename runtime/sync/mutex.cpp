// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/mutex.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/sync/backoff.hpp"

namespace threadmill {

void Mutex::lock_slow() noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  Backoff backoff;
  unsigned wakes = 0;
  bool starved = false;  // M3: this thread has set the bit
  for (;;) {
    std::uint8_t word =
        word_.load(relaxed);  // relaxed: confirmed by the cas or by park
    if ((word & kLocked) == 0 && (wakes != 0 || (word & kStarved) == 0)) {
      const int kept = word & (starved ? kParked : kParked | kStarved);
      // edge: mutex-handover
      if (word_.cas(word, static_cast<std::uint8_t>(kept | kLocked), acquire)) return;
      continue;
    }
    // Where others sleep, this thread would only overtake them by spinning.
    if ((word & kParked) == 0 && backoff.spin()) continue;
    int asleep = word | kParked;
    if (wakes >= kPatience) asleep |= kStarved;
    if (wakes != 0 && fault(Fault::rewait_without_rearming)) asleep = word;
    const auto expected = static_cast<std::uint8_t>(asleep);
    // relaxed: announces a sleeper, publishes nothing
    if (word != expected && !word_.cas(word, expected, relaxed)) continue;
    starved = starved || (asleep & ~word & kStarved) != 0;
    const QueueEnd place = wakes != 0 ? QueueEnd::front : QueueEnd::back;
    if (park(word_, expected, place) == ParkResult::woken) ++wakes;
  }
}

void Mutex::unlock_slow() noexcept {
  std::uint8_t word = word_.load(relaxed);  // relaxed: only asked for the locked bit
  TM_CHECK((word & kLocked) != 0, "mutex-held", "unlock of a mutex that is not locked");
  if (fault(Fault::parked_bit_cleared_outside_queue_lock)) {
    bool others = false;
    unpark_one(word_, [&others](bool, bool more) noexcept { others = more; });
    word_.store(others ? kParked : std::uint8_t{0}, release);  // edge: mutex-handover
    return;
  }
  unpark_one(word_, [this](bool, bool more) noexcept {
    std::uint8_t held = word_.load(relaxed);  // relaxed: confirmed by the cas
    std::uint8_t free;
    do {
      free = static_cast<std::uint8_t>((held & kStarved) | (more ? kParked : 0));
      // M2: under the bucket's lock. edge: mutex-handover
    } while (!word_.cas(held, free, release));
  });
}

}  // namespace threadmill
