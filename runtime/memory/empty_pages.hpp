// SPDX-License-Identifier: Apache-2.0
//
// EmptyPages: pages without a taken block, on their way back to the arena, and so to the
// system. Late readers may touch dead headers in them (page.hpp, G1), so each waits for
// the epoch to go on and for every slot to be quiescent afterwards (thread/qsbr.hpp).
// A heap has some, whose holder looks at each of its safepoints while there are too many;
// those of no heap are in limbo (limbo.hpp).
//
// Invariants
//   P1  goals ascend from the first page to the last; pages without one are at the end.
//       One goal of a list at most is waited for at a time, so pages that come and go do
//       not drive the epoch.
//   P2  a page of a heap stays findable for allocation while it waits, and its wait
//       ends when it is used (catalogue F19).
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/memory/page_list.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

class EmptyPages {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] Page* first() const noexcept { return pages_.first(); }

  void add(Page& page) noexcept {
    page.goal = 0;
    pages_.push_back(page);
    ++size_;
  }
  void remove(Page& page) noexcept {
    pages_.remove(page);
    --size_;
  }

  // Takes all of `others`, whose wait begins anew.
  void add_all(EmptyPages& others) noexcept {
    while (Page* page = others.first()) {
      others.remove(*page);
      add(*page);
    }
  }

  // The first page, if nobody can look at it any more; null: there is none yet. Pages that
  // came since wait from now on.
  [[nodiscard]] Page* first_unseen(World& world) noexcept;

 private:
  PageList<&Page::empty> pages_;
  Plain<std::size_t> size_ = 0;
  Plain<std::uint64_t> reached_ = 0;  // the last goal that was
};

}  // namespace threadmill
