// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/section.hpp"

#include "runtime/sync/backoff.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/waiting.hpp"

namespace threadmill {

void suspend_sections(Slot& self) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  for (Section* s = self.sections; s != nullptr && s->held; s = s->below) {
    if (s->owner) s->mutex->unlock();
    s->held = false;
    s->owner = false;
  }
}

namespace detail {

namespace {

// Takes `mutex`. Whenever it has to sleep it does so detached (C3); attaching here
// resumes no section, so this thread competes for `mutex` alone.
void lock_detaching(Slot& self, Mutex& mutex) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  while (!mutex.try_lock()) {
    detach_bare(self);
    {
      const Waiting for_mutex(self, WaitReason::section, &mutex);
      mutex.wait_until_free();
    }
    attach_bare(self);
  }
}

}  // namespace

void enter_section_slow(Slot& self,
                        Section& section) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  Backoff backoff;
  while (!chaos_slow_path(ChaosPoint::section) && backoff.spin()) {
    if (section.mutex->try_lock()) {
      self.sections = &section;
      return;
    }
  }
  suspend_sections(self);
  lock_detaching(self, *section.mutex);
  self.sections = &section;
}

void resume_innermost(Slot& self) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  Section& section = *self.sections;
  lock_detaching(self, *section.mutex);
  section.held = true;
  section.owner = true;
}

}  // namespace detail

}  // namespace threadmill
