// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/collect.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/collector/candidates.hpp"
#include "runtime/collector/finalize.hpp"
#include "runtime/collector/settle.hpp"
#include "runtime/collector/trace.hpp"
#include "runtime/memory/retire.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/object/header_check.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/ending.hpp"
#include "runtime/thread/qsbr.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "runtime/thread/waiting.hpp"

namespace threadmill {

namespace {

// The fault. In a pause.
bool is_left_to_its_heir(const Slot& slot) noexcept {
  using namespace slot_state;
  if (!fault(Fault::short_threads_never_reclaim)) return false;
  return (slot.state.load(relaxed) & kModeMask) == kVacant;  // relaxed: in a pause
}

// Whatever was freed comes back now: everybody is at a safepoint.
void return_memory(const World& world) noexcept TM_REQUIRES(stopped_world) {
  world.for_each_slot([](Slot& slot) {
    if (!is_left_to_its_heir(slot)) slot.retired->free_all();
    slot.heap->flush_quarantine();
  });
}

// The same with pages: it looks at each of them.
void return_pages(const World& world) noexcept TM_REQUIRES(stopped_world) {
  return_memory(world);
  if (fault(Fault::pool_fini_current_thread_only)) {
    current()->heap->tidy_in_pause();
    return;
  }
  world.for_each_slot([](Slot& slot) { slot.heap->tidy_in_pause(); });
}

// While one exists, the phase is odd and the heap does not grow: on a busy machine many
// threads could make garbage for as long as the collector's thread waits for a processor.
// They wait for a pause, not for user code, so this waits for no lock of a user's that a
// pause would not wait for.
class GrowthWaits {
 public:
  explicit GrowthWaits(Atomic<std::uint32_t>& phase) noexcept : phase_(phase) {
    phase_.fetch_add(1, relaxed);  // relaxed: it only delays
  }
  ~GrowthWaits() {
    phase_.fetch_add(1, relaxed);  // relaxed: as above
    os_wake_all(phase_);
  }

  GrowthWaits(const GrowthWaits&) = delete;
  GrowthWaits& operator=(const GrowthWaits&) = delete;

 private:
  Atomic<std::uint32_t>& phase_;
};

}  // namespace

CollectResult Collector::collect(Slot& self, unsigned generation) noexcept {
  TM_CHECK(generation < kGenerations, "generations-are-0-to-2",
           "a collection was asked for of a generation that does not exist");
  if (fault(Fault::double_collector)) {
    if (self.collects) return {};
    self.collects = true;
    const CollectResult result = collect_in_turn(self, generation);
    self.collects = false;
    return result;
  }
  if (!hold(self)) return {};
  const CollectResult result = collect_in_turn(self, generation);
  release(self);
  return result;
}

bool Collector::hold(Slot& self) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  if (self.collects) return false;
  if (is_over_for(self)) leave_for_good(self);
  self.collects = true;
  const std::uint32_t ticket = lock_.take_ticket();
  if (lock_.is_served(ticket)) return true;
  const SleepsInside until_served(self);
  const Detached while_waiting;
  const Waiting for_turn(self, WaitReason::turn_to_collect);
  lock_.wait_for(ticket);
  return true;
}

void Collector::release(Slot& self) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  lock_.unlock();
  self.collects = false;
}

bool Collector::set_threads(Slot& self, unsigned threads) noexcept {
  TM_CHECK(threads >= 1 && threads <= Team::kMaxSize, "a-team-has-1-to-16-members",
           "the collector was told to use that many threads");
  if (!hold(self)) return false;
  team_.set_size(threads);
  const bool done = team_.size() == threads;
  release(self);
  return done;
}

void Collector::forget_other_threads() noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  lock_.forget_waiting();
  team_.forget_workers();
}

CollectResult Collector::collect_in_turn(Slot& self, unsigned generation) noexcept
    TM_NO_THREAD_SAFETY_ANALYSIS {
  collecting_.store(true, relaxed);  // relaxed: a hint to collect_if_due()
  if constexpr (!kExplored)
    world_.collecting.store(self.id, relaxed);  // relaxed: a report
  CollectionInfo info{.generation = generation};
  observers_.tell(CollectionPhase::start, info);
  if (debugging_.has(gc_debug::kStats)) debugging_.print_start(generation);
  WeakCallbacks callbacks;
  info.examined = find_trash(self, generation, callbacks);
  if (fault(Fault::pools_cleared_after_restart)) return_pages(world_);
  if (trash_.size() != 0) {
    finalize(self, callbacks);
    info.collected = trash_.size();
    if (debugging_.has(gc_debug::kCollectable)) debugging_.print_trash(trash_);
    if (debugging_.has(gc_debug::kSaveAll))
      keep_as_garbage(self);
    else
      clear(self);
  }
  world_.pages_stay.store(false, relaxed);  // relaxed: seen late, it delays only
  look_again(self);                         // at what came into limbo
  if (generation == kOldest) plan_next();
  observers_.count(info);
  if (debugging_.has(gc_debug::kStats)) debugging_.print_stop(info);
  observers_.tell(CollectionPhase::stop, info);
  if constexpr (!kExplored) world_.collecting.store(0, relaxed);  // relaxed: a report
  collecting_.store(false, relaxed);                              // relaxed: as above
  return {.collected = info.collected, .completed = true};
}

std::uint64_t Collector::find_trash(Slot& self,
                                    unsigned generation,
                                    WeakCallbacks& callbacks) noexcept {
  const CascadeScope deaths_wait(self);
  if (fault(Fault::destructors_inside_final_pause)) self.in_cascade = false;
  const GrowthWaits until_found(phase_);
  const StoppedWorld pause(self);
  assert_some_headers(world_, turn_++);
  settle_counts_in_pause(world_);
  scope_.choose(generation);
  const std::uint64_t blocks = scope_.blocks();
  generations_.began(world_, generation);
  const std::uint64_t candidates = list_candidates(scope_, team_);
  world_.for_each_slot([](Slot& slot) { slot.heap->note_current_pages_young(); });
  find_unreachable(world_, scope_, roots_.peek(), 0, team_);
  trash_.find(team_);
  // The oldest pass over what is untracked or frozen each time, too.
  generations_.survived(generation,
                        (generation == kOldest ? blocks : candidates) - trash_.size());
  if (trash_.finalizers() != 0 || fault(Fault::weakrefs_cleared_too_late))
    trash_.hold(team_);
  if (trash_.has_weak_references() && !fault(Fault::weakrefs_cleared_too_late))
    clear_weak_references_of(trash_, callbacks);
  // relaxed: in a pause
  if (trash_.size() != 0) world_.pages_stay.store(true, relaxed);
  if (fault(Fault::finalizers_in_pause)) run_finalizers(trash_);
  if (fault(Fault::pools_cleared_after_restart)) return blocks;
  if (generation == kOldest)
    return_pages(world_);
  else
    return_memory(world_);
  return blocks;
}

void Collector::clear(Slot& self) noexcept {
  trash_.release();
  trash_.clear_all(self);
  if (scope_.generation() != kOldest) return;
  // Once more, for plan_next(): the threshold counts no page of what just ended.
  const CascadeScope deaths_wait(self);
  const GrowthWaits until_returned(phase_);
  const StoppedWorld pause(self);
  return_pages(world_);
}

void Collector::keep_as_garbage(Slot& self) noexcept {
  debugging_.save(trash_);
  const CascadeScope deaths_wait(self);
  const StoppedWorld pause(self);
  trash_.let_go();
}

void Collector::finalize(Slot& self, WeakCallbacks& callbacks) noexcept {
  callbacks.call_all();
  if (trash_.finalizers() != 0) run_finalizers(trash_);
  if (!trash_.is_held() || fault(Fault::no_resurrection_recheck)) return;
  const CascadeScope deaths_wait(self);
  const GrowthWaits until_spared(phase_);
  const StoppedWorld pause(self);
  settle_counts_in_pause(world_);
  spare_resurrected(world_, scope_, team_);
  trash_.let_go_of_spared();
  WeakCallbacks nobody;
  clear_weak_references_of(trash_, nobody);
  nobody.forget();
}

void Collector::collect_if_due(Slot& self) noexcept {
  if (self.collects) return;
  // relaxed, all: a heuristic
  const bool is_due =
      is_automatic() &&
      (arena_.pages_in_use() >= next_pages_.load(relaxed) || arena_.is_full() ||
       std::exchange(self.chaos.wants_collection, false));
  // Another thread's is not waited for: it runs user code, which may wait for this thread.
  // relaxed: a hint
  if (collecting_.load(relaxed) || (is_due && !collect_unless_busy(self, kOldest)))
    help(self);
}

void Collector::collect_generation_if_due(Slot& self) noexcept {
  if (self.collects) return;
  const unsigned generation = generations_.due(self);
  if (generation == Generations::kNone || !is_automatic()) return;
  if (collecting_.load(relaxed)) return;  // relaxed: a hint
  (void)collect_unless_busy(self, generation);
}

bool Collector::collect_unless_busy(Slot& self, unsigned generation) noexcept
    TM_NO_THREAD_SAFETY_ANALYSIS {
  if (!lock_.try_lock()) return false;
  self.collects = true;
  (void)collect_in_turn(self, generation);
  release(self);
  return true;
}

bool Collector::is_automatic() const noexcept {
  return is_enabled() && generations_.thresholds()[0] != 0;
}

GenerationCounts Collector::counts(Slot& self) const noexcept {
  const StoppedWorld pause(self);
  return generations_.counts(world_);
}

void Collector::help(Slot& self) noexcept {
  const std::uint32_t phase = phase_.load(relaxed);  // relaxed: confirmed by os_wait
  if (phase % 2 != 0) {
    const SleepsInside until_woken(self);
    const Detached while_waiting;
    const Waiting for_pause(self, WaitReason::collection);
    os_wait(phase_, phase);
    return;
  }
  // More than a page holds, so that the trash goes faster than the heap grows.
  for (int i = 0; i < kBatchesPerPage; ++i) {
    if (trash_.clear_batch(self)) continue;
    os_yield();  // to the collector's thread, which has to end this
    return;
  }
}

void Collector::plan_next() noexcept {
  // relaxed: a heuristic
  next_pages_.store(std::max(kLeastPages, arena_.pages_in_use() * 2), relaxed);
}

}  // namespace threadmill
