// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/marking.hpp"

#include "runtime/sync/os_wait.hpp"

namespace threadmill {

namespace {
// Objects whose memory is on its way while one is traversed.
constexpr std::uint32_t kAhead = 12;
}  // namespace

void GreyPages::append(std::uint32_t page, std::uint8_t& marks) noexcept {
  marks |= SideTables::kQueued;
  Queue& queue = queues_[partition_of_page(page)];
  side_.queue()[page] = kNone;
  if (queue.first == kNone)
    queue.first = page;
  else
    side_.queue()[queue.last] = page;
  queue.last = page;
  if (alone_) return;
  // relaxed, both: changed under the lock, read as a hint
  queue.size.store(queue.size.load(relaxed) + 1, relaxed);
}

std::uint32_t GreyPages::take(std::uint32_t partition) noexcept {
  Queue& queue = queues_[partition];
  const std::uint32_t page = queue.first;
  if (page == kNone) return kNone;
  queue.first = side_.queue()[page];
  side_.marks()[page] &= static_cast<std::uint8_t>(~SideTables::kQueued);
  if (alone_) return page;
  // relaxed, both: as above
  queue.size.store(queue.size.load(relaxed) - 1, relaxed);
  return page;
}

bool GreyPages::is_over() noexcept {
  if (alone_) return true;
  working_.fetch_sub(1, acq_rel);  // edge: marking-done
  while (!may_have_any()) {
    // Who is not at work adds nothing. edge: marking-done
    if (working_.load(acquire) == 0 && !may_have_any()) return true;
    os_yield();
  }
  begin_work();
  return false;
}

void Marking::take_grey() noexcept {
  std::uint64_t* grey = side().grey() + page_ * SideTables::kWordsPerPage;
  for (std::uint32_t word = 0; word < SideTables::kWordsPerPage; ++word) {
    for (std::uint64_t bits = grey[word]; bits != 0; bits &= bits - 1)
      pend(word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)));
    grey[word] = 0;
  }
}

void Marking::traverse_pending() noexcept {
  Page& page = side().page(page_);
  while (pending_size_ != 0) {
    while (pending_size_ != 0) {
      if (pending_size_ > kAhead) fetch(pending_[pending_size_ - 1 - kAhead]);
      Object& object = Scope::object_at(page, pending_[--pending_size_]);
      type_of(object).traverse(object, Visitor(*this));
    }
    finish(partition_of_page(page_));
  }
  page_ = GreyPages::kNone;
}

bool Marking::traverse_next(std::uint32_t partition) noexcept {
  for (std::uint32_t i = 0; i < kPartitions; ++i) {
    const std::uint32_t at = (partition + i) % kPartitions;
    if (!grey_.may_have(at)) continue;
    {
      const PartitionLocks::Guard guard(locks(), at);
      const std::uint32_t page = grey_.take(at);
      if (page == GreyPages::kNone) continue;
      enter(page);
      take_grey();
    }
    traverse_pending();
    return true;
  }
  return false;
}

}  // namespace threadmill
