// SPDX-License-Identifier: Apache-2.0
//
// Hand-off: an object changes its owner, from the slot of this thread to another one,
// along with the only reference that the owner counts. So what one thread makes and
// another one uses is counted without atomics by both, and not queued at its end.
//
//   {A, 1}  --- A's holder: store ---> {B, 1}
//
// The reference is on its way then, as one that was released: whoever gets it adopts it,
// and is best the holder of B.
//
// Invariants
//   O1  the owner's count is 1, and that reference is the caller's. Were it more, another
//       thread might have one of them, drop it and ask A to merge what is B's by then: the
//       object would stay queued, in no inbox, and never be merged.
//   O2  it is not queued, for the same reason. The shared count may be anything: it counts
//       the references of others, so no drop of theirs finds it at zero and queues.
//   O3  the store is A's last access: B's holder may count the object from then on, having
//       found it elsewhere.
#pragma once

#include "runtime/object/header.hpp"
#include "runtime/object/rebias.hpp"
#include "runtime/object/ref.hpp"

namespace threadmill {

// Makes slot `to` the owner of `object`, to which the caller has a reference, and gives
// that reference away. False: it is not this thread's alone to hand off, as O1 and O2 say,
// and the caller still has its reference.
[[nodiscard]] bool hand_off(Object& object, SlotId to) noexcept;

// Gives up the handle, for the thread that holds slot `to` to adopt: and ownership of the
// object, if this thread has that or can get it. Null is allowed.
template <class T>
[[nodiscard]] T* release_to(Ref<T> ref, SlotId to) noexcept {
  T* object = ref.release();
  if (object == nullptr) return nullptr;
  if (!hand_off(*object, to) && try_rebias(*object)) (void)hand_off(*object, to);
  return object;
}

}  // namespace threadmill
