// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/finalize.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/collector/side_counts.hpp"
#include "runtime/collector/worklist.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/safepoint.hpp"

namespace threadmill {

namespace {

// Values of a side count in pause 2; others are counts of references to trash.
constexpr std::uint32_t kNoTrash = 0;
constexpr std::uint32_t kSpared = 0xffff'ffff;

bool is_spared(const Object& object) noexcept {
  // relaxed: the world is stopped
  return (object.flags.load(relaxed) & flag::kSpared) != 0;
}

void spare(Object& object) noexcept {
  object.flags.fetch_or(flag::kSpared, relaxed);  // relaxed: the world is stopped
}

void subtract_edge(void*, Object& target) noexcept {
  std::uint32_t& count = SideCounts::of(&target);
  if (count == kNoTrash) return;
  TM_CHECK_OBJECT(count > 1, &target, "count-covers-edges",
                  "more trash refers to an object than its count says");
  --count;
}

bool mark_spared(Object& object) noexcept {
  std::uint32_t& count = SideCounts::of(&object);
  if (count == kNoTrash || count == kSpared) return false;
  count = kSpared;
  spare(object);
  return true;
}

// What is left of an object's count beside the collector's reference comes from outside.
bool find_resurrected(const World& world, const ChunkStack<Object>& trash) noexcept
    TM_REQUIRES(stopped_world) {
  const SideCounts counts(world);
  if (!counts.is_complete()) return false;
  trash.for_each([](Object* object) noexcept {
    // An object that became immortal has more references than any count.
    SideCounts::of(object) = static_cast<std::uint32_t>(refcount(*object));
  });
  trash.for_each([](Object* object) noexcept {
    type_of(*object).traverse(*object, Visitor(subtract_edge, nullptr));
  });
  Worklist<mark_spared> sparing;
  trash.for_each([&sparing](Object* object) noexcept {
    if (SideCounts::of(object) != 1) sparing.reach(*object);
    sparing.finish();
  });
  return !sparing.out_of_memory();
}

}  // namespace

void clear_weak_references_of(const ChunkStack<Object>& trash,
                              WeakCallbacks& callbacks) noexcept {
  trash.for_each([](Object* object) noexcept {
    // relaxed: written before the object was published
    if (object->type.load(relaxed) == WeakReference::kTypeId)
      static_cast<WeakReference&>(*object).drop_callback();
  });
  trash.for_each([&callbacks](Object* object) noexcept {
    if (may_have_weak_references(*object)) clear_weak_references(*object, callbacks);
  });
}

std::uint64_t run_finalizers(const ChunkStack<Object>& trash) noexcept {
  std::uint64_t ran = 0;
  trash.for_each([&ran](Object* object) noexcept {
    const Type& type = type_of(*object);
    if (type.finalize == nullptr || !take_finalization(*object)) return;
    type.finalize(*object);
    ++ran;
    safepoint(*current());
  });
  return ran;
}

bool spare_resurrected(const World& world,
                       const ChunkStack<Object>& trash,
                       std::uint64_t& spared) noexcept {
  const bool complete = find_resurrected(world, trash);
  if (!complete) trash.for_each([](Object* object) noexcept { spare(*object); });
  WeakCallbacks nobody;
  spared = 0;
  trash.for_each([&](Object* object) noexcept {
    if (is_spared(*object))
      ++spared;
    else if (may_have_weak_references(*object))
      clear_weak_references(*object, nobody);
  });
  nobody.forget();
  return complete;
}

}  // namespace threadmill
