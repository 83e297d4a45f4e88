// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/hand_off.hpp"

#include "runtime/base/fault.hpp"

namespace threadmill {

namespace {

bool is_mine_alone(std::uint64_t word) noexcept {
  const std::uint64_t self = current()->self_word;
  if (fault(Fault::hand_off_of_several)) return word0::is_owned(word, self, 1);
  return word == self + 1;
}

}  // namespace

bool hand_off(Object& object, SlotId to) noexcept {
  assert_usable(&object);
  // relaxed: if this slot is the owner, only this thread writes it
  const std::uint64_t word = object.word0.load(relaxed);
  if (!is_mine_alone(word)) return false;  // O1
  // relaxed: nobody can queue it any more, and who has queued it did so before the caller
  // got its reference, or dropped all but one of its own
  const std::int32_t shared = object.shared.load(relaxed);
  if (shared_word::state(shared) == shared_word::kQueued) return false;  // O2
  const std::uint64_t theirs = (std::uint64_t{to} << 32) | word0::local(word);
  if (fault(Fault::hand_off_relaxed))
    object.word0.store(theirs, relaxed);  // relaxed: the fault
  else
    object.word0.store(theirs, release);  // O3. edge: owner-to-reader
  return true;
}

}  // namespace threadmill
