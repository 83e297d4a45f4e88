// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/inspect.hpp"

#include <algorithm>

#include "runtime/base/chunk_stack.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/collector/generations.hpp"
#include "runtime/collector/scope.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/memory/heap_walk.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

using namespace block_state;

namespace {

// What a pause has found.
class Found {
 public:
  // In a pause: keeps `object` alive.
  void add(Object& object) noexcept {
    if (!complete_) return;
    complete_ = objects_.push(&object);
    if (complete_ && !fault(Fault::second_worklist_corrupts_first)) incref(object);
  }

  // The world runs.
  [[nodiscard]] Ref<List> list() noexcept {
    Ref<List> list = complete_ ? List::create() : nullptr;
    bool complete = list != nullptr;
    while (Object* object = objects_.pop()) {
      if (fault(Fault::second_worklist_corrupts_first)) incref(*object);
      auto kept = Ref<Object>::adopt(object);
      complete = complete && list->append(std::move(kept));
    }
    return complete ? list : nullptr;
  }

 private:
  ChunkStack<Object> objects_;
  bool complete_ = true;
};

constexpr bool is_shown(std::uint8_t state) noexcept {
  return is_live(state) && (state & (kUntracked | kTrash)) == 0 &&
         age(state) != kFrozen;
}

// Calls `visit(object, state, liveness)` with each block in a state that `wanted(state)`.
template <class Wanted, class Visit>
void for_each_object(const World& world, Wanted wanted, Visit visit) noexcept
    TM_REQUIRES(stopped_world) {
  for_each_page(world, [&](Page& page) TM_NO_THREAD_SAFETY_ANALYSIS {
    for_each_block(page, wanted, [&](std::uint32_t index, std::uint8_t state) {
      visit(*static_cast<Object*>(page.block(index)), state, page.liveness(index));
    });
  });
}

}  // namespace

Ref<List> tracked_objects(Slot& self, unsigned generation) noexcept {
  Found found;
  {
    const StoppedWorld pause(self);
    const auto wanted = [generation](std::uint8_t state) {
      return is_shown(state) &&
             (generation >= kGenerations || age(state) == generation);
    };
    for_each_object(self.world, wanted,
                    [&found](Object& object, auto&&...) { found.add(object); });
  }
  return found.list();
}

Ref<List> referrers_of(Slot& self, const Object& target) noexcept {
  Found found;
  {
    const StoppedWorld pause(self);
    for_each_object(self.world, is_shown, [&](Object& object, auto&&...) {
      bool refers = false;
      EdgeBuffer edges([&](const Object& other) { refers |= &other == &target; });
      type_of(object).traverse(object, edges);
      edges.finish();
      if (refers) found.add(object);
    });
  }
  return found.list();
}

Ref<List> referents_of(Slot& self, std::span<Object* const> objects) noexcept {
  Found found;
  if (std::any_of(objects.begin(), objects.end(),
                  [](const Object* object) { return is_tracked(*object); })) {
    const StoppedWorld pause(self);
    EdgeBuffer edges([&found](Object& target) { found.add(target); });
    for (Object* object : objects)
      if (is_tracked(*object)) type_of(*object).traverse(*object, edges);
    edges.finish();
  }
  return found.list();
}

bool is_tracked(const Object& object) noexcept {
  return (state_of(object).load(relaxed) & kUntracked) == 0;  // relaxed: a snapshot
}

void freeze(Slot& self, Generations& generations) noexcept {
  const StoppedWorld pause(self);
  const SideTables& side = self.heap->arena().side();
  for_each_object(self.world, is_shown,
                  [](Object&, std::uint8_t state, Atomic<std::uint8_t>& liveness) {
                    // relaxed: the world is stopped
                    liveness.store(with_age(state, kFrozen), relaxed);
                  });
  std::uint64_t blocks = 0;
  for_each_page(self.world, [&](const Page& page) {
    side.marks()[side.number_of(page)] = SideTables::kInUse;
    blocks += page.handed_out;
  });
  self.world.for_each_slot([](Slot& slot) { slot.heap->note_current_pages_young(); });
  generations.froze(self.world, blocks);
}

void unfreeze(Slot& self) noexcept {
  const StoppedWorld pause(self);
  const auto is_frozen = [](std::uint8_t state) {
    return is_live(state) && age(state) == kFrozen;
  };
  for_each_object(self.world, is_frozen,
                  [](Object&, std::uint8_t state, Atomic<std::uint8_t>& liveness) {
                    liveness.store(with_age(state, kOldest),
                                   relaxed);  // relaxed: as above
                  });
}

std::uint64_t count_frozen(Slot& self) noexcept {
  const StoppedWorld pause(self);
  std::uint64_t count = 0;
  const auto is_frozen = [](std::uint8_t state) {
    return is_live(state) && age(state) == kFrozen;
  };
  for_each_object(self.world, is_frozen, [&count](Object&, auto&&...) { ++count; });
  return count;
}

}  // namespace threadmill
