// SPDX-License-Identifier: Apache-2.0
//
// Marking: reaching objects from objects. What is reached and not traversed yet is grey: a
// bit, and the page in a queue of pages. A member of the team that takes a page from there
// traverses all its grey objects, and what they refer to on the same page along with them:
// it has the page's white bits to itself, so a reference inside the page takes no lock and
// no queue. Marking needs no memory that could run out: a page is in the queue once.
//
// Only white objects are reached, and are white no more when they are traversed (scope.hpp).
//
//   page        marks          grey bits                  who has its white bits
//   idle        -              none                       its partition's lock
//   queued      kQueued        some of what is white      its partition's lock
//   traversed   kTraversed     what others reached since  the member; the table has those of
//                                                         the beginning
//
//   idle -> queued, queued -> traversed, traversed -> idle, or queued if others have reached
//   what is still white: each under the partition's lock
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

  // All under the partition's lock, or before the team works.
  //
  // If `reached` is not 0, an object of the page is grey now.
  void add_if(std::uint64_t reached, std::uint32_t page) noexcept {
    std::uint8_t& marks = side_.marks()[page];
    const bool is_idle = (marks & (SideTables::kQueued | SideTables::kTraversed)) == 0;
    // One branch that is rarely taken, instead of two that are as good as random.
    const std::uint64_t mask = std::uint64_t{0} - std::uint64_t{is_idle};
    if ((reached & mask) != 0) [[unlikely]]
      append(page, marks);
  }
  // It is traversed from now on. kNone: there is none.
  [[nodiscard]] std::uint32_t take(std::uint32_t partition) noexcept;
  // It was. `again`: others made some of its objects grey.
  void leave(std::uint32_t page, bool again) noexcept;

  // A hint, without a lock.
  [[nodiscard]] bool may_have(std::uint32_t partition) const noexcept {
    const Queue& queue = queues_[partition];
    if (alone_) return queue.first != kNone;
    return queue.size.load(relaxed) != 0;  // relaxed: a hint
  }
  [[nodiscard]] bool has_any() const noexcept {
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
  // If it `untracks`, what it traverses is untracked if it takes part in no cycle.
  Marking(const SideTables& side,
          PartitionLocks& locks,
          GreyPages& grey,
          bool untracks) noexcept
      : Partitioned(side, locks), grey_(grey), untracks_(untracks) {}

  // The object of `granule` is grey, if it was white. Before the team works.
  void reach(std::uint32_t granule) noexcept { process(granule); }

  // All objects of `page` that are white, and for which `is_root(object, granule)`, are
  // grey.
  template <class IsRoot>
  void reach_if(const Scope& scope,
                std::uint32_t page,
                const IsRoot& is_root) noexcept {
    std::uint64_t white[kWords];
    copy_white(page, white);
    // Without the lock: others may reach some of them meanwhile.
    std::uint64_t any = 0;
    std::uint64_t roots[kWords] = {};
    for (std::uint32_t word = 0; word < kWords; ++word) {
      scope.for_each_in(page, word, white[word],
                        [&](const Object& object, std::uint32_t granule) noexcept {
                          const std::uint64_t is = is_root(object, granule) ? 1 : 0;
                          roots[word] |= is << (granule % 64);
                        });
      any |= roots[word];
    }
    if (any != 0) reach_all(page, roots);
  }

  // Traverses one page with grey objects, beginning to look at `partition`. False: there
  // was none.
  bool traverse_next(std::uint32_t partition) noexcept;
  // Makes grey what was reached and noted down only.
  using Partitioned<Marking>::finish;

 private:
  friend class Partitioned<Marking>;
  static constexpr std::uint32_t kWords = SideTables::kWordsPerPage;

  // Takes what is on the page that is being traversed.
  bool take_at_once(const Object& target) noexcept {
    const auto offset =
        static_cast<std::size_t>(reinterpret_cast<const char*>(&target) - page_base_);
    if (offset >= kPageBytes) return false;
    reach_near(static_cast<std::uint32_t>(offset));
    return true;
  }
  void prefetch(std::uint32_t granule) const noexcept {
    __builtin_prefetch(&side().colours_of(granule), 1);
  }
  void process(std::uint32_t granule) noexcept {
    const std::uint32_t page = page_of_granule(granule);
    if (page == page_) {
      (void)take_at_once(
          Scope::object_at(side().page(page), granule % SideTables::kGranulesPerPage));
      return;
    }
    // Without a branch on what is as good as random.
    SideTables::Colours& colours = side().colours_of(granule);
    const std::uint64_t reached = colours.white & SideTables::bit_of(granule);
    colours.grey |= reached;
    grey_.add_if(reached, page);
  }

  // What begins there on the page that is being traversed.
  void reach_near(std::uint32_t offset) noexcept {
    const std::uint32_t granule = offset / SideTables::kGranuleBytes;
    // Without a branch on what is as good as random.
    std::uint64_t& white = white_[granule / 64];
    pending_[pending_size_] = static_cast<std::uint16_t>(offset);
    pending_size_ += white >> (granule % 64) & 1;
    white &= ~SideTables::bit_of(granule);
    fetch(offset);
  }
  void pend(std::uint32_t offset) noexcept {
    pending_[pending_size_++] = static_cast<std::uint16_t>(offset);
  }
  void fetch(std::uint32_t offset) const noexcept {
    __builtin_prefetch(page_base_ + offset);
  }
  void copy_white(std::uint32_t page, std::uint64_t* white) noexcept;
  // Those of `these`, a word for 64 granules of the page, that are white.
  void reach_all(std::uint32_t page, const std::uint64_t* these) noexcept;
  void enter(std::uint32_t page) noexcept;
  void traverse_pending() noexcept;
  void leave() noexcept;

  GreyPages& grey_;
  const bool untracks_;

  // The page that is being traversed, its white bits, and where its reached objects begin,
  // in that order. Oldest first: what was reached a moment ago is still on its way from
  // memory, and would be waited for.
  std::uint32_t page_ = GreyPages::kNone;
  char* page_base_ = nullptr;
  std::uint64_t white_[kWords];
  std::uint32_t pending_size_ = 0;
  std::uint16_t pending_[SideTables::kGranulesPerPage + 1];
};

static_assert(kPageBytes <= 1 << 16, "an offset fits into 16 bits");

}  // namespace threadmill
