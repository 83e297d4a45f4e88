// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/trace.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/collector/worklist.hpp"
#include "runtime/object/immortal.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

namespace {

// Values of a side count. Smaller ones are counts of references from outside.
constexpr std::uint32_t kOutside = 0xffff'ffff;  // takes no part
constexpr std::uint32_t kReached = 0xffff'fffe;

bool takes_part(const Object& object) noexcept {
  return type_of(object).traverse != nullptr && refcount(object) < kImmortalRefcount;
}

void subtract_edge(void*, Object& target) noexcept {
  std::uint32_t& count = SideCounts::of(&target);
  if (count == kOutside) return;
  TM_CHECK_OBJECT(count != 0, &target, "count-covers-edges",
                  "more containers refer to an object than its count says");
  --count;
}

bool mark(Object& object) noexcept {
  std::uint32_t& count = SideCounts::of(&object);
  if (count == kOutside || count == kReached) return false;
  count = kReached;
  return true;
}

}  // namespace

bool find_unreachable(const World& world, ChunkStack<Object>& trash) noexcept {
  for_each_live_object(world, [](Object& object) noexcept {
    SideCounts::of(&object) =
        takes_part(object) ? static_cast<std::uint32_t>(refcount(object)) : kOutside;
  });
  for_each_live_object(world, [](Object& object) noexcept {
    if (SideCounts::of(&object) != kOutside)
      type_of(object).traverse(object, Visitor(subtract_edge, nullptr));
  });
  Worklist<mark> marking;
  for_each_live_object(world, [&marking](Object& object) noexcept {
    if (SideCounts::of(&object) != 0) marking.reach(object);
    marking.finish();
  });
  bool complete = !marking.out_of_memory();
  for_each_live_object(world, [&](Object& object) noexcept {
    if (complete && SideCounts::of(&object) == 0) complete = trash.push(&object);
  });
  return complete;
}

}  // namespace threadmill
