// SPDX-License-Identifier: Apache-2.0
//
// Critical sections (PEP 703, "Mutable containers"): locks of one object, or of two, that cannot
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
//   C3  a thread that sleeps for a mutex is detached and in no section. It holds none,
//       or, for a section on two, the first while it waits for the second; everybody
//       takes them in the order of one and the same numbering, so no cycle of waiting can
//       form (catalogue H4). No user code runs meanwhile;
//   C4  in a pause of one's own a section takes nothing: everybody else is stopped and in
//       no section, although it may have a mutex already that it got while it was detached
//       (gh-144513); and waiting for one that this thread holds further out would detach
//       inside the pause;
//   C5  what the section around holds, whichever of its two, is not taken again
//       (catalogue H3).
#pragma once

#include "runtime/base/annotations.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/sync/mutex.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

struct Section {
  Section* below;  // the section around this one
  Mutex* first;
  Mutex* second;  // in the order of C3; null: the section is on one object
  bool held;      // false while suspended
  // Whether it has to unlock them; false: the section around does (C5), or C4.
  bool owns_first;
  bool owns_second;

  [[nodiscard]] bool holds(const Mutex& mutex) const noexcept {
    if (!held) return false;
    return first == &mutex ||
           (second == &mutex && !fault(Fault::two_lock_section_recursion_by_address));
  }
};

namespace detail {
void enter_section_slow(Slot& self, Section& section) noexcept;
void resume_innermost(Slot& self) noexcept;

// Takes what `section` owns, all or nothing.
inline bool try_lock_owned(Section& section) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  if (section.owns_first && !section.first->try_lock()) return false;
  if (!section.owns_second || section.second->try_lock()) return true;
  if (section.owns_first) section.first->unlock();
  return false;
}
inline void unlock_owned(Section& section) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  if (section.owns_second) section.second->unlock();
  if (section.owns_first) section.first->unlock();
}
}  // namespace detail

// Lets go of every mutex that the holder of `self` has. Part of detaching.
void suspend_sections(Slot& self) noexcept;

// Holds its mutexes as the innermost section of this thread, which is attached.
class TM_SCOPED_CAPABILITY SectionScope {
 public:
  explicit SectionScope(Mutex& mutex) noexcept
      TM_ACQUIRES(mutex) TM_NO_THREAD_SAFETY_ANALYSIS
      : self_(*current()),
        section_{self_.sections, &mutex, nullptr, true, true, false} {
    enter();
  }

  // On two, of which `first` comes before `second` in the order of C3; the same one twice
  // is one.
  SectionScope(Mutex& first, Mutex& second) noexcept
      TM_ACQUIRES(first, second) TM_NO_THREAD_SAFETY_ANALYSIS
      : self_(*current()),
        section_{self_.sections, &first, &first == &second ? nullptr : &second,
                 true,           true,   &first != &second} {
    enter();
  }

  ~SectionScope() TM_RELEASES() TM_NO_THREAD_SAFETY_ANALYSIS {
    detail::unlock_owned(section_);
    self_.sections = section_.below;
    if (self_.sections != nullptr && !self_.sections->held &&
        !fault(Fault::resume_all_sections_on_attach))
      detail::resume_innermost(self_);
  }

  SectionScope(const SectionScope&) = delete;
  SectionScope& operator=(const SectionScope&) = delete;

 private:
  void enter() noexcept {
    const Section* around = section_.below;
    if (self_.stopped_the_world && !fault(Fault::lock_inside_pause)) {
      section_.owns_first = section_.owns_second = false;  // C4
    } else if (around != nullptr) {
      if (around->holds(*section_.first)) section_.owns_first = false;  // C5
      if (section_.second != nullptr && around->holds(*section_.second))
        section_.owns_second = false;
    }
    const bool takes = section_.owns_first || section_.owns_second;
    if ((takes && chaos_slow_path(ChaosPoint::section)) ||
        !detail::try_lock_owned(section_))
      detail::enter_section_slow(self_, section_);
    else
      self_.sections = &section_;
  }

  Slot& self_;
  Section section_;
};

}  // namespace threadmill
