// SPDX-License-Identifier: Apache-2.0
//
// The end of objects. An object dies as its last reference goes; its own references are
// dropped in a cascade, which may be 10 million links deep. The stack stays bounded: a
// death inside a cascade puts the object on its slot's list of dying objects, which the
// outermost one works off. The list runs through the dead headers (memory/page.hpp), so
// it needs no memory, and the heap walk does not see its members, which are not live.
#pragma once

#include "runtime/object/header.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

// Ends `object`, whose count has just reached zero: nobody has or can get a reference.
// Attached threads.
void die(Object& object) noexcept;

// Within its scope deaths are only listed; the outermost scope of a thread ends them.
// Whoever must run no destructor for a while stands in one.
class CascadeScope {
 public:
  explicit CascadeScope(Slot& self) noexcept : self_(self), outer_(self.in_cascade) {
    self_.in_cascade = true;
  }
  ~CascadeScope() {
    if (!outer_) finish();
  }

  CascadeScope(const CascadeScope&) = delete;
  CascadeScope& operator=(const CascadeScope&) = delete;

 private:
  void finish() noexcept;

  Slot& self_;
  const bool outer_;
};

}  // namespace threadmill
