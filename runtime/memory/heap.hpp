// SPDX-License-Identifier: Apache-2.0
//
// Heap: the pages of one slot. Its holder allocates and frees without atomics; any other
// attached thread frees by pushing the block on its page's remote list. A heap outlives
// its holders: the next one inherits it with the slot.
//
// Of the pages that have become empty a heap keeps kSpare, and gives the others back while
// threads run (empty_pages.hpp). It does not know what others free until it takes that
// back, so who has freed kTellBytes of other slots' sees to it for all of them: sends the
// empty pages of a slot whose holder is away to limbo (limbo.hpp), asks a holder who is
// there (gh-145615).
//
// Invariants
//   H1  a full page is allocated from again when an eighth of it is free (rounded down),
//       sooner only if the arena is full. A young collection passes over the whole of each
//       page that has young objects, so it costs eight blocks for each of them, or nine.
//   H2  what a thread has freed of other slots', and nobody has been told of, is less than
//       kTellBytes.
//   H3  a page that was taken from the arena, and not given back, is in `pages_` of one
//       heap or in limbo. Without it the page is lost: held.hpp counts such pages.
//   H4  a page of `pages_` with has_space_listed is current or in `with_space_`. Without it
//       a page is removed from a list that it is not in, which cuts that list.
//   H5  a holder that was asked to take back what others freed does so at its next
//       safepoint, as it departs, or when it comes back; of asker and departing holder one
//       sees the other (inbox-or-state, thread/inbox_list.hpp). Who can neither ask nor take
//       back, because of a claim or a pause, tries again at its safepoints.
//   H6  who has departed keeps kSpare empty pages at most, and none if it has left for good,
//       beside those that it allocated from, and those of which H2 or H5 still takes care.
//
// Edges
//   pages-asked   what a thread freed in pages of a slot happens before the slot's holder
//                 takes back what it was asked to
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/config.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/base/system_memory.hpp"
#include "runtime/memory/allocation_counts.hpp"
#include "runtime/memory/arena.hpp"
#include "runtime/memory/empty_pages.hpp"
#include "runtime/memory/page.hpp"
#include "runtime/memory/page_list.hpp"
#include "runtime/memory/poison.hpp"
#include "runtime/memory/size_class.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

class Heap : public SystemAllocated {
 public:
  static constexpr std::size_t kSpare = kExplored ? 1 : 16;
  static constexpr std::size_t kTellBytes = kExplored ? 2048 : std::size_t{1} << 20;

  Heap(Arena& arena, Slot& slot) noexcept : arena_(arena), slot_(slot) {}

  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  [[nodiscard]] Arena& arena() noexcept { return arena_; }
  [[nodiscard]] AllocationCounts& counts() noexcept { return counts_; }

  // A block for `bytes` (at most kMaxObjectBytes), its first two words as a dead header
  // left them, the rest not initialised. Null: out of memory. Holder only, at a
  // safepoint.
  [[nodiscard]] void* allocate(std::size_t bytes) noexcept {
    const std::size_t size_class = size_class_of(bytes);
    Page* page = current_[size_class];
    if (page == nullptr || page->free_list == 0) [[unlikely]] {
      page = page_with_free_block(size_class);
      if (page == nullptr) return nullptr;
    }
    void* block = page->linked_block(page->free_list);
    // relaxed: the holder owns its free list; atomic because late readers load it too
    page->free_list = static_cast<std::uint32_t>(block_word(block).load(relaxed));
    ++page->in_use;
    unpoison_fresh(static_cast<char*>(block) + 16, page->block_bytes - 16);
    return block;
  }

  // Frees `block`, of any heap; this heap is the calling thread's. The header refuses
  // references and the block is not live.
  void free(void* block) noexcept {
    Page& page = page_of(block);
    poison_dead(static_cast<char*>(block) + 16, page.block_bytes - 16);
    if constexpr (kQuarantine) {
      if (slot_.chaos.reuses_late) {
        block = exchange_quarantined(block);
        if (block != nullptr) free_now(page_of(block), block);
        return;
      }
    }
    free_now(page, block);
  }

  // Blocks that wait in quarantine are freed. Holder, or in a pause.
  void flush_quarantine() noexcept;

  // At a quiescent point of the holder: gives back what it has too many of.
  void give_back_pages() noexcept;

  // The holder is about to leave for good, or to detach, and has no pointer that it read
  // without a reference: gives back what is empty (H6).
  void prepare_to_depart(bool for_good) noexcept;
  // The slot has no holder any more. In a pause.
  void abandon() noexcept;

  // Takes back what others freed, and gives empty pages to the arena. In a pause.
  void tidy_in_pause() noexcept;

  // After a collection has called all objects older: what is born next is young, and is
  // born in these pages. In a pause.
  void note_current_pages_young() noexcept;

  template <class Visit>
  void for_each_page(Visit visit) const noexcept {
    for (const PagesOfClass& pages : pages_) {
      for (Page* page = pages.first(); page != nullptr; page = pages.after(*page))
        visit(*page);
    }
  }

 private:
  using PagesOfClass = PageList<&Page::of_class>;
  using PagesWithSpace = PageList<&Page::with_space>;

  static constexpr std::size_t kQuarantined = 256;

  void free_now(Page& page, void* block) noexcept {
    if (page.heap != this && !fault(Fault::wrong_thread_page_list)) {
      free_remote(page, block);
      return;
    }
    // relaxed: as in allocate
    block_word(block).store(page.free_list, relaxed);
    page.free_list = page.offset_of(block);
    --page.in_use;
    note_freed(page);
  }

  // Blocks of `page`, which is of this heap.
  void note_freed(Page& page) noexcept {
    if (!page.has_space_listed && page.in_use <= page.most_in_use) list_space(page);
    if (page.in_use == 0 && current_[page.size_class] != &page) [[unlikely]]
      note_empty(page);
  }

  void* exchange_quarantined(void* block) noexcept {
    void* oldest = quarantine_[quarantine_next_];
    quarantine_[quarantine_next_] = block;
    quarantine_next_ = (quarantine_next_ + 1) % kQuarantined;
    return oldest;
  }

  void list_space(Page& page) noexcept {
    page.has_space_listed = true;
    with_space_[page.size_class].push_front(page);
  }

  [[nodiscard]] Page* page_with_free_block(std::size_t size_class) noexcept;
  [[nodiscard]] Page* find_page(std::size_t size_class) noexcept;
  [[nodiscard]] Page* page_with_few_free(std::size_t size_class) noexcept;
  [[nodiscard]] static bool extend_free_list(Page& page) noexcept;
  [[nodiscard]] Page* add_page(std::size_t size_class) noexcept;
  void note_in_use(const Page& page) noexcept;
  void note_young(const Page& page) noexcept;
  void free_remote(Page& page, void* block) noexcept;
  void collect_remote_frees() noexcept;
  void note_empty(Page& page) noexcept;
  void leave_behind(std::size_t keep) noexcept;
  void will_give_pages() noexcept;
  void forget(Page& page) noexcept;
  void give(Page& page) noexcept;
  void give_all(EmptyPages& unseen) noexcept;
  void give_spare() noexcept;
  [[nodiscard]] std::size_t at_once(std::size_t at_most) const noexcept;
  [[nodiscard]] bool look_at_limbo(std::size_t at_most) noexcept;
  [[nodiscard]] bool take_out_spare(std::size_t keep, EmptyPages& left) noexcept;
  void drop(Page& page) noexcept;
  bool take_back_for(Slot& absent) noexcept;
  void tell_owners() noexcept;

  Arena& arena_;
  Slot& slot_;
  PagesWithSpace with_space_[kSizeClasses]{};  // others with a free or fresh block
  PagesOfClass pages_[kSizeClasses]{};         // all
  EmptyPages spare_;                           // of `with_space_`
  Plain<std::size_t> told_ = 0;  // bytes freed in pages of others since tell_owners()
  Plain<bool> tells_again_ = false;  // H5: it did not come to everybody
  AllocationCounts counts_;
  // Allocated from; null at first. Behind what is big: pages, slots and heaps begin at
  // multiples of 4 KiB, and what is hot in each must not meet in one set of the cache.
  Plain<Page*> current_[kSizeClasses]{};
  void* quarantine_[kQuarantine ? kQuarantined : 1]{};
  std::size_t quarantine_next_ = 0;

  // page.hpp, G2: pages whose `remote` became non-empty. Any thread pushes.
  alignas(kCacheLine) Atomic<Page*> with_remote_;
};

}  // namespace threadmill
