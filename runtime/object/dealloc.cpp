// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/dealloc.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/memory/block_state.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/object/allocate.hpp"
#include "runtime/object/header_check.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"
#include "runtime/object/weak.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/current.hpp"

namespace threadmill {

namespace {

void drop_references(const Type& type, Object& object) noexcept {
  EdgeBuffer dropped([](Object& target) noexcept { decref(target); });
  type.traverse(object, dropped);
  dropped.finish();
}

// The dead object is alive again, with one reference, the caller's. Nobody else has one,
// but others may take one from now on (catalogue A6: nothing else changes).
void revive(Slot& self, Object& object) noexcept {
  Page& page = page_of(&object);
  Atomic<std::uint8_t>& liveness = page.liveness(page.index_of(&object));
  // relaxed, both: pauses order
  liveness.store(liveness.load(relaxed) | block_state::kLive, relaxed);
  if constexpr (kRefcount != Refcount::biased) {
    give_to_nobody(object);
    return;
  }
  // edge: owner-to-reader
  object.word0.store(self.self_word + 1, release);
  // edge: owner-to-reader
  object.shared.store(shared_word::make(0, shared_word::kMaybeWeak), release);
}

void undo_without_atomics(Object& object) noexcept {
  // relaxed, all: the fault
  const auto left =
      static_cast<std::int32_t>(word0::local(object.word0.load(relaxed))) - 1 +
      shared_word::count(object.shared.load(relaxed));
  object.word0.store(0, relaxed);
  chaos_point(ChaosPoint::undo);
  object.shared.store(shared_word::make(left, shared_word::kMerged), relaxed);
  if (left == 0) die(object);
}

// Of a fault: who saw that it lives on asserts that it does.
void undo_and_look_again(Page& page, Object& object) noexcept {
  const bool lives = refcount(object) > 1;
  decref(object);
  // relaxed: the fault
  const std::uint8_t state = page.liveness(page.index_of(&object)).load(relaxed);
  TM_CHECK_OBJECT(!lives || block_state::is_live(state), &object,
                  "resurrected-objects-live", "a resurrected object is dead");
}

// H7.
[[gnu::noinline]] void finalize_dead(Slot& self, Object& object) noexcept {
  revive(self, object);
  {
    const UserCodeScope user_code(self);
    type_of(object).finalize(object);
  }
  // One that nobody took up would be finalized for ever.
  if (fault(Fault::reinit_on_resurrect) && refcount(object) > 1)
    object.flags.store(0, relaxed);  // relaxed: the fault
  // It may die again, or live and end elsewhere: nobody looks at it here from now on
  // (catalogue A5).
  if (fault(Fault::nonatomic_undo_of_resurrection))
    undo_without_atomics(object);
  else if (fault(Fault::touch_after_resurrect_end))
    undo_and_look_again(page_of(&object), object);
  else
    decref(object);
}

// Of a fault: too late.
void untrack(Object& object) noexcept {
  Page& page = page_of(&object);
  // relaxed: the fault
  page.liveness(page.index_of(&object)).store(block_state::kDead, relaxed);
}

[[gnu::noinline]] void call_back(Slot& self, Object& object) noexcept {
  WeakCallbacks callbacks;
  using namespace shared_word;
  if (fault(Fault::keepalive_looks_alive))
    object.shared.store(make(1, kMerged), relaxed);  // relaxed: the fault
  clear_weak_references(object, callbacks);
  if (fault(Fault::keepalive_looks_alive))
    object.shared.store(kDead, relaxed);  // relaxed: the fault
  const UserCodeScope user_code(self);
  callbacks.call_all();
}

// The object is dead: nobody looks at its payload but this thread. (What calls user code is
// not inlined, so that objects without any end in a small frame.)
void end(Slot& self, Object& object) noexcept {
  const Type& type = type_of(object);
  if (type.finalize != nullptr && take_finalization(object)) {
    finalize_dead(self, object);
    return;
  }
  if (may_have_weak_references(object)) call_back(self, object);
  if (type.traverse != nullptr) {
    --self.new_containers;
    drop_references(type, object);
  }
  if (type.release != nullptr) type.release(object);
  if (fault(Fault::tracked_zero_object)) untrack(object);
  free_object(self, object);
}

}  // namespace

void die(Object& object) noexcept {
  Slot& self = *current();
  Page& page = page_of(&object);
  Atomic<std::uint8_t>& liveness = page.liveness(page.index_of(&object));
  // relaxed: an object dies once, and pauses order the rest
  const std::uint8_t state = liveness.load(relaxed);
  TM_ASSERT_OBJECT(block_state::is_live(state), &object, "objects-die-once",
                   "an object that is not alive dies");
  TM_ASSERT_OBJECT(!object.lock.is_locked(), &object, "dead-objects-are-unlocked",
                   "an object dies inside its critical section");
  assert_may_die(object);
  if (!fault(Fault::tracked_zero_object))
    liveness.store(state ^ block_state::kLive, relaxed);  // relaxed: as above
  // relaxed, all: late readers are refused by either order of the two words
  object.shared.store(shared_word::kDead, relaxed);
  if (self.in_cascade) {
    object.word0.store(self.dying, relaxed);
    self.dying = self.heap->arena().place_of(&object);
    return;
  }
  object.word0.store(0, relaxed);
  const CascadeScope cascade(self);
  end(self, object);
}

void adopt_deaths(Slot& self, Slot& other) noexcept {
  Arena& arena = self.heap->arena();
  std::uint32_t place = other.dying;
  other.dying = 0;
  while (place != 0) {
    auto& object = *static_cast<Object*>(arena.block_at(place));
    // relaxed, both: the world is stopped, and late readers are refused by either
    const auto next = static_cast<std::uint32_t>(object.word0.load(relaxed));
    object.word0.store(self.dying, relaxed);
    self.dying = place;
    place = next;
  }
}

void CascadeScope::finish() noexcept {
  Arena& arena = self_.heap->arena();
  while (self_.dying != 0) {
    auto& object = *static_cast<Object*>(arena.block_at(self_.dying));
    // relaxed: this thread wrote it
    self_.dying = static_cast<std::uint32_t>(object.word0.load(relaxed));
    end(self_, object);
  }
  self_.in_cascade = false;
}

}  // namespace threadmill
