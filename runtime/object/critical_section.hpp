// SPDX-License-Identifier: Apache-2.0
//
// A critical section on one object (PEP 703): holds the object's mutex; see
// thread/section.hpp for what it promises and what not.
#pragma once

#include "runtime/object/header.hpp"
#include "runtime/thread/section.hpp"

namespace threadmill {

class CriticalSection {
 public:
  // The caller has a reference to `object` for as long as the section lasts.
  explicit CriticalSection(const Object& object) noexcept
      : scope_(const_cast<Object&>(object).lock) {}

 private:
  SectionScope scope_;
};

}  // namespace threadmill
