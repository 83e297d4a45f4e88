// SPDX-License-Identifier: Apache-2.0
//
// Marking: reaching objects from objects. What is reached and not traversed yet is grey: a
// bit, and the page in a queue of pages. Of a page that comes to its turn all grey objects
// are traversed, in the order of memory, and what they refer to on the same page along with
// them, so that a page's memory is fetched a few times, not once for each of its objects,
// and marking needs no memory that could run out: a page is in the queue once.
//
// Only white objects are reached, and are white no more (scope.hpp). In a pause.
#pragma once

#include <cstdint>

#include "runtime/collector/pipeline.hpp"
#include "runtime/collector/scope.hpp"

namespace threadmill {

class Marking : private Pipeline<Marking> {
 public:
  explicit Marking(const SideTables& side, std::uint32_t touched_pages) noexcept
      : side_(side), queue_size_(touched_pages) {}

  // The object of `granule` is reached, if it is white.
  void reach(std::uint32_t granule) noexcept {
    std::uint64_t& white = side_.white()[granule / 64];
    const std::uint64_t bit = std::uint64_t{1} << (granule % 64);
    if ((white & bit) == 0) return;
    white ^= bit;
    if (granule / kPerPage == page_)
      pend(granule % kPerPage);
    else
      make_grey(granule, bit);
  }
  void reach(Object& object) noexcept { reach(side_.granule_of(&object)); }

  // Reaches all that leads from what was reached.
  void run() noexcept {
    while (first_ != last_) traverse_page(side_.queue()[first_++ % queue_size_]);
  }

 private:
  friend class Pipeline<Marking>;
  static constexpr std::uint32_t kPerPage = SideTables::kGranulesPerPage;
  static constexpr std::uint32_t kNoPage = ~std::uint32_t{0};

  void prefetch(const Object& object) const noexcept {
    __builtin_prefetch(side_.white() + side_.granule_of(&object) / 64, 1);
  }
  void process(Object& object) noexcept { reach(side_.granule_of(&object)); }

  // Of the page that is being traversed: it is in `pending_`, and its memory on its way.
  void pend(std::uint32_t granule_in_page) noexcept {
    __builtin_prefetch(page_base_ + granule_in_page * SideTables::kGranuleBytes);
    pending_[pending_size_++] = static_cast<std::uint16_t>(granule_in_page);
  }
  void make_grey(std::uint32_t granule, std::uint64_t bit) noexcept;
  void traverse_page(std::uint32_t page) noexcept;
  void take_grey(std::uint32_t page) noexcept;
  void traverse_pending(Page& page) noexcept;

  const SideTables& side_;
  const std::uint32_t queue_size_;
  std::uint32_t first_ = 0;  // of the queue, counted from the beginning
  std::uint32_t last_ = 0;

  // Granules of the page that is being traversed: reached, and not traversed.
  std::uint32_t page_ = kNoPage;
  const char* page_base_ = nullptr;
  std::uint32_t pending_size_ = 0;
  std::uint16_t pending_[SideTables::kGranulesPerPage];
};

}  // namespace threadmill
