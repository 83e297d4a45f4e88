// SPDX-License-Identifier: Apache-2.0
//
// Immortal objects are never freed and their counts never move (PEP 683). Immortality is
// a value of word0, so it is stored only by whoever may write word0 (catalogue E1).
#pragma once

#include "runtime/object/header.hpp"

namespace threadmill {

[[nodiscard]] inline bool is_immortal(const Object& object) noexcept {
  // relaxed: never undone
  return word0::is_immortal(object.word0.load(relaxed));
}

// `object` is owned by this thread's slot, or its owner is claimed or stopped by this
// thread. It may be queued: whoever drains the inbox finds it immortal and leaves it
// (gh-152276).
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
