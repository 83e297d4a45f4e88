// SPDX-License-Identifier: Apache-2.0
//
// Re-biasing: a thread becomes the owner of an object that has none, because it was merged
// once, and counts it without atomics again (CPython's stays unowned for ever).
//
//   {0, 0}, (n, merged)  --- one of the n is the caller's --->  {self, 1}, (n-1, maybe_weak)
//
// First `shared`, by compare-and-swap, then word0. In between, the object has no owner and
// is not merged (H2), which nobody can notice: the other references are the n-1 that
// `shared` counts, so their drops find it above zero, and nobody asks the owner, who is
// nobody, to merge. The other order, word0 first, needs a second read-modify-write to be
// taken back where the compare-and-swap fails, and would overwrite what another thread,
// which took a reference meanwhile, makes immortal.
//
// Invariants
//   R1  n counts no reference of an inbox whose entry is still under way, as far as that
//       matters: whoever takes the entry finds another owner, and drops the reference like
//       any other (catalogue B6).
//   R2  whoever queues the object later has a reference that the new owner gave away, or
//       is behind such a one in the order of `shared`; so it finds the new owner in word0.
//       Were the caller's reference not its own, but one of a container's, another thread
//       could take it out and drop it before the new owner stands in word0: that drop
//       would be lost.
#pragma once

#include "runtime/object/header.hpp"
#include "runtime/object/ref.hpp"

namespace threadmill {

// Makes this thread's slot the owner of `object`, to which the caller has a reference of
// its own (not one that a container has and the caller knows to be there). False: it has
// an owner, or is immortal, or another thread counted it meanwhile.
//
// Costs one compare-and-swap, about as much as one count of an object without owner. So it
// pays where the thread goes on using the object for a while, as after a hand-over.
bool try_rebias(Object& object) noexcept;

// Takes over a reference that another thread released, and ownership, if there is no owner.
template <class T>
[[nodiscard]] Ref<T> adopt_as_owner(T* object) noexcept {
  if (object != nullptr) try_rebias(*object);
  return Ref<T>::adopt(object);
}

}  // namespace threadmill
