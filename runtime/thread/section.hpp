// SPDX-License-Identifier: Apache-2.0
//
// Critical sections (PEP 703, "Mutable containers"): per-object locks that cannot
// deadlock, because a thread that waits or detaches lets go of all it holds. Only the
// innermost section is sure to be held; after anything that may detach, what the section
// protects has to be looked at anew.
//
// A section is a stack frame linked from its slot.
//
// Invariants
//   C1  while its thread runs attached code, the innermost section is held, except while
//       lock_detaching waits for it;
//   C2  below a suspended section everything is suspended;
//   C3  a thread that sleeps for a mutex is detached and holds none, so no cycle of
//       waiting can form;
//   C4  in a pause of one's own a section takes nothing: everybody else is stopped and,
//       having suspended its sections, holds no section's mutex; and waiting for one that
//       this thread holds further out would detach inside the pause (compare gh-144513).
#pragma once

#include "runtime/base/annotations.hpp"
#include "runtime/sync/mutex.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

struct Section {
  Section* below;  // the section around this one
  Mutex* mutex;
  bool held;   // false while suspended
  bool owner;  // has to unlock the mutex; false: the section around does, or C4
};

namespace detail {
void enter_section_slow(Slot& self, Section& section) noexcept;
void resume_innermost(Slot& self) noexcept;
}  // namespace detail

// Lets go of every mutex that the holder of `self` has. Part of detaching.
void suspend_sections(Slot& self) noexcept;

// Holds `mutex` as the innermost section of this thread, which is attached.
class TM_SCOPED_CAPABILITY SectionScope {
 public:
  explicit SectionScope(Mutex& mutex) noexcept
      TM_ACQUIRES(mutex) TM_NO_THREAD_SAFETY_ANALYSIS
      : self_(*current()),
        section_{self_.sections, &mutex, true, true} {
    const Section* around = section_.below;
    if (self_.stopped_the_world ||
        (around != nullptr && around->held && around->mutex == &mutex)) {
      section_.owner = false;
      self_.sections = &section_;
    } else if (!chaos_slow_path(ChaosPoint::section) && mutex.try_lock()) {
      self_.sections = &section_;
    } else {
      detail::enter_section_slow(self_, section_);
    }
  }

  ~SectionScope() TM_RELEASES() TM_NO_THREAD_SAFETY_ANALYSIS {
    if (section_.owner) section_.mutex->unlock();
    self_.sections = section_.below;
    if (self_.sections != nullptr && !self_.sections->held)
      detail::resume_innermost(self_);
  }

  SectionScope(const SectionScope&) = delete;
  SectionScope& operator=(const SectionScope&) = delete;

 private:
  Slot& self_;
  Section section_;
};

}  // namespace threadmill
