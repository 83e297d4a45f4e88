// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/retire.hpp"

#include <algorithm>
#include <new>

#include "runtime/base/fault.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/thread/chaos.hpp"
#include "runtime/thread/qsbr.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

struct RetireList::Batch : SystemAllocated {
  static constexpr std::size_t kEntries = 31;

  struct Entry {
    void* buffer;
    std::size_t bytes;
  };

  Plain<Batch*> next = nullptr;
  Plain<std::uint64_t> goal = 0;
  Plain<std::size_t> used = 0;
  Plain<std::size_t> bytes = 0;
  Entry entries[kEntries];
};

RetireList::~RetireList() { free_all(); }

bool RetireList::add(void* buffer, std::size_t bytes) noexcept {
  if (open_ == nullptr) {
    open_ = new (std::nothrow) Batch;
    if (open_ == nullptr) return false;
    slot_.has_retired = true;
    if (fault(Fault::epoch_read_before_fence)) open_->goal = advance_epoch(slot_.world);
  }
  open_->entries[open_->used] = {buffer, bytes};
  ++open_->used;
  open_->bytes += bytes;
  bytes_ += bytes;
  most_bytes_ = std::max<std::size_t>(most_bytes_, bytes_);
  largest_buffer_ = std::max(largest_buffer_, bytes);
  const bool is_heavy =
      open_->bytes >= kBatchBytes && !fault(Fault::retire_unbounded_by_bytes);
  if (is_heavy || open_->used == Batch::kEntries) close_open_batch();
  return true;
}

void RetireList::close_open_batch() noexcept {
  if (!fault(Fault::epoch_read_before_fence)) open_->goal = advance_epoch(slot_.world);
  budget_.add(open_->bytes);
  (last_closed_ != nullptr ? last_closed_->next : first_closed_) = open_;
  last_closed_ = open_;
  open_ = nullptr;
}

void RetireList::free_reached() noexcept {
  while (first_closed_ != nullptr && goal_reached(slot_.world, first_closed_->goal)) {
    Batch* batch = first_closed_;
    first_closed_ = batch->next;
    if (first_closed_ == nullptr) last_closed_ = nullptr;
    free_batch(batch);
  }
  note_what_is_left();
  if (first_closed_ != nullptr) look_again(slot_);
}

void RetireList::free_all() noexcept {
  if (open_ != nullptr) close_open_batch();
  while (Batch* batch = first_closed_) {
    first_closed_ = batch->next;
    free_batch(batch);
  }
  last_closed_ = nullptr;
  note_what_is_left();
}

void RetireList::note_what_is_left() noexcept {
  slot_.has_retired = open_ != nullptr || first_closed_ != nullptr;
  slot_.over_budget = slot_.has_retired && budget_.is_exceeded_by(bytes_);
}

void RetireList::free_batch(Batch* batch) noexcept {
  for (std::size_t i = 0; i < batch->used; ++i)
    buffer_free(batch->entries[i].buffer, batch->entries[i].bytes);
  bytes_ -= batch->bytes;
  budget_.subtract(batch->bytes);
  delete batch;
}

void retire(Slot& self, void* buffer, std::size_t bytes) noexcept {
  chaos_point(self, ChaosPoint::retire);
  if (fault(Fault::free_instead_of_retire)) {
    buffer_free(buffer, bytes);
    return;
  }
  if (self.retired->add(buffer, bytes)) return;
  // Once everybody has stopped, nobody reads it.
  { const StoppedWorld pause(self); }
  buffer_free(buffer, bytes);
}

void free_retired_in_pause(Slot& self) noexcept {
  const StoppedWorld pause(self);
  self.world.for_each_slot([](Slot& slot) { slot.retired->free_all(); });
}

}  // namespace threadmill
