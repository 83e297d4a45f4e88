// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/dealloc.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/memory/heap_walk.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"
#include "runtime/thread/current.hpp"

namespace threadmill {

namespace {

void drop_reference(void*, Object& target) noexcept { decref(target); }

// The object is dead: nobody looks at its payload but this thread.
void end(Slot& self, Object& object) noexcept {
  const Type& type = type_of(object);
  if (type.traverse != nullptr) type.traverse(object, Visitor(drop_reference, nullptr));
  if (type.release != nullptr) type.release(object);
  self.heap->free(&object);
}

}  // namespace

void die(Object& object) noexcept {
  Slot& self = *current();
  Page& page = page_of(&object);
  Atomic<std::uint8_t>& liveness = page.liveness(page.index_of(&object));
  // relaxed: an object dies once, and pauses order the rest
  TM_ASSERT_OBJECT(liveness.load(relaxed) == kLive, &object, "objects-die-once",
                   "an object that is not alive dies");
  TM_ASSERT_OBJECT(!object.lock.is_locked(), &object, "dead-objects-are-unlocked",
                   "an object dies inside its critical section");
  liveness.store(kDead, relaxed);  // relaxed: as above
  // relaxed, both: late readers are refused by either order of the two
  object.shared.store(shared_word::kDead, relaxed);
  object.word0.store(self.dying, relaxed);
  self.dying = self.heap->arena().place_of(&object);
  if (!self.in_cascade) const CascadeScope cascade(self);
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
