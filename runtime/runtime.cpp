// SPDX-License-Identifier: Apache-2.0
#include "runtime/runtime.hpp"

#include <new>

#include "runtime/base/assert.hpp"
#include "runtime/collector/settle.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/memory/retire.hpp"
#include "runtime/object/inbox.hpp"

namespace threadmill {

namespace {

[[maybe_unused]] const bool describer_is_set = [] {
  set_object_describer(describe_object);
  return true;
}();

void free_what_is_unseen(Slot& self) noexcept {
  if (self.has_retired) self.retired->free_reached();
  self.heap->give_back_pages();
}

void prepare_to_depart(Slot& self, bool for_good) noexcept {
  self.heap->prepare_to_depart(for_good);
}

void collect_if_due(Slot& self) noexcept { self.world.collector->collect_if_due(self); }

void collect_generation_if_due(Slot& self) noexcept {
  self.world.collector->collect_generation_if_due(self);
}

}  // namespace

Runtime::Runtime(const Options& options) noexcept
    : arena_(options.arena_bytes),
      retire_budget_(options.retire_limits),
      world_({.context = this,
              .open_slot = open_slot,
              .close_slot = close_slot,
              .drain_inbox = drain_inbox,
              .help_slot = help_slot,
              .quiescent = free_what_is_unseen,
              .before_growth = collect_if_due,
              .page_used_up = collect_generation_if_due,
              .over_budget = free_retired_in_pause,
              .departing = prepare_to_depart},
             options.chaos),
      collector_(world_, arena_),
      distribution_(world_) {
  world_.collector = &collector_;
  world_.strings = &strings_;
  world_.calls_at_death = &calls_at_death_;
}

std::unique_ptr<Runtime> Runtime::create(const Options& options) noexcept {
  std::unique_ptr<Runtime> runtime(new (std::nothrow) Runtime(options));
  if (runtime == nullptr || !runtime->arena_.is_open() || !runtime->make_singletons())
    return nullptr;
  return runtime;
}

Runtime::~Runtime() {
  world_.for_each_slot([](Slot& slot) {
    // relaxed: who left happens before the end of the runtime, by the user's doing
    TM_CHECK((slot.state.load(relaxed) & slot_state::kModeMask) == slot_state::kVacant,
             "runtime-outlives-threads",
             "a runtime ends while a thread is still attached to it or detached");
  });
  world_.ender.store(0, relaxed);  // relaxed: no other thread uses it any more
  if (world_.slot_count() == 0) return;
  if (calls_at_death_.peek() != nullptr) call_what_is_left();
  free_what_is_left();
}

bool Runtime::make_singletons() noexcept {
  const Attached here(*this);
  if (!here) return false;
  none_ = None::create_immortal();
  return none_ != nullptr;
}

void Runtime::call_what_is_left() noexcept {
  const Attached here(*this);
  if (here) calls_at_death_.call_all();
}

void Runtime::free_what_is_left() noexcept {
  const Attached here(*this);
  Slot& self = *current();
  settle_counts(self);
  const StoppedWorld pause(self);
  for_each_live_object(world_, [](Object& object) noexcept {
    const Type& type = type_of(object);
    if (type.release != nullptr) type.release(object);
  });
  world_.for_each_slot([](Slot& slot) { slot.heap->tidy_in_pause(); });
  for_each_page(world_, [](Page& page) noexcept { free_side_tables(page); });
}

bool Runtime::open_slot(void* context, Slot& slot) noexcept {
  auto& runtime = *static_cast<Runtime*>(context);
  slot.heap = new (std::nothrow) Heap(runtime.arena_, slot);
  slot.retired = new (std::nothrow) RetireList(slot, runtime.retire_budget_);
  if (slot.heap != nullptr && slot.retired != nullptr) return true;
  close_slot(context, slot);
  return false;
}

void Runtime::close_slot(void*, Slot& slot) noexcept {
  delete slot.heap;
  delete slot.retired;
}

std::uint64_t Runtime::live_objects() noexcept {
  return count_live_objects(*current());
}

std::array<std::uint64_t, kChaosPoints> Runtime::disturbances() const noexcept {
  std::array<std::uint64_t, kChaosPoints> sums{};
  world_.for_each_slot([&sums](Slot& slot) {
    for (std::size_t point = 0; point < kChaosPoints; ++point)
      sums[point] += slot.chaos.disturbed[point];
  });
  return sums;
}

AllocationCount Runtime::allocations(TypeId type) noexcept {
  AllocationCount sum;
  const StoppedWorld pause(*current());
  world_.for_each_slot(
      [&sum, type](Slot& slot) { sum += slot.heap->counts().of(type); });
  return sum;
}

HeapReport Runtime::verify(std::span<Object* const> roots) noexcept {
  return verify_heap(*current(), roots);
}

Latencies Runtime::latencies() noexcept { return gather_latencies(*current()); }

HeldMemory Runtime::held_memory() noexcept { return measure_held_memory(*current()); }

Ref<Object> none() noexcept {
  auto* runtime = static_cast<Runtime*>(current()->world.hooks().context);
  return Ref<Object>::adopt(runtime->none_);
}

}  // namespace threadmill
