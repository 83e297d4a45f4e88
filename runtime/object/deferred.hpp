// SPDX-License-Identifier: Apache-2.0
//
// Deferred reference counting (PEP 703): references on the stacks of threads to an object
// that many threads use cost no count, and the object dies in a collection only, which
// looks at the stacks.
//
//   stack reference   a Deferred<T>, a handle in a function's frame. To a deferred object
//                     it costs three stores to memory of its thread; any other it counts
//
//   an object is   its counts                             becomes
//   counted        are its references                     deferred, by any thread that has
//                                                         a reference
//   deferred       are one more: the runtime's own        never anything else; a collection
//                                                         ends it, if it is trash
//
// Invariants
//   Y1  only what collections look at is deferred; nobody would end another one.
//   Y2  the runtime's reference is taken first, then the flag is set. So who sees the flag
//       knows that no decrement ends the object.
//   Y3  what a stack reference leads to without a count is found from the slot of its
//       thread at every safepoint (catalogue E3). So a place that is read without a lock
//       needs a second look, but no reference: what was there when a thread came from its
//       last safepoint, or later, and is deferred, cannot end before its next one.
//   Y4  a stack reference is made, changed and ended by its thread, attached, and they end
//       in the order opposite to that in which they were made. What leaves the stack is
//       counted: a Ref.
//
// Edges
//   deferral   the runtime's taking its reference, and the birth of the object, happen
//              before what a thread does that sees the flag
#pragma once

#include <concepts>
#include <cstdint>

#include "runtime/base/assert.hpp"
#include "runtime/object/field.hpp"
#include "runtime/object/header.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/sync/plain.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

[[nodiscard]] inline bool is_deferred(const Object& object) noexcept {
  // edge: deferral
  return (object.flags.load(acquire) & flag::kDeferred) != 0;
}

// From now on stack references to `object`, to which the caller has a reference, are not
// counted. False: they are not already, or no collection looks at it (Y1).
bool defer_counts(Object& object) noexcept;

// A stack reference to any object.
class StackReference {
 public:
  StackReference(const StackReference&) = delete;
  StackReference& operator=(const StackReference&) = delete;

  // In a pause. Null: it leads to nothing, or counts what it leads to.
  [[nodiscard]] Object* uncounted() const noexcept {
    return is_counted() ? nullptr : object();
  }
  [[nodiscard]] StackReference* below() const noexcept { return below_; }

 protected:
  StackReference() noexcept : slot_(*current()), below_(slot_.stack_references) {
    slot_.stack_references = this;
  }
  ~StackReference() {
    TM_ASSERT(current() == &slot_ && slot_.stack_references == this,
              "stack-references-end-in-order",
              "a Deferred ends out of order, in another thread, or detached");
    hold(0);
    slot_.stack_references = below_;
  }

  [[nodiscard]] Object* object() const noexcept {
    return reinterpret_cast<Object*>(word_ & ~kCounted);
  }

  // `object` is alive; null is allowed.
  void hold_living(Object* object) noexcept {
    if (object != nullptr && !is_deferred(*object)) {
      incref(*object);
      hold_counted(object);
    } else {
      hold(reinterpret_cast<std::uintptr_t>(object));
    }
  }
  // Takes over a reference.
  void hold_counted(Object* object) noexcept {
    hold(reinterpret_cast<std::uintptr_t>(object) | kCounted);
  }
  // True: it holds what `peek()`, a place that others change, showed twice; that is
  // deferred, or null. False: it is neither, or changed.
  template <class Peek>
  [[nodiscard]] bool try_hold(Peek peek) noexcept {
    Object* found = peek();
    // Y3. If the block is another object's by now, whose birth the flag brings along, the
    // second look shows that the place has changed (catalogue D2).
    if (found != nullptr && (!is_deferred(*found) || peek() != found)) return false;
    hold(reinterpret_cast<std::uintptr_t>(found));
    return true;
  }

 private:
  static constexpr std::uintptr_t kCounted = 1;

  [[nodiscard]] bool is_counted() const noexcept { return (word_ & kCounted) != 0; }

  // The old reference goes last: that may run user code.
  void hold(std::uintptr_t word) noexcept {
    Object* const old = is_counted() ? object() : nullptr;
    word_ = word;
    if (old != nullptr) decref(*old);
  }

  Slot& slot_;
  Plain<StackReference*> below_;
  Plain<std::uintptr_t> word_ = 0;
};

// A handle on the stack. Used like a Ref, but by this function and what it calls alone.
template <class T>
class Deferred : public StackReference {
 public:
  Deferred() noexcept = default;
  // Of what is known to be alive. Null is allowed.
  explicit Deferred(T* object) noexcept { hold_living(object); }
  explicit Deferred(const Ref<T>& ref) noexcept : Deferred(ref.get()) {}
  // What `field` refers to now.
  explicit Deferred(const Field<T>& field) noexcept { load(field); }
  Deferred(const Deferred& other) noexcept : Deferred(other.get()) {}

  Deferred& operator=(const Deferred& other) noexcept { return *this = other.get(); }
  Deferred& operator=(T* object) noexcept {
    hold_living(object);
    return *this;
  }
  void load(const Field<T>& field) noexcept {
    if (try_hold([&field]() noexcept { return field.peek(); })) return;
    if (Object* counted = field.load().release())
      hold_counted(counted);
    else
      hold_living(nullptr);
  }
  void reset() noexcept { hold_living(nullptr); }

  [[nodiscard]] T* get() const noexcept { return static_cast<T*>(object()); }
  T& operator*() const noexcept { return *get(); }
  T* operator->() const noexcept {
    assert_usable(get());
    return get();
  }
  explicit operator bool() const noexcept { return get() != nullptr; }

  // A counted one, which may leave the stack (Y4).
  [[nodiscard]] Ref<T> ref() const noexcept { return Ref<T>::share(get()); }
};

}  // namespace threadmill
