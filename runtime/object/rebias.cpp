// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/rebias.hpp"

#include "runtime/base/fault.hpp"
#include "runtime/thread/chaos.hpp"

namespace threadmill {

using namespace shared_word;

bool try_rebias(Object& object) noexcept {
  assert_usable(&object);
  if constexpr (kRefcount != Refcount::biased) return false;  // no object has an owner
  const Slot& self = *current();
  // relaxed: who has a reference and reads 0 here reads what the merge wrote
  if (object.word0.load(relaxed) != 0) return false;
  std::int32_t word = object.shared.load(relaxed);  // relaxed: confirmed by the cas
  // Nor one that is about to be distributed.
  if (state(word) != kMerged || count(word) >= kBias / 2) return false;
  const std::int32_t next = make(count(word) - 1, kMaybeWeak);
  if (fault(Fault::nonatomic_rebias)) {
    chaos_point(ChaosPoint::undo);
    object.shared.store(next, relaxed);                         // relaxed: the fault
  } else if (!object.shared.cas_strong(word, next, acq_rel)) {  // edge: drop-to-death
    return false;
  }
  // relaxed: R2, and others only ask who the owner is
  object.word0.store(self.self_word + 1, relaxed);
  return true;
}

}  // namespace threadmill
