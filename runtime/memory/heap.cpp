// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/heap.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/base/fault.hpp"
#include "runtime/thread/claim.hpp"
#include "runtime/thread/qsbr.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

namespace {

// Pages that are given back in one go: some microseconds each.
constexpr std::size_t kAtOnce = 16;

}  // namespace

Page* Heap::page_with_free_block(std::size_t size_class) noexcept {
  if (current_[size_class] != nullptr) slot_.world.hooks().page_used_up(slot_);
  if (Page* page = find_page(size_class)) return page;
  // While a block is left: each page of a full arena that is used up costs a collection.
  if (arena_.is_full()) {
    if (Page* page = page_with_few_free(size_class)) return current_[size_class] = page;
  }
  slot_.world.hooks().before_growth(slot_);
  if (Page* page = find_page(size_class)) return page;
  if (look_at_limbo(2)) will_give_pages();  // a world that grows empties limbo
  Page* page = add_page(size_class);
  if (page == nullptr) page = page_with_few_free(size_class);
  return current_[size_class] = page;
}

// H1, in a full arena. None is current. What is looked at goes to the end of the list, so
// that pages which are used up one after the other are gone through once.
Page* Heap::page_with_few_free(std::size_t size_class) noexcept {
  PagesOfClass& pages = pages_[size_class];
  Page* const first = pages.first();
  for (Page* page = first; page != nullptr;) {
    pages.remove(*page);
    pages.push_back(*page);
    if (page->free_list != 0) {
      page->has_space_listed = true;  // it is the current page
      note_young(*page);
      return page;
    }
    page = pages.first() == first ? nullptr : pages.first();
  }
  return nullptr;
}

Page* Heap::find_page(std::size_t size_class) noexcept {
  Plain<Page*>& current = current_[size_class];
  // A free list that is not empty: a hook took this page, and freed in it.
  if (current != nullptr && (current->free_list != 0 || extend_free_list(*current)))
    return current;
  // The full page stays out of the list of pages with space until enough of it is free.
  if (current != nullptr) current->has_space_listed = false;
  current = nullptr;
  if (with_space_[size_class].first() == nullptr) collect_remote_frees();
  while (Page* page = with_space_[size_class].first()) {
    with_space_[size_class].remove(*page);
    if (page->is_spare) {
      spare_.remove(*page);
      page->is_spare = false;
    }
    if (page->free_list != 0 || extend_free_list(*page)) {
      note_young(*page);
      return current = page;
    }
    page->has_space_listed = false;
  }
  return nullptr;
}

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

// Hands out fresh blocks a few at a time, so that a page's memory is touched as needed.
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
  pages_[size_class].push_front(*page);
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
  if (head == 0) {
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
  told_ += page.block_bytes;
  // G1: the page stays as it is until this thread comes to a safepoint.
  if (told_ >= kTellBytes) tell_owners();
}

// H2: what this thread has freed may have emptied pages of others.
void Heap::tell_owners() noexcept {
  told_ = 0;
  tells_again_ = false;
  bool some_are_there = false;
  slot_.world.for_each_slot([&](Slot& owner) {
    // relaxed: its own frees this thread sees, and others see to theirs
    if (&owner == &slot_ || owner.heap->with_remote_.load(relaxed) == nullptr) return;
    if (take_back_for(owner)) return;
    // H5. edge: pages-asked, inbox-or-state (seq_cst: see inbox_list.hpp; a
    // read-modify-write: it goes on with what others asked for)
    (void)owner.asked_for_pages.exchange(true, seq_cst);
    if (take_back_for(owner)) return;  // it has departed meanwhile
    // relaxed: whoever is not there, or is asked to stop, may not see it
    const std::uint32_t state = owner.state.load(relaxed);
    const bool is_there =
        slot_state::is_attached(state) && (state & slot_state::kSuspended) == 0;
    if (!is_there) tells_again_ = true;
    some_are_there = true;
  });
  if (some_are_there) (void)advance_epoch(slot_.world);
  if (tells_again_) will_give_pages();
}

void Heap::collect_remote_frees() noexcept {
  // relaxed: what comes later is there for the next time
  if (with_remote_.load(relaxed) == nullptr) return;
  // edge: remote-free-handover
  Page* page = fault(Fault::weak_cas_release_only)
                   ? with_remote_.exchange(nullptr, release)
                   : with_remote_.exchange(nullptr, acquire);
  while (page != nullptr) {
    Page* next = page->next_with_remote;
    // edge: remote-free-handover, remote-list-reuse
    std::uint32_t offset = page->remote.exchange(0, acq_rel);
    while (offset != 0) {
      void* block = page->linked_block(offset);
      const auto after = static_cast<std::uint32_t>(
          block_word(block).load(relaxed));  // relaxed: the exchange took the list
      block_word(block).store(page->free_list, relaxed);  // relaxed: as in allocate
      page->free_list = offset;
      --page->in_use;
      offset = after;
    }
    if (!fault(Fault::full_queue_page_orphan)) note_freed(*page);
    page = next;
  }
}

void Heap::note_empty(Page& page) noexcept {
  PagesWithSpace& with_space = with_space_[page.size_class];
  // What is not empty is used first.
  with_space.remove(page);
  with_space.push_back(page);
  spare_.add(page);
  page.is_spare = true;
  if (spare_.size() > kSpare) will_give_pages();
}

void Heap::will_give_pages() noexcept {
  slot_.gives_pages = true;
  look_again(slot_);
}

// `page` is empty: it is allocated from no more.
void Heap::forget(Page& page) noexcept {
  spare_.remove(page);
  page.is_spare = false;
  with_space_[page.size_class].remove(page);
  pages_[page.size_class].remove(page);
}

void Heap::give(Page& page) noexcept {
  free_side_tables(page);
  arena_.give_page(page);
}

void Heap::give_all(EmptyPages& unseen) noexcept {
  while (Page* page = unseen.first()) {
    unseen.remove(*page);
    give(*page);
  }
}

// How many pages it may give back now.
std::size_t Heap::at_once(std::size_t at_most) const noexcept {
  return slot_.world.pages_stay.load(relaxed) ? 0 : at_most;  // relaxed: set in a pause
}

// True: its holder is the keeper.
bool Heap::look_at_limbo(std::size_t at_most) noexcept {
  EmptyPages unseen;
  const bool keeps = arena_.limbo().look(slot_, unseen, at_once(at_most));
  give_all(unseen);
  return keeps;
}

// Gives what nobody can look at any more. What has no goal gets one.
void Heap::give_spare() noexcept {
  for (std::size_t left = at_once(kAtOnce); left > 0 && spare_.size() > kSpare;
       --left) {
    Page* page = spare_.first_unseen(slot_.world);
    if (page == nullptr) return;
    forget(*page);
    give(*page);
  }
}

void Heap::give_back_pages() noexcept {
  if (tells_again_) tell_owners();
  // relaxed: the exchange decides
  if (slot_.asked_for_pages.load(relaxed)) {
    (void)slot_.asked_for_pages.exchange(false, acquire);  // edge: pages-asked
    collect_remote_frees();
  }
  const bool keeps = look_at_limbo(kAtOnce);
  give_spare();
  slot_.gives_pages = false;
  if (keeps || tells_again_ || spare_.size() > kSpare) will_give_pages();
}

// All spare pages but `keep`. False: nobody need hear of it.
bool Heap::take_out_spare(std::size_t keep, EmptyPages& left) noexcept {
  while (spare_.size() > keep) {
    Page& page = *spare_.first();
    forget(page);
    left.add(page);
  }
  const bool matters = slot_.gives_pages || left.size() != 0;
  slot_.gives_pages = tells_again_;  // by who holds the slot next
  return matters;
}

void Heap::prepare_to_depart(bool for_good) noexcept {
  if (for_good) collect_remote_frees();
  EmptyPages left;
  if (!take_out_spare(for_good ? 0 : kSpare, left)) return;
  if (fault(Fault::leaver_orphans_page)) {
    if (Page* page = left.first()) left.remove(*page);
  }
  std::size_t given;
  do {
    EmptyPages unseen;
    arena_.limbo().leave(slot_, left, unseen, at_once(kAtOnce));
    given = unseen.size();
    give_all(unseen);
    // Nobody may come after who leaves for good. relaxed: a poll
  } while (for_good && given == kAtOnce &&
           (slot_.state.load(relaxed) & slot_state::kSuspended) == 0);
}

// In the name of a slot whose holder is away.
void Heap::leave_behind(std::size_t keep) noexcept {
  collect_remote_frees();
  EmptyPages left;
  if (take_out_spare(keep, left)) arena_.limbo().leave(slot_, left);
}

void Heap::abandon() noexcept { leave_behind(0); }

// False: `absent` has a holder who is there, or a claimer, or the world is stopped.
bool Heap::take_back_for(Slot& absent) noexcept {
  {
    const Claim claim(absent);
    if (!claim) return false;
    // relaxed: whether it has a holder, who may come back for its spare pages
    const std::uint32_t mode = absent.state.load(relaxed) & slot_state::kModeMask;
    absent.heap->leave_behind(mode == slot_state::kVacant ? 0 : kSpare);
  }
  will_give_pages();  // so that this thread looks at limbo
  // slot.hpp, S3
  if (!absent.inbox.is_empty_after_leaving())
    slot_.world.hooks().help_slot(slot_, absent);
  return true;
}

void Heap::flush_quarantine() noexcept {
  if constexpr (kQuarantine) {
    for (void*& entry : quarantine_) {
      if (entry != nullptr) free_now(page_of(entry), entry);
      entry = nullptr;
    }
  }
}

// Everybody is at a safepoint, which is the grace period that G1 (page.hpp) asks for.
void Heap::tidy_in_pause() noexcept {
  collect_remote_frees();
  while (Page* page = arena_.limbo().take_in_pause(slot_.world)) give(*page);
  for (std::size_t size_class = 0; size_class < kSizeClasses; ++size_class) {
    PagesOfClass& pages = pages_[size_class];
    Page* page = pages.first();
    while (page != nullptr) {
      Page* next = pages.after(*page);
      if (page->in_use == 0) drop(*page);
      page = next;
    }
  }
}

// The same for one page, whatever list it is in.
void Heap::drop(Page& page) noexcept {
  Plain<Page*>& current = current_[page.size_class];
  if (page.is_spare) {
    forget(page);
  } else {
    if (current == &page)
      current = nullptr;
    else if (page.has_space_listed)
      with_space_[page.size_class].remove(page);
    pages_[page.size_class].remove(page);
  }
  give(page);
}

}  // namespace threadmill
