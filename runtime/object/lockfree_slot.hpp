// SPDX-License-Identifier: Apache-2.0
//
// Reading a counted pointer that other threads replace: load it, try to take a
// reference, look again (CPython's _Py_TryXGetRef). Every place in a container or an
// object that lock-free readers load is one of these.
//
// Edges
//   slot-publish   what was written to an object happens before the use by a thread that
//                  found it in a slot
#pragma once

#include "runtime/base/fault.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/thread/chaos.hpp"

namespace threadmill {

class ObjectSlot {
 public:
  ObjectSlot() noexcept = default;
  explicit ObjectSlot(Object* object) noexcept : pointer_(object) {}

  // Without a reference: for those who have the holder to themselves, for comparing, and
  // for a second look.
  [[nodiscard]] Object* peek() const noexcept {
    // edge: slot-publish
    return pointer_.load(acquire);
  }

  // Takes over the reference to `object`. The old one is the caller's to drop, once the
  // new one is visible (catalogue A12).
  void put(Object* object) noexcept {
    pointer_.store(object, release);  // edge: slot-publish
  }
  [[nodiscard]] Object* swap(Object* object) noexcept {
    // edge: slot-publish
    return pointer_.exchange(object, acq_rel);
  }

  // True: `found` has a new reference to what is here, or null if nothing is. False: it
  // changed meanwhile, or no reference could be taken without the lock; ask again or
  // take the lock. `still_here()` says whether the slot is still part of its container,
  // for a slot of a replaced array keeps its old pointer for ever
  // (catalogue K6).
  template <class StillHere>
  [[nodiscard]] bool try_get(Object*& found, StillHere still_here) const noexcept {
    found = peek();
    if (found == nullptr) return still_here();
    chaos_point(ChaosPoint::slot_take);
    if (chaos_slow_path(ChaosPoint::slot_take) || !try_incref(*found)) return false;
    chaos_point(ChaosPoint::slot_check);
    const bool is_same = peek() == found;  // catalogue D2
    if ((is_same || fault(Fault::try_incref_no_recheck)) && still_here()) return true;
    decref(*found);
    return false;
  }

  // Under the lock of the container, or with it to oneself: a reference for certain, and
  // the next reader of the same object succeeds without the lock.
  [[nodiscard]] Object* get_locked() const noexcept {
    Object* object = peek();
    if (object != nullptr) {
      incref(*object);
      if (!fault(Fault::perf_only_fast_path)) set_maybe_weak(*object);
    }
    return object;
  }

 private:
  Atomic<Object*> pointer_;
};

}  // namespace threadmill
