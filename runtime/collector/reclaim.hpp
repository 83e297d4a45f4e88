// SPDX-License-Identifier: Apache-2.0
//
// Breaking unreachable cycles: in the pause each trash object gets one reference of the
// collector's, so none can die under it; with the world running their references to each
// other are dropped, then the collector's.
//
// Trash: what a collection has found. Once it is released for clearing, the collection's
// thread clears it batch by batch; threads that make the heap grow meanwhile take batches,
// too. Otherwise many of them would make garbage faster than one clears it, and the heap
// would grow without bound. So the end of a collection waits for user code of helpers, too:
// whoever collects with a lock in hand, for which a finalizer waits, may wait for ever.
//
// Invariants
//   T1  a thread that takes a batch is counted in `clearing_` before the lock is released,
//       and until the batch is cleared; so once the trash is empty under the lock and
//       nobody is counted, all of it has ended.
//
// Edges
//   batch-done   the clearing of a batch happens before the end of its collection
#pragma once

#include <cstdint>

#include "runtime/base/chunk_stack.hpp"
#include "runtime/object/header.hpp"
#include "runtime/sync/word_lock.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

class Trash {
 public:
  // In the pause of its collection, alone: where find_unreachable() puts what it finds.
  [[nodiscard]] ChunkStack<Object>& found() noexcept
      TM_REQUIRES(stopped_world) TM_NO_THREAD_SAFETY_ANALYSIS {
    return objects_;
  }
  // Gives each object a reference of the collector's.
  void hold() noexcept TM_REQUIRES(stopped_world);
  // Forgets what was found, of which nothing is held.
  void forget() noexcept TM_REQUIRES(stopped_world);

  // For the thread of the collection, before release(): what was found, and held.
  [[nodiscard]] const ChunkStack<Object>& held() const noexcept
      TM_NO_THREAD_SAFETY_ANALYSIS {
    return objects_;
  }
  // From now on it may be cleared, but for what is spared, which is only let go.
  void release() noexcept;

  // Clears one batch; false: none was left. `self` is the slot of this thread; the world
  // runs. Runs destructors, and passes safepoints.
  bool clear_batch(Slot& self) noexcept;

  // For the thread of the collection: clears all, and waits for those who help. Then
  // nothing is released.
  void clear_all(Slot& self) noexcept;

 private:
  static constexpr std::size_t kBatch = 64;

  std::size_t take_batch(Object** batch) noexcept;

  WordLock lock_;
  ChunkStack<Object> objects_ TM_GUARDED_BY(lock_);
  bool released_ TM_GUARDED_BY(lock_) = false;
  Atomic<std::uint32_t> clearing_;  // threads that have a batch
};

}  // namespace threadmill
