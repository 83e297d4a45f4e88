// SPDX-License-Identifier: Apache-2.0
//
// A critical section on one object or on two (PEP 703): holds their mutexes; see
// thread/section.hpp for what it promises and what not.
//
// Two are taken in the order of their places in the arena: number of the page, then of the
// block. All pages lie in one reserved range, so that is the order of their addresses,
// wherever the range may lie.
#pragma once

#include <functional>

#include "runtime/base/fault.hpp"
#include "runtime/object/header.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/section.hpp"

namespace threadmill {

class CriticalSection {
 public:
  // The caller has a reference to each object for as long as the section lasts.
  explicit CriticalSection(const Object& object) noexcept : scope_(lock_of(object)) {}

  // On both, in whatever order they are named; they may be one and the same.
  CriticalSection(const Object& one, const Object& other) noexcept
      : scope_(lock_of(comes_first(one, other) ? one : other),
               lock_of(comes_first(one, other) ? other : one)) {}

  // For faults: a safepoint within the section, at which others get the lock.
  static void let_others_in() noexcept {
    const Detached detached;
    os_yield();
  }

 private:
  static Mutex& lock_of(const Object& object) noexcept {
    return const_cast<Object&>(object).lock;
  }
  static bool comes_first(const Object& one, const Object& other) noexcept {
    return fault(Fault::two_lock_section_unordered) || std::less<>()(&one, &other);
  }

  SectionScope scope_;
};

}  // namespace threadmill
