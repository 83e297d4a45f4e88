// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/heap.hpp"

#include <cstring>

#include "runtime/thread/world.hpp"

namespace threadmill {

Page* Heap::page_with_free_block(std::size_t size_class) noexcept {
  if (current_[size_class] != nullptr) slot_.world.hooks().page_used_up(slot_);
  if (Page* page = find_page(size_class)) return page;
  slot_.world.hooks().before_growth(slot_);
  if (Page* page = find_page(size_class)) return page;
  return current_[size_class] = add_page(size_class);
}

Page* Heap::find_page(std::size_t size_class) noexcept {
  Plain<Page*>& current = current_[size_class];
  // A free list that is not empty: a hook took this page, and freed in it.
  if (current != nullptr && (current->free_list != 0 || extend_free_list(*current)))
    return current;
  // The full page stays out of the list of pages with space until a block of it is freed.
  if (current != nullptr) current->has_space_listed = false;
  current = nullptr;
  if (with_space_[size_class] == nullptr) collect_remote_frees();
  while (Page* page = with_space_[size_class]) {
    with_space_[size_class] = page->next_with_space;
    if (page->free_list != 0 || extend_free_list(*page)) {
      note_young(*page);
      return current = page;
    }
    page->has_space_listed = false;
  }
  return nullptr;
}

// Hands out fresh blocks a few at a time, so that a page's memory is touched as needed.
void Heap::note_in_use(const Page& page) noexcept {
  const SideTables& side = arena_.side();
  side.marks()[side.number_of(page)] = SideTables::kInUse | SideTables::kHasYoung;
}

void Heap::note_young(const Page& page) noexcept {
  const SideTables& side = arena_.side();
  side.marks()[side.number_of(page)] |= SideTables::kHasYoung;
}

void Heap::note_current_pages_young() noexcept {
  for (Page* page : current_) {
    if (page != nullptr) note_young(*page);
  }
}

bool Heap::extend_free_list(Page& page) noexcept {
  constexpr std::uint32_t kBatchBytes = 2048;
  const std::uint32_t left = page.block_count - page.handed_out;
  if (left == 0) return false;
  std::uint32_t batch = kBatchBytes / page.block_bytes;
  if (batch > left) batch = left;
  std::uint32_t next = page.free_list;
  for (std::uint32_t i = batch; i > 0; --i) {
    void* block = page.block(page.handed_out + i - 1);
    unpoison(block, 16);
    std::memset(block, 0, 16);  // recycled: page.hpp, G1: nobody reads it
    poison_dead(static_cast<char*>(block) + 16, page.block_bytes - 16);
    block_word(block).store(next, relaxed);  // relaxed: the holder owns its free list
    next = page.offset_of(block);
  }
  page.free_list = next;
  page.handed_out += batch;
  return true;
}

Page* Heap::add_page(std::size_t size_class) noexcept {
  Page* page = arena_.take_page();
  if (page == nullptr) return nullptr;
  prepare_page(*page, *this, static_cast<std::uint32_t>(size_class));
  page->next_of_class = pages_[size_class];
  pages_[size_class] = page;
  page->has_space_listed = true;  // it is the current page
  note_in_use(*page);
  return extend_free_list(*page) ? page : nullptr;
}

void Heap::free_remote(Page& page, void* block) noexcept {
  const std::uint32_t offset = page.offset_of(block);
  std::uint32_t head = page.remote.load(relaxed);  // relaxed: confirmed by the cas
  do {
    block_word(block).store(head, relaxed);  // relaxed: published by the cas
    // edge: remote-free-handover, remote-list-reuse
  } while (!page.remote.cas(head, offset, acq_rel));
  if (head != 0) return;
  // page.hpp, G2: this thread made the list non-empty, so the page is its to announce.
  Atomic<Page*>& announced = page.heap->with_remote_;
  Page* first = announced.load(relaxed);  // relaxed: confirmed by the cas
  do {
    page.next_with_remote = first;
    // edge: remote-free-handover
  } while (!announced.cas(first, &page, release));
  if (fault(Fault::touch_after_abandon))
    static_cast<void>(static_cast<Page*>(page.next_with_remote));
}

void Heap::collect_remote_frees() noexcept {
  // edge: remote-free-handover
  Page* page = fault(Fault::weak_cas_release_only)
                   ? with_remote_.exchange(nullptr, release)
                   : with_remote_.exchange(nullptr, acquire);
  while (page != nullptr) {
    Page* next = page->next_with_remote;
    // edge: remote-free-handover, remote-list-reuse
    std::uint32_t offset = page->remote.exchange(0, acq_rel);
    while (offset != 0) {
      void* block = page->block_at_offset(offset);
      const auto after = static_cast<std::uint32_t>(
          block_word(block).load(relaxed));  // relaxed: the exchange took the list
      block_word(block).store(page->free_list, relaxed);  // relaxed: as in allocate
      page->free_list = offset;
      --page->in_use;
      offset = after;
    }
    if (!page->has_space_listed) list_space(*page);
    page = next;
  }
}

void Heap::flush_quarantine() noexcept {
  if constexpr (kQuarantine) {
    for (void*& entry : quarantine_) {
      if (entry != nullptr) free_now(page_of(entry), entry);
      entry = nullptr;
    }
  }
}

void Heap::tidy_in_pause() noexcept {
  if (!fault(Fault::pool_of_thread_records_freed_elsewhere)) collect_remote_frees();
  for (std::size_t size_class = 0; size_class < kSizeClasses; ++size_class) {
    Plain<Page*>& current = current_[size_class];
    Page* page = pages_[size_class];
    pages_[size_class] = nullptr;
    with_space_[size_class] = nullptr;
    while (page != nullptr) {
      Page* next = page->next_of_class;
      if (page->in_use == 0) {
        // Everybody is at a safepoint, which is the grace period that G1 (page.hpp)
        // asks for.
        if (current == page) current = nullptr;
        free_side_tables(*page);
        arena_.give_page(*page);
      } else {
        page->next_of_class = pages_[size_class];
        pages_[size_class] = page;
        page->has_space_listed = page == current;
        const bool has_space =
            page->free_list != 0 || page->handed_out < page->block_count;
        if (has_space && page != current) list_space(*page);
      }
      page = next;
    }
  }
}

}  // namespace threadmill
