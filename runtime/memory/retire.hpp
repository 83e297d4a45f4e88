// SPDX-License-Identifier: Apache-2.0
//
// Retired buffers: memory that was unlinked under lock-free readers and is freed after a
// grace period (thread/qsbr.hpp). Each slot has a list; its holder adds and frees, a
// pause may too, and the next holder of a vacant slot inherits what is left.
//
// Buffers are collected into batches; a batch is closed when it is full or holds
// kBatchBytes, and only then advances the epoch and gets its goal, so a goal is never
// older than any unlinking in the batch (catalogue F6). While a closed batch waits, each
// safepoint of the holder looks whether its readers have left. The budget is in bytes,
// because one buffer may be large (retire_budget.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/system_memory.hpp"
#include "runtime/memory/retire_budget.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

class RetireList : public SystemAllocated {
 public:
  static constexpr std::size_t kBatchBytes = std::size_t{1} << 16;

  RetireList(Slot& slot, RetireBudget& budget) noexcept
      : slot_(slot), budget_(budget) {}
  ~RetireList();

  RetireList(const RetireList&) = delete;
  RetireList& operator=(const RetireList&) = delete;

  // Takes `buffer`, of `bytes`, which no new reader can find. False: out of memory, and
  // the caller still has it.
  [[nodiscard]] bool add(void* buffer, std::size_t bytes) noexcept;

  // At a quiescent point of the holder: frees the batches whose goal is reached.
  void free_reached() noexcept;

  // In a pause, or with no other thread left: frees everything.
  void free_all() noexcept;

  [[nodiscard]] const RetireBudget& budget() const noexcept { return budget_; }

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  // The most at a time.
  [[nodiscard]] std::size_t most_bytes() const noexcept { return most_bytes_; }
  // Of the largest buffer that was ever in it.
  [[nodiscard]] std::size_t largest_buffer() const noexcept { return largest_buffer_; }

 private:
  struct Batch;

  void close_open_batch() noexcept;
  void free_batch(Batch* batch) noexcept;

  void note_what_is_left() noexcept;

  Slot& slot_;
  RetireBudget& budget_;
  Plain<Batch*> open_ = nullptr;
  Plain<Batch*> first_closed_ = nullptr;  // oldest; goals ascend
  Plain<Batch*> last_closed_ = nullptr;
  Plain<std::size_t> bytes_ = 0;
  std::size_t most_bytes_ = 0;
  std::size_t largest_buffer_ = 0;
};

// Frees `buffer`, which the caller has unlinked from what others read, after a grace
// period. `self` is the slot of this thread, attached, and outside any section: if there
// is no memory to remember the buffer, this stops the world once.
void retire(Slot& self, void* buffer, std::size_t bytes) noexcept;

// `self` is the slot of this thread, attached and at a safepoint, and its list is over its
// budget: frees the lists of all slots in a pause.
void free_retired_in_pause(Slot& self) noexcept;

}  // namespace threadmill
