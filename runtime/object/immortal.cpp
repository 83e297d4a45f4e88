// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/immortal.hpp"

#include "runtime/base/fault.hpp"
#include "runtime/object/inbox.hpp"
#include "runtime/thread/current.hpp"

namespace threadmill {

using namespace shared_word;

namespace {

// In the middle of what sticks, as far as may be from both ends.
constexpr std::int32_t kStuckCount = kCountLimit + kCountLimit / 2;

// The state that the object was in; merged, too, if its count sticks already, which needs
// nothing more.
State let_count_stick(Object& object) noexcept {
  std::int32_t word = object.shared.load(relaxed);  // relaxed: confirmed by the cas
  std::int32_t next;
  do {
    if (is_sticky(word)) return kMerged;
    next = make(kStuckCount, state(word) == kMerged ? kMerged : kQueued);
    // edge: drop-to-death, owner-to-reader
  } while (!object.shared.cas(word, next, acq_rel));
  return state(word);
}

}  // namespace

void make_immortal(Object& object) noexcept {
  assert_usable(&object);
  // relaxed: if it names this thread's slot, only this thread writes it
  const std::uint64_t word = object.word0.load(relaxed);
  if (word0::is_immortal(word)) return;
  if (word0::owner(word) == current()->id || fault(Fault::immortalize_foreign_object)) {
    make_immortal_owned(object);
    return;
  }
  const State before = let_count_stick(object);
  if (before == kMerged) {
    std::uint64_t unowned = 0;
    // edge: owner-to-reader
    object.word0.cas_strong(unowned, word0::kImmortal, release);
  } else if (before != kQueued) {
    queue_to_owner(object);  // a reference of nobody's, which means nothing
  }
}

}  // namespace threadmill
