// SPDX-License-Identifier: Apache-2.0
//
// The end of a runtime that threads are still in: thread/ending.hpp has what becomes of
// them, runtime.hpp what the caller gets.
#include "runtime/base/assert.hpp"
#include "runtime/collector/abandon.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/runtime.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/thread/ending.hpp"

namespace threadmill {

namespace {

// Finalizers may leave more garbage behind, but not for ever.
constexpr int kMostCollections = 10;

}  // namespace

std::uint64_t Runtime::end() noexcept {
  Slot& self = *current();
  TM_CHECK(!self.collects && !self.in_cascade && self.user_code_depth == 0,
           "end-not-in-user-code-of-deaths",
           "a runtime is ended by a finalizer, a destructor or a callback");
  TM_CHECK(world_.ender.load(relaxed) == 0, "ends-once",  // relaxed: only a check
           "a runtime is ended twice");
  world_.ender.store(self.id, relaxed);  // relaxed: pauses order
  while (!is_alone(self)) os_yield();
  if (calls_at_death_.peek() != nullptr) calls_at_death_.call_all();
  const std::uint64_t own_objects =
      empty_kept_lists() + (calls_at_death_.peek() != nullptr ? 1 : 0);
  gc().set_debug(0);  // what is found goes away
  for (int i = 0; i < kMostCollections; ++i) {
    if (gc().collect().collected == 0) break;
  }
  return live_objects() - own_objects;
}

std::uint64_t Runtime::empty_kept_lists() noexcept {
  std::uint64_t lists = 0;
  for (Kept<List>* kept : {&collector_.roots(), &collector_.debugging().garbage()}) {
    if (kept->peek() == nullptr) continue;
    kept->get()->clear();
    ++lists;
  }
  return lists;
}

bool Runtime::is_alone(Slot& self) noexcept {
  const CascadeScope deaths_wait(self);
  const StoppedWorld pause(self);
  bool alone = true;
  world_.for_each_slot([&](Slot& slot) TM_NO_THREAD_SAFETY_ANALYSIS {
    if (&slot == &self) return;
    if (end_slot(slot))
      abandon_slot(self, slot);
    else
      alone = false;
  });
  return alone;
}

}  // namespace threadmill
