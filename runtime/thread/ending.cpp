// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/ending.hpp"

#include "runtime/base/fault.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/global_lock.hpp"
#include "runtime/thread/section.hpp"

namespace threadmill {

using namespace slot_state;

// E1, E2: ending.hpp.

namespace {

constinit Atomic<std::uint32_t> stopped_threads;
constinit Atomic<std::uint32_t> never;

[[noreturn]] void stop_for_good() noexcept {
  release_global_lock();
  stopped_threads.fetch_add(1, relaxed);  // relaxed: a statistic
  for (;;) os_wait(never, 0);
}

}  // namespace

void leave_for_good(Slot& self) noexcept {
  suspend_sections(self);
  self.sections = nullptr;
  set_current(nullptr);
  World& world = self.world;
  // Not leave(), which looks at the inbox when it has given the slot up: by then the record
  // may be no more. What is in there is the ender's, who has yet to stop the world.
  // edge: slot-handover
  const std::uint32_t before =
      self.state.fetch_add(kArrived - (kAttached - kDetached), acq_rel);
  if ((before & kSuspended) != 0) detail::count_down(world);
  stop_for_good();
}

void arrive_too_late(Slot& slot) noexcept {
  // edge: slot-handover
  const std::uint32_t before = slot.state.fetch_or(kArrived, acq_rel);
  if ((before & kOrphaned) != 0) delete &slot;
  stop_for_good();
}

bool end_slot(Slot& slot) noexcept {
  std::uint32_t state = slot.state.load(relaxed);  // relaxed: confirmed by the cas
  if ((state & kEnded) != 0) return true;
  if ((state & kModeMask) == kVacant) {
    // edge: slot-handover
    slot.state.fetch_or(kEnded | kArrived, acq_rel);
    return true;
  }
  if (slot.sleeps_inside || slot.collects) return false;  // E1
  if (fault(Fault::daemon_never_stopped)) return true;
  const std::uint32_t arrived = state & kArrived;
  state = kDetached | kSuspended | arrived;
  // E2. edge: slot-handover
  return slot.state.cas_strong(state, kVacant | kSuspended | kEnded | arrived, acq_rel);
}

bool may_delete(Slot& slot) noexcept {
  // edge: slot-handover
  const std::uint32_t before = slot.state.fetch_or(kOrphaned, acq_rel);
  return (before & kEnded) == 0 || (before & kArrived) != 0;
}

std::uint32_t stopped_for_good() noexcept {
  return stopped_threads.load(relaxed);  // relaxed: a statistic
}

}  // namespace threadmill
