// SPDX-License-Identifier: Apache-2.0
//
// Kept: a container, an object like any other, that the runtime keeps a reference to: the
// collector's roots and its garbage, which users fill and empty, the calls at death. It is
// made when somebody asks for it.
//
// Two threads may make one; the second to come drops its own. There is nobody to wait for: a
// thread that makes a container passes a safepoint, and the child of a fork that comes in
// between does not have it.
//
// Edges
//   kept-publish   making the container happens before its use
#pragma once

#include "runtime/base/fault.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/sync/atomic.hpp"

namespace threadmill {

// A T has `T::create()`, which gives null if there is no memory.
template <class T>
class Kept {
 public:
  // Null: out of memory. Attached threads.
  [[nodiscard]] Ref<T> get() noexcept {
    T* kept = peek();
    if (kept != nullptr) return Ref<T>::share(kept);
    Ref<T> made = T::create();
    // edge: kept-publish
    if (!made || kept_.cas_strong(kept, made.get(), acq_rel))
      return Ref<T>::share(made.release());
    // What the cas has read, in relaxed order.
    if (fault(Fault::cas_failure_order_too_weak)) return Ref<T>::share(kept);
    return Ref<T>::share(peek());
  }

  // Without a reference; null: nobody has asked for it. Any thread.
  [[nodiscard]] T* peek() const noexcept {
    return kept_.load(acquire);  // edge: kept-publish
  }

 private:
  Atomic<T*> kept_;  // owns a reference
};

}  // namespace threadmill
