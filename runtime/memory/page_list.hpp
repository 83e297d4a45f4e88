// SPDX-License-Identifier: Apache-2.0
//
// PageList: pages in a row, each of which can be taken out of the middle. A page has a
// link for each list that it can be in at the same time. For whoever has the heap.
#pragma once

#include "runtime/base/assert.hpp"
#include "runtime/memory/page.hpp"

namespace threadmill {

template <PageLink Page::*link>
class PageList {
 public:
  [[nodiscard]] Page* first() const noexcept { return first_; }
  [[nodiscard]] Page* last() const noexcept { return last_; }
  [[nodiscard]] static Page* after(Page& page) noexcept { return (page.*link).next; }
  [[nodiscard]] static Page* before(Page& page) noexcept {
    return (page.*link).previous;
  }

  void push_front(Page& page) noexcept {
    (page.*link).next = first_;
    (page.*link).previous = nullptr;
    (first_ != nullptr ? (first_->*link).previous : last_) = &page;
    first_ = &page;
  }

  void push_back(Page& page) noexcept {
    (page.*link).next = nullptr;
    (page.*link).previous = last_;
    (last_ != nullptr ? (last_->*link).next : first_) = &page;
    last_ = &page;
  }

  // `page` is in this list.
  void remove(Page& page) noexcept {
    Page* const next = (page.*link).next;
    Page* const previous = (page.*link).previous;
    TM_ASSERT(previous != nullptr ? (previous->*link).next == &page : first_ == &page,
              "removed-from-its-list",
              "a page is removed from a list that it is not in");
    (previous != nullptr ? (previous->*link).next : first_) = next;
    (next != nullptr ? (next->*link).previous : last_) = previous;
  }

 private:
  Plain<Page*> first_;
  Plain<Page*> last_;
};

}  // namespace threadmill
