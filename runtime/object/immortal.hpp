// SPDX-License-Identifier: Apache-2.0
//
// Immortal objects are never freed and their counts never move (PEP 683). Immortality is
// a value of word0, which only some may write (header.hpp); whoever else makes an object
// immortal lets its shared count stick, which saves it at once, and leaves word0 to the
// owner:
//
//   who makes it immortal         does                                      word0 becomes
//   the holder of its owner       word0 = immortal                          immortal
//   anybody, unowned              the count sticks, then compare-and-swap   immortal
//   anybody, another's            the count sticks, and the state becomes   immortal as the
//                                 queued, if it was neither that nor        owner merges it
//                                 merged: then the owner is asked to merge
//
// Invariants
//   M1  once an object is immortal, it is for ever. A plain store of another thread's to
//       word0 would be undone by the owner's next count (catalogue E1).
//   M2  an immortal object may be queued, and be in an inbox: whoever takes it out leaves
//       it alone (gh-152276, catalogue B5).
#pragma once

#include "runtime/object/header.hpp"

namespace threadmill {

// Nobody ends `object` any more.
[[nodiscard]] inline bool is_immortal(const Object& object) noexcept {
  // relaxed, both: never undone
  return word0::is_immortal(object.word0.load(relaxed)) ||
         shared_word::is_sticky(object.shared.load(relaxed));
}

// Any attached thread that has a reference to `object`.
void make_immortal(Object& object) noexcept;

// `object` is owned by this thread's slot, or its owner is claimed or stopped by this
// thread.
inline void make_immortal_owned(Object& object) noexcept {
  // Not relaxed, since try_incref says yes to a late reader by this word alone.
  // edge: owner-to-reader
  object.word0.store(word0::kImmortal, release);
}

// `object` has no owner any more and its count is beyond the limit.
inline void make_immortal_unowned(Object& object) noexcept {
  make_immortal_owned(object);
}

}  // namespace threadmill
