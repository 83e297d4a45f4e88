// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/safepoint.hpp"

#include "runtime/base/fault.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/ending.hpp"
#include "runtime/thread/qsbr.hpp"
#include "runtime/thread/section.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

using namespace slot_state;

namespace {

// Attached, asked to stop -> detached and suspended, until the starter lets it in.
void stop_here(Slot& self) noexcept {
  suspend_sections(self);
  const SleepsInside until_let_in(self);
  set_current(nullptr);
  if (fault(Fault::suspended_state_not_recorded)) {
    self.state.store(kDetached, seq_cst);  // edge: slot-handover
  } else {
    self.state.fetch_sub(kAttached - kDetached, acq_rel);  // edge: slot-handover
  }
  detail::count_down(self.world);
  attach(self);
}

}  // namespace

namespace detail {

void safepoint_slow(Slot& self) noexcept {
  if (self.stopped_the_world) return;
  // relaxed: stop_here synchronises
  if ((self.state.load(relaxed) & kSuspended) != 0) stop_here(self);
  if (is_global_lock_asked_for()) detail::let_another_run(self);
  if (is_over_for(self)) leave_for_good(self);
  const World::Hooks& hooks = self.world.hooks();
  if (has_mail(self)) hooks.drain_inbox(self);
  if (note_quiescent_and_look(self)) hooks.quiescent(self);
  if (self.over_budget) hooks.over_budget(self);
}

}  // namespace detail

}  // namespace threadmill
