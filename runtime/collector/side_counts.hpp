// SPDX-License-Identifier: Apache-2.0
//
// Side counts: one 32-bit number per block, in arrays beside the pages, for the length of
// one collection or verification. Marking and counting dirty no object.
//
// In a pause only. A page without taken blocks (in_use == 0) has no array.
#pragma once

#include <cstdint>

#include "runtime/memory/heap_walk.hpp"
#include "runtime/object/header.hpp"

namespace threadmill {

class SideCounts {
 public:
  // Arrays of zeroes. is_complete() is false if memory ran out.
  explicit SideCounts(const World& world) noexcept TM_REQUIRES(stopped_world);
  ~SideCounts();

  SideCounts(const SideCounts&) = delete;
  SideCounts& operator=(const SideCounts&) = delete;

  [[nodiscard]] bool is_complete() const noexcept { return complete_; }

  // `block` is live.
  [[nodiscard]] static std::uint32_t& of(const void* block) noexcept {
    Page& page = page_of(block);
    return page.counts[page.index_of(block)];
  }

 private:
  const World& world_;
  bool complete_ = true;
};

// Calls `visit(Object&)` with every live object. In a pause.
template <class Visit>
void for_each_live_object(const World& world, Visit visit) noexcept
    TM_REQUIRES(stopped_world) {
  for_each_page(world, [&visit](Page& page) TM_NO_THREAD_SAFETY_ANALYSIS {
    for_each_live_block(page, [&visit](Page& its_page, std::uint32_t index) {
      visit(*static_cast<Object*>(its_page.block(index)));
    });
  });
}

// Merges what is in every inbox and what an inbox had no memory for, so that every count
// is exact. Deaths wait for the end of the caller's CascadeScope, outside the pause.
void settle_counts_in_pause(const World& world) noexcept TM_REQUIRES(stopped_world);

// The same in a pause of its own, deaths included.
void settle_counts(Slot& self) noexcept;

}  // namespace threadmill
