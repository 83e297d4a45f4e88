// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/section.hpp"

#include "runtime/sync/backoff.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/ending.hpp"
#include "runtime/thread/waiting.hpp"

namespace threadmill {

void suspend_sections(Slot& self) noexcept {
  for (Section* s = self.sections; s != nullptr && s->held; s = s->below) {
    detail::unlock_owned(*s);
    s->held = s->owns_first = s->owns_second = false;
  }
}

namespace detail {

namespace {

void lock_saying_so(Slot& self, Mutex& mutex) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  const Waiting for_mutex(self, WaitReason::section, &mutex);
  mutex.lock();
}

// Takes both mutexes. If it has to sleep it does so detached (C3), and comes back with
// them: detaching may run user code, and attaching resumes no section.
void lock_detaching(Slot& self,
                    Section& section) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  section.owns_first = true;
  section.owns_second = section.second != nullptr;
  if (try_lock_owned(section)) return;
  const SleepsInside until_locked(self);
  detach_bare(self);
  lock_saying_so(self, *section.first);
  if (section.owns_second) lock_saying_so(self, *section.second);
  attach_bare(self);
}

}  // namespace

void enter_section_slow(Slot& self, Section& section) noexcept {
  Backoff backoff;
  while (!chaos_slow_path(ChaosPoint::section) && backoff.spin()) {
    if (try_lock_owned(section)) {
      self.sections = &section;
      return;
    }
  }
  suspend_sections(self);
  lock_detaching(self, section);
  self.sections = &section;
}

void resume_innermost(Slot& self) noexcept {
  Section& section = *self.sections;
  lock_detaching(self, section);
  section.held = true;
}

}  // namespace detail

}  // namespace threadmill
