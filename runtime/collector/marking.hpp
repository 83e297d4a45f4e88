// SPDX-License-Identifier: Apache-2.0
//
// Marking: reaching objects from objects. What is reached and not traversed yet is grey: a
// bit, and the page in a queue of pages. Of a page that comes to its turn all grey objects
// are traversed, in the order of memory, and what they refer to on the same page along with
// them, so that a page's memory is fetched a few times, not once for each of its objects,
// and marking needs no memory that could run out: a page is in the queue once.
//
// Only white objects are reached, and are white no more (scope.hpp). In a pause; white,
// grey and the queue of a partition under its lock.
//
// Edges
//   marking-done   what a member of the team reached happens before another one sees that
//                  nobody is at work any more
#pragma once

#include <cstdint>

#include "runtime/collector/partition.hpp"
#include "runtime/collector/scope.hpp"
#include "runtime/sync/atomic.hpp"

namespace threadmill {

// Pages with grey objects: a queue for each partition, linked by SideTables::queue().
class GreyPages {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  // `alone`: one thread does it all.
  GreyPages(const SideTables& side, bool alone) noexcept : side_(side), alone_(alone) {}

  // Under the partition's lock.
  void add(std::uint32_t page) noexcept {
    std::uint8_t& marks = side_.marks()[page];
    if ((marks & SideTables::kQueued) == 0) append(page, marks);
  }
  // kNone: there is none.
  [[nodiscard]] std::uint32_t take(std::uint32_t partition) noexcept;

  // A hint, without a lock.
  [[nodiscard]] bool may_have(std::uint32_t partition) const noexcept {
    const Queue& queue = queues_[partition];
    if (alone_) return queue.first != kNone;
    return queue.size.load(relaxed) != 0;  // relaxed: a hint
  }
  [[nodiscard]] bool may_have_any() const noexcept {
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition)
      if (may_have(partition)) return true;
    return false;
  }

  // A member of the team works, and may reach more.
  void begin_work() noexcept {
    if (!alone_)
      working_.fetch_add(1, relaxed);  // relaxed: locks order what is reached
  }
  // It has nothing to do. Waits until there is something, or there is none and nobody is at
  // work: then it is over.
  [[nodiscard]] bool is_over() noexcept;

 private:
  struct alignas(kCacheLine) Queue {
    Atomic<std::uint32_t> size;
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
  };

  void append(std::uint32_t page, std::uint8_t& marks) noexcept;

  const SideTables& side_;
  const bool alone_;
  Queue queues_[kPartitions];
  Atomic<std::uint32_t> working_;
};

// What one member of the team does.
class Marking : private Partitioned<Marking> {
 public:
  Marking(const SideTables& side, PartitionLocks& locks, GreyPages& grey) noexcept
      : Partitioned(side, locks), grey_(grey) {}

  // The object of `granule` is grey, if it was white. Before the team works.
  void reach(std::uint32_t granule) noexcept { process(granule); }

  // Traverses the objects of `page` for which `is_root(granule)`, if they are white.
  template <class IsRoot>
  void traverse_roots(std::uint32_t page, IsRoot is_root) noexcept {
    {
      const PartitionLocks::Guard guard(locks(), partition_of_page(page));
      enter(page);
      const std::uint32_t first = page * kPerPage;
      for (std::uint32_t granule = first; granule < first + kPerPage;) {
        granule = is_root.skip(granule);
        const std::uint32_t end = granule + 8;
        for (; granule < end; ++granule)
          if (is_root(granule)) process(granule);
      }
    }
    traverse_pending();
  }

  // Traverses one page with grey objects, beginning to look at `partition`. False: there
  // was none.
  bool traverse_next(std::uint32_t partition) noexcept;
  // Makes grey what was reached and noted down only.
  using Partitioned<Marking>::finish;

 private:
  friend class Partitioned<Marking>;
  static constexpr std::uint32_t kPerPage = SideTables::kGranulesPerPage;

  void prefetch(std::uint32_t granule) const noexcept {
    __builtin_prefetch(side().white() + granule / 64, 1);
  }
  void process(std::uint32_t granule) noexcept {
    std::uint64_t& white = side().white()[granule / 64];
    const std::uint64_t bit = std::uint64_t{1} << (granule % 64);
    if ((white & bit) == 0) return;
    white ^= bit;
    const std::uint32_t page = page_of_granule(granule);
    if (page == page_) {
      fetch(granule % kPerPage);
      pend(granule % kPerPage);
    } else {
      side().grey()[granule / 64] |= bit;
      grey_.add(page);
    }
  }
  // Of the page that is being traversed.
  void pend(std::uint32_t granule_in_page) noexcept {
    pending_[pending_size_++] = static_cast<std::uint16_t>(granule_in_page);
  }
  void fetch(std::uint32_t granule_in_page) const noexcept {
    __builtin_prefetch(page_base_ + granule_in_page * SideTables::kGranuleBytes);
  }
  void enter(std::uint32_t page) noexcept {
    page_ = page;
    page_base_ = reinterpret_cast<const char*>(&side().page(page));
  }
  void take_grey() noexcept;
  void traverse_pending() noexcept;

  GreyPages& grey_;

  // Granules of the page that is being traversed: reached, and not traversed.
  std::uint32_t page_ = GreyPages::kNone;
  const char* page_base_ = nullptr;
  std::uint32_t pending_size_ = 0;
  std::uint16_t pending_[SideTables::kGranulesPerPage];
};

}  // namespace threadmill
