// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/waiting.hpp"

#include "runtime/base/peek.hpp"
#include "runtime/thread/section.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

namespace {

bool holds(const Slot& slot, const void* mutex) noexcept {
  constexpr int kDeepest = 1000;
  Section* at = nullptr;
  if (!peek(&slot.sections, at)) return false;
  for (int depth = 0; at != nullptr && depth < kDeepest; ++depth) {
    Section section{};
    if (!peek(at, section) || !section.held) return false;
    if (section.first == mutex || section.second == mutex) return true;
    at = section.below;
  }
  return false;
}

SlotId holder_of(const World& world, const void* mutex) noexcept {
  SlotId holder = 0;
  world.for_each_slot([&](Slot& slot) {
    if (holder == 0 && holds(slot, mutex)) holder = slot.id;
  });
  return holder;
}

// The first that a stopper of the world still waits for.
SlotId first_on_its_way(const World& world) noexcept {
  using namespace slot_state;
  SlotId found = 0;
  world.for_each_slot([&found](Slot& slot) {
    const std::uint32_t state = slot.state.load(relaxed);  // relaxed: a report
    if (found == 0 && is_attached(state) && (state & kSuspended) != 0) found = slot.id;
  });
  return found;
}

SlotId holder_for(const World& world, const ThreadState& thread) noexcept {
  switch (thread.waits_for) {
    case WaitReason::section:
      return holder_of(world, thread.waits_on);
    case WaitReason::pause_end:
    case WaitReason::turn_to_stop:
      return world.stopper.load(relaxed);  // relaxed: a report
    case WaitReason::threads_to_stop:
      return first_on_its_way(world);
    case WaitReason::turn_to_collect:
    case WaitReason::collection:
      return world.collecting.load(relaxed);  // relaxed: a report
    case WaitReason::nothing:
    case WaitReason::claim_end:
    case WaitReason::helpers:
    case WaitReason::turn_to_run:
      return 0;
  }
  return 0;
}

}  // namespace

ThreadState thread_state(const World& world, SlotId id) noexcept {
  const Slot& slot = world.slot(id);
  ThreadState thread;
  // relaxed, all: a report
  thread.state = slot.state.load(relaxed);
  thread.waits_for = slot.waits_for.load(relaxed);
  thread.waits_on = slot.waits_on.load(relaxed);
  thread.holder = holder_for(world, thread);
  return thread;
}

}  // namespace threadmill
