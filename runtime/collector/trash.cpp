// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/trash.hpp"

#include <cstring>

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/collector/pages_to_do.hpp"
#include "runtime/collector/pipeline.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/object/allocate.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/object/distributed.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"
#include "runtime/object/weak.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/ending.hpp"
#include "runtime/thread/safepoint.hpp"
#include "runtime/thread/waiting.hpp"

namespace threadmill {

namespace {

// Drops references to what is not white.
class DropsOutside : private Pipeline<DropsOutside> {
 public:
  explicit DropsOutside(const SideTables& side) noexcept : side_(side) {}

  void drop_references_of(const Type& type, Object& object) noexcept {
    type.traverse(object, *this);
  }
  using Pipeline<DropsOutside>::finish;

 private:
  friend class Pipeline<DropsOutside>;

  void prefetch(const Object& target) const noexcept {
    __builtin_prefetch(&side_.colours_of(side_.granule_of(&target)));
  }
  void process(Object& target) noexcept {
    const std::uint32_t granule = side_.granule_of(&target);
    if (!side_.is_white(granule)) decref(target);
  }

  const SideTables& side_;
};

// The fault no-resurrection-recheck: what another thread may use, as far as it goes.
void clear_in_use(const Type& type, Object& object) noexcept {
  if (type.clear != nullptr) type.clear(object);
  decref(object);
}

}  // namespace

void Trash::Found::add(Object& object) noexcept {
  // relaxed, all: the world is stopped
  Atomic<std::uint8_t>& state = state_of(object);
  state.store(state.load(relaxed) | block_state::kTrash, relaxed);
  ++objects;
  const std::uint8_t flags = object.flags.load(relaxed);
  weak_references |= (flags & flag::kWeaklyReferenced) != 0;
  const Type& type = type_of(object);
  if (type.finalize != nullptr && (flags & flag::kFinalized) == 0) ++finalizers;
  if (object.type.load(relaxed) == WeakReference::kTypeId)
    static_cast<WeakReference&>(object).mute();
}

void Trash::find(Team& team) noexcept {
  size_ = 0;
  finalizers_ = 0;
  has_weak_references_ = false;
  is_held_ = false;
  PagesToDo pages(scope_.pages());
  auto work = [&](unsigned) TM_NO_THREAD_SAFETY_ANALYSIS {
    Found found;
    pages.take_all([&](std::uint32_t i) TM_NO_THREAD_SAFETY_ANALYSIS {
      scope_.for_each_white(i, [&found](Object& object, std::uint32_t)
                                   TM_NO_THREAD_SAFETY_ANALYSIS { found.add(object); });
    });
    const WordLockGuard guard(lock_);
    size_ += found.objects;
    finalizers_ += found.finalizers;
    has_weak_references_ |= found.weak_references;
  };
  run_on_pages(scope_, team, work);
}

void Trash::hold(Team& team) noexcept {
  is_held_ = true;
  for_each_white(scope_, team, [](Object& object, std::uint32_t) noexcept {
    const bool died = merge(object, 1);
    TM_CHECK_OBJECT(!died, &object, "trash-is-held", "trash died in the pause");
  });
}

std::uint64_t Trash::let_go_of_spared() noexcept {
  const SideTables& side = scope_.side();
  const auto is_trash = [](std::uint8_t state) {
    return (state & block_state::kTrash) != 0 && block_state::is_live(state);
  };
  std::uint64_t spared = 0;
  for (std::uint32_t i = 0; i < scope_.pages(); ++i) {
    Page& page = side.page(scope_.page(i));
    for_each_block(page, is_trash, [&](std::uint32_t index, std::uint8_t state) {
      auto& object = *static_cast<Object*>(page.block(index));
      const std::uint32_t granule = side.granule_of(&object);
      if (side.is_white(granule)) return;
      // relaxed: the world is stopped
      page.liveness(index).store(state ^ block_state::kTrash, relaxed);
      if (is_held_) decref(object);
      ++spared;
    });
  }
  size_ -= spared;
  return spared;
}

void Trash::release() noexcept {
  const WordLockGuard guard(lock_);
  released_ = size_ != 0;
  next_page_ = 0;
  next_word_ = 0;
}

Trash::Batch Trash::take_batch() noexcept {
  const WordLockGuard guard(lock_);
  if (!released_) return {};
  for (; next_page_ < scope_.pages(); ++next_page_, next_word_ = 0) {
    const std::uint32_t page = scope_.page(next_page_);
    const SideTables::Colours* colours =
        scope_.side().colours() + page * SideTables::kWordsPerPage;
    while (next_word_ < SideTables::kWordsPerPage) {
      const std::uint32_t word = next_word_++;
      if (colours[word].white == 0) continue;
      clearing_.fetch_add(1, relaxed);  // T1; relaxed: counted under the lock
      return {page, word, colours[word].white};
    }
  }
  return {};
}

void Trash::clear(Slot& self, const Batch& batch) noexcept {
  const CascadeScope deaths_wait(self);
  DropsOutside drops(scope_.side());
  scope_.for_each_in(batch.page, batch.word, batch.bits,
                     [&](Object& object, std::uint32_t) noexcept {
                       const Type& type = type_of(object);
                       if (fault(Fault::no_resurrection_recheck) && is_held_) {
                         clear_in_use(type, object);
                         return;
                       }
                       drops.drop_references_of(type, object);
                       // relaxed, all: nobody else has the object
                       state_of(object).store(block_state::kDead, relaxed);
                       forget_distributed(self, object);
                       object.shared.store(shared_word::kDead, relaxed);
                       object.word0.store(0, relaxed);
                       if (type.release != nullptr) type.release(object);
                       free_object(self, object);
                     });
  drops.finish();
  self.new_containers -= std::popcount(batch.bits);
}

bool Trash::clear_batch(Slot& self) noexcept {
  const Batch batch = take_batch();
  if (batch.bits == 0) return false;
  const bool was_collecting = self.collects;
  self.collects = true;
  clear(self, batch);
  safepoint(self);
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
  wait_for_helpers(self);
  whiten_nothing();
  size_ = 0;
}

void Trash::wait_for_helpers(Slot& self) noexcept {
  // edge: batch-done
  std::uint32_t helpers = clearing_.load(acquire);
  if (helpers == 0) return;
  const SleepsInside until_woken(self);
  const Detached while_waiting;
  const Waiting for_helpers(self, WaitReason::helpers);
  for (; helpers != 0; helpers = clearing_.load(acquire))  // edge: batch-done
    os_wait(clearing_, helpers);
}

void Trash::let_go() noexcept {
  whiten_nothing();
  (void)let_go_of_spared();
}

void Trash::whiten_nothing() noexcept {
  for (std::uint32_t i = 0; i < scope_.pages(); ++i) {
    std::memset(scope_.side().colours() + scope_.page(i) * SideTables::kWordsPerPage, 0,
                SideTables::kWordsPerPage * sizeof(SideTables::Colours));
  }
}

}  // namespace threadmill
