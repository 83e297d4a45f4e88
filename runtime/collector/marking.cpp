// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/marking.hpp"

#include "runtime/collector/untrack.hpp"
#include "runtime/sync/os_wait.hpp"

namespace threadmill {

namespace {

// Objects whose memory is on its way while one is traversed.
constexpr std::uint32_t kAhead = 12;

// What an object refers to was made before it, mostly, and often just before it.
void fetch_before(const Object& object) noexcept {
  __builtin_prefetch(reinterpret_cast<const char*>(&object) - 768);
}

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
  side_.marks()[page] ^= SideTables::kQueued | SideTables::kTraversed;
  if (alone_) return page;
  // relaxed, both: as above
  queue.size.store(queue.size.load(relaxed) - 1, relaxed);
  return page;
}

void GreyPages::leave(std::uint32_t page, bool again) noexcept {
  std::uint8_t& marks = side_.marks()[page];
  marks ^= SideTables::kTraversed;
  if (again) append(page, marks);
}

bool GreyPages::is_over() noexcept {
  if (alone_) return true;
  working_.fetch_sub(1, acq_rel);  // edge: marking-done
  while (!has_any()) {
    // Who is not at work adds nothing. edge: marking-done
    if (working_.load(acquire) == 0 && !has_any()) return true;
    os_yield();
  }
  begin_work();
  return false;
}

void Marking::copy_white(std::uint32_t page, std::uint64_t* white) noexcept {
  const PartitionLocks::Guard guard(locks(), partition_of_page(page));
  const SideTables::Colours* const colours = side().colours() + page * kWords;
  for (std::uint32_t word = 0; word < kWords; ++word) white[word] = colours[word].white;
}

void Marking::reach_all(std::uint32_t page, const std::uint64_t* these) noexcept {
  const PartitionLocks::Guard guard(locks(), partition_of_page(page));
  SideTables::Colours* const colours = side().colours() + page * kWords;
  std::uint64_t any = 0;
  for (std::uint32_t word = 0; word < kWords; ++word) {
    const std::uint64_t reached = these[word] & colours[word].white;
    colours[word].grey |= reached;
    any |= reached;
  }
  grey_.add_if(any, page);
}

void Marking::enter(std::uint32_t page) noexcept {
  page_ = page;
  pending_size_ = 0;
  Page& its_page = side().page(page);
  page_base_ = reinterpret_cast<char*>(&its_page);
  SideTables::Colours* const colours = side().colours() + page * kWords;
  for (std::uint32_t word = 0; word < kWords; ++word) {
    const std::uint64_t reached = colours[word].grey & colours[word].white;
    white_[word] = colours[word].white ^ reached;
    colours[word].grey = 0;
    for (std::uint64_t bits = reached; bits != 0; bits &= bits - 1) {
      const auto bit = static_cast<std::uint32_t>(std::countr_zero(bits));
      pend(its_page.offset_of(&Scope::object_at(its_page, word * 64 + bit)));
    }
  }
}

void Marking::traverse_pending() noexcept {
  const std::uint32_t entered =
      pending_size_;  // others are fetched as they are reached
  for (std::uint32_t next = 0; next != pending_size_;) {
    if (next + kAhead < entered) fetch(pending_[next + kAhead]);
    auto& object = *reinterpret_cast<Object*>(page_base_ + pending_[next++]);
    fetch_before(object);
    const Type& type = type_of(object);
    if (!type.is_fixed || !untracks_ || !untrack_if_atomic(type, object))
      type.traverse(object, *this);
    if (next == pending_size_) distribute();
  }
}

void Marking::leave() noexcept {
  SideTables::Colours* const colours = side().colours() + page_ * kWords;
  std::uint64_t others_reached = 0;
  for (std::uint32_t word = 0; word < kWords; ++word) {
    colours[word].white = white_[word];
    colours[word].grey &= white_[word];
    others_reached |= colours[word].grey;
  }
  grey_.leave(page_, others_reached != 0);
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
    }
    traverse_pending();
    const PartitionLocks::Guard guard(locks(), at);
    leave();
    return true;
  }
  return false;
}

}  // namespace threadmill
