// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/reclaim.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/safepoint.hpp"
#include "runtime/thread/waiting.hpp"

namespace threadmill {

namespace {

// True: `object` was spared, and is an object like any other again.
bool let_spared_go(Object& object) noexcept {
  // relaxed, both: set in the pause, and only this thread clears it
  if ((object.flags.load(relaxed) & flag::kSpared) == 0) return false;
  object.flags.fetch_and(static_cast<std::uint8_t>(~flag::kSpared), relaxed);
  return true;
}

}  // namespace

void Trash::hold() noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  objects_.for_each([](Object* object) noexcept {
    const bool died = merge(*object, 1);
    TM_CHECK_OBJECT(!died, object, "trash-is-held", "trash died in the pause");
  });
}

void Trash::forget() noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  while (objects_.pop() != nullptr) {
  }
}

void Trash::release() noexcept {
  const WordLockGuard guard(lock_);
  released_ = true;
}

std::size_t Trash::take_batch(Object** batch) noexcept {
  const WordLockGuard guard(lock_);
  std::size_t count = 0;
  while (released_ && count < kBatch) {
    Object* object = objects_.pop();
    if (object == nullptr) break;
    batch[count++] = object;
  }
  if (count != 0)
    clearing_.fetch_add(1, relaxed);  // T1; relaxed: counted under the lock
  return count;
}

bool Trash::clear_batch(Slot& self) noexcept {
  Object* batch[kBatch];
  const std::size_t count = take_batch(batch);
  if (count == 0) return false;
  const bool was_collecting = self.collects;
  self.collects = true;
  for (std::size_t i = 0; i < count; ++i) {
    Object& object = *batch[i];
    if (!let_spared_go(object)) {
      const Type& type = type_of(object);
      if (type.clear != nullptr) type.clear(object);
    }
    decref(object);
    safepoint(self);
  }
  self.collects = was_collecting;
  // edge: batch-done
  if (clearing_.fetch_sub(1, acq_rel) == 1) os_wake_all(clearing_);
  return true;
}

void Trash::clear_all(Slot& self) noexcept {
  while (clear_batch(self)) {
  }
  {
    const WordLockGuard guard(lock_);
    released_ = false;
  }
  // edge: batch-done
  std::uint32_t helpers = clearing_.load(acquire);
  if (helpers == 0) return;
  const Detached while_waiting;
  const Waiting for_helpers(self, WaitReason::helpers);
  for (; helpers != 0; helpers = clearing_.load(acquire))  // edge: batch-done
    os_wait(clearing_, helpers);
}

}  // namespace threadmill
