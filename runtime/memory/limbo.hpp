// SPDX-License-Identifier: Apache-2.0
//
// Limbo (Fraser, "Practical lock-freedom", 2004, of his limbo lists): the empty pages of a
// world that are in no heap any more, and wait for late readers (page.hpp, G1) until they go
// back to the arena. They are what nobody would look at otherwise: of a thread that leaves,
// of one that detaches with more than its heap keeps, of slots whose holders are away while
// others free their blocks. Nobody has them, so nobody can leave with them (gh-145615).
// Whatever they have waited for in a heap, here they wait anew (empty_pages.hpp, P1).
//
//   who looks    whoever reports that it has seen a new epoch, or needs a page
//   keeper       one of those who have looked in vain: it looks at each of its safepoints,
//                until there is nothing, or it goes. So there is an attached thread that
//                looks, if one has come by since, and others need not
//
// Any attached thread calls it. Its lock is held while pages are put in, which is a few
// writes for each, or for a look at all slots or two, and a write to each page that waits.
#pragma once

#include <cstddef>

#include "runtime/base/annotations.hpp"
#include "runtime/base/config.hpp"
#include "runtime/memory/empty_pages.hpp"
#include "runtime/sync/mutex.hpp"
#include "runtime/thread/slot.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

class Limbo {
 public:
  // Moves at most `at_most` pages that nobody can look at any more to `unseen`. True:
  // `self`, which stays, is the keeper now.
  [[nodiscard]] bool look(Slot& self, EmptyPages& unseen, std::size_t at_most) noexcept;
  // `self`, or who held it, departs: takes all of `left`, which were taken out of its heap.
  // It is the keeper no more.
  void leave(Slot& self, EmptyPages& left) noexcept;
  // The same at a quiescent point of its holder, which looks once more: the pages may wait
  // for that alone.
  void leave(Slot& self,
             EmptyPages& left,
             EmptyPages& unseen,
             std::size_t at_most) noexcept;

  // Any page. In a pause, which is the grace period.
  [[nodiscard]] Page* take_in_pause(World& world) noexcept;

  [[nodiscard]] std::size_t size() noexcept {
    const MutexGuard guard(mutex_);
    return pages_.size();
  }

 private:
  void take_in(Slot& self, EmptyPages& left) noexcept TM_REQUIRES(mutex_);
  void take_unseen(World& world, EmptyPages& unseen, std::size_t at_most) noexcept
      TM_REQUIRES(mutex_);
  void note_size(World& world) noexcept TM_REQUIRES(mutex_);

  alignas(kCacheLine) Mutex mutex_;
  EmptyPages pages_ TM_GUARDED_BY(mutex_);
  Plain<SlotId> keeper_ TM_GUARDED_BY(mutex_) = 0;  // 0: none
};

}  // namespace threadmill
