// SPDX-License-Identifier: Apache-2.0
//
// The end of objects. An object dies as its last reference goes; its own references are
// dropped in a cascade, which may be 10 million links deep. The stack stays bounded: the
// outermost death ends its object itself, and a death inside of it puts the object on its
// slot's list of dying objects, which the outermost one works off. The list runs through
// the dead headers (memory/page.hpp), so it needs no memory, and the heap walk does not see
// its members, which are not live.
//
//   on the list   dead: refuses references, weak ones included
//   finalizer     revived first: {self, 1}, (0, maybe_weak), as the owner's own object.
//                 So it may be referenced while the finalizer runs, by other threads too,
//                 and its weak references work. Then the reference goes like any other:
//                 the object lives on, or dies once more, and is finalized already
//   end           weak references are cleared and called back, what it refers to is
//                 dropped, the block is freed
//
// User code (finalizers, callbacks, destructors of what they drop) runs at the end of
// decref() wherever no CascadeScope stands, so decref() may be a safepoint: afterwards
// nothing that was read without a reference may be used.
#pragma once

#include "runtime/object/header.hpp"
#include "runtime/thread/slot.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

// Ends `object`, whose count has just reached zero: nobody has or can get a reference.
// Attached threads.
void die(Object& object) noexcept;

// What is on the list of `other`, whose holder will never run again, is put on that of
// `self`, which ends it.
void adopt_deaths(Slot& self, Slot& other) noexcept TM_REQUIRES(stopped_world);

// Within its scope deaths are only listed; the outermost scope of a thread ends them.
// Whoever must run no destructor for a while stands in one.
class CascadeScope {
 public:
  explicit CascadeScope(Slot& self) noexcept : self_(self), outer_(self.in_cascade) {
    self_.in_cascade = true;
  }
  ~CascadeScope() {
    if (outer_) return;
    if (self_.dying != 0)
      finish();
    else
      self_.in_cascade = false;
  }

  CascadeScope(const CascadeScope&) = delete;
  CascadeScope& operator=(const CascadeScope&) = delete;

 private:
  void finish() noexcept;

  Slot& self_;
  const bool outer_;
};

// Within its scope user code runs: what dies in it ends at once, as everywhere. Only if
// user code has run user code a few times over, deaths wait for the outer one, so that the
// stack stays bounded.
class UserCodeScope {
 public:
  explicit UserCodeScope(Slot& self) noexcept
      : self_(self), was_in_cascade_(self.in_cascade) {
    self_.user_code_depth += 1;
    if (self_.user_code_depth <= kDeepest) self_.in_cascade = false;
  }
  ~UserCodeScope() {
    self_.user_code_depth -= 1;
    self_.in_cascade = was_in_cascade_;
  }

  UserCodeScope(const UserCodeScope&) = delete;
  UserCodeScope& operator=(const UserCodeScope&) = delete;

 private:
  static constexpr std::uint32_t kDeepest = 8;

  Slot& self_;
  const bool was_in_cascade_;
};

}  // namespace threadmill
