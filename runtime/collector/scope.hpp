// SPDX-License-Identifier: Apache-2.0
//
// Scope: which pages a collection looks at, and which of their objects are candidates,
// that is, trash until they are found to be reachable. A candidate is `white` in the side
// tables; what is white when the search is over is trash.
//
// Candidates are tracked, and at most as old as the collection's generation; all others are
// outside. So a young collection looks at pages with young objects alone. Candidates that are
// immortal are found to be used from outside.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "runtime/memory/arena.hpp"
#include "runtime/memory/block_state.hpp"
#include "runtime/object/header.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

inline constexpr unsigned kGenerations = 3;
inline constexpr unsigned kOldest = kGenerations - 1;

class Scope {
 public:
  explicit Scope(Arena& arena) noexcept : arena_(arena), side_(arena.side()) {}

  // Lists the pages for a collection of `generation` and of what is younger.
  void choose(unsigned generation) noexcept TM_REQUIRES(stopped_world);

  [[nodiscard]] const SideTables& side() const noexcept { return side_; }
  [[nodiscard]] unsigned generation() const noexcept { return generation_; }
  [[nodiscard]] std::uint32_t pages() const noexcept { return pages_; }
  // Those of its pages that were ever taken.
  [[nodiscard]] std::uint64_t blocks() const noexcept TM_REQUIRES(stopped_world) {
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i < pages_; ++i) sum += side_.page(page(i)).handed_out;
    return sum;
  }
  // The number of page `i` of the scope.
  [[nodiscard]] std::uint32_t page(std::uint32_t i) const noexcept {
    return side_.scope()[i];
  }

  // Whether an object in this state may be a candidate.
  [[nodiscard]] bool looks_at(std::uint8_t state) const noexcept {
    return (wanted_ >> state & 1) != 0;
  }

  // Calls `visit(Object&, granule)` with what is white in `bits`, which is word `word` of
  // the page.
  template <class Visit>
  void for_each_in(std::uint32_t page,
                   std::uint32_t word,
                   std::uint64_t bits,
                   Visit visit) const noexcept {
    Page& its_page = side_.page(page);
    for (; bits != 0; bits &= bits - 1) {
      const auto granule =
          word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
      visit(object_at(its_page, granule),
            page * static_cast<std::uint32_t>(SideTables::kGranulesPerPage) + granule);
    }
  }

  // With all that is white on page `i` of the scope.
  template <class Visit>
  void for_each_white(std::uint32_t i, Visit visit) const noexcept {
    const std::uint32_t number = page(i);
    const SideTables::Colours* colours =
        side_.colours() + number * SideTables::kWordsPerPage;
    for (std::uint32_t word = 0; word < SideTables::kWordsPerPage; ++word)
      for_each_in(number, word, colours[word].white, visit);
  }
  template <class Visit>
  void for_each_white(Visit visit) const noexcept {
    for (std::uint32_t i = 0; i < pages_; ++i) for_each_white(i, visit);
  }

  // The object that begins in `granule` of the page.
  [[nodiscard]] static Object& object_at(Page& page, std::uint32_t granule) noexcept {
    // Blocks of whole granules begin with one, as the first of a page always does.
    if (page.block_bytes % kGranule == 0)
      return *static_cast<Object*>(page.block_at_offset(granule * kGranule));
    // The granule's second half is in the block.
    const std::uint32_t inside = granule * kGranule + 8;
    return *static_cast<Object*>(
        page.block(page.index_of(page.block_at_offset(inside))));
  }

 private:
  static constexpr std::uint32_t kGranule = SideTables::kGranuleBytes;

  Arena& arena_;
  const SideTables& side_;
  std::uint32_t pages_ = 0;
  unsigned generation_ = 0;
  std::uint32_t wanted_ = 0;  // bit n: a block in state n
};

// What the liveness byte of an object's block is (memory/block_state.hpp).
inline Atomic<std::uint8_t>& state_of(const Object& object) noexcept {
  Page& page = page_of(&object);
  return page.liveness(page.index_of(&object));
}

// Calls `visit(index, state)` with the blocks of `page` in a state that `wanted(state)`.
template <class Wanted, class Visit>
void for_each_block(Page& page, Wanted wanted, Visit visit) noexcept
    TM_REQUIRES(stopped_world) {
  const std::uint32_t end = page.handed_out;
  for (std::uint32_t i = 0; i < end;) {
    // Most are in the state of their neighbours: eight are looked at at once.
    if constexpr (!kExplored) {
      std::uint64_t eight;
      if (i + sizeof eight <= end) {
        std::memcpy(&eight, page.liveness(i).address(), sizeof eight);
        const auto first = static_cast<std::uint8_t>(eight);
        if (eight == first * 0x0101'0101'0101'0101) {
          const std::uint32_t next = i + sizeof eight;
          if (wanted(first))
            for (std::uint32_t k = i; k < next; ++k) visit(k, first);
          i = next;
          continue;
        }
      }
    }
    const std::uint32_t next = i + 8 < end ? i + 8 : end;
    for (; i < next; ++i) {
      // relaxed: the world is stopped
      const std::uint8_t state = page.liveness(i).load(relaxed);
      if (wanted(state)) visit(i, state);
    }
  }
}

}  // namespace threadmill
