// SPDX-License-Identifier: Apache-2.0
//
// What threads wait for, for reports about some that do not come to an end: a slot says
// so while its thread is about to sleep, is asleep, or has not noticed yet that it was
// woken. The way there is slow anyway.
//
// Reading it is a look from outside: any thread, attached or not, at any time while the
// world exists; stale at once, but true of threads that stand still.
#pragma once

#include <cstdint>

#include "runtime/base/config.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

class World;

class Waiting {
 public:
  // `on`: the mutex, if it waits for one.
  Waiting(Slot& slot, WaitReason reason, const void* on = nullptr) noexcept
      : slot_(slot) {
    if constexpr (!kExplored) say(reason, on);
  }
  ~Waiting() {
    if constexpr (!kExplored) say(WaitReason::nothing, nullptr);
  }

  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  void say(WaitReason reason, const void* on) noexcept {
    slot_.waits_on.store(on, relaxed);       // relaxed: a report that may be stale
    slot_.waits_for.store(reason, relaxed);  // relaxed: as above
  }

  Slot& slot_;
};

struct ThreadState {
  std::uint32_t state = 0;  // slot_state
  WaitReason waits_for = WaitReason::nothing;
  const void* waits_on = nullptr;  // a mutex
  SlotId holder = 0;               // who holds it, or has the turn; 0: not known
};

[[nodiscard]] ThreadState thread_state(const World& world, SlotId slot) noexcept;

}  // namespace threadmill
