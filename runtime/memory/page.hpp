// SPDX-License-Identifier: Apache-2.0
//
// Page: 64 KiB of blocks of one size, owned by one heap. The page of a block is found by
// masking its address; what the heap walk needs stands in front
// of the blocks, what the collector notes down in side_tables.hpp, so neither dirties an
// object.
//
// A block is
//   fresh   never handed out: beyond `handed_out`
//   taken   handed out; live if `liveness` says so
//           (block_state.hpp), else under construction or dying
//   free    in the owner's free list, or in `remote` on its way there
//
// The first word of a dead or free block is {link, 0}: the low half is the offset in the
// page (below 2^16) or, in a cascade, the place in the arena (below 2^31) of the next
// block, the high half is owner 0. The object layer's header reads that as "nobody's,
// not immortal", so a late reader that tries to take a reference is refused, and every
// access to the word is atomic (catalogue F13, L1). The second word stays as death left
// it, refusing too.
//
// Invariants
//   G1  a page changes its size class or its heap, or goes back to the system, only
//       after a grace period: late readers may touch dead headers in it
//       (empty_pages.hpp);
//   G2  a page is in its heap's list of pages with remote frees from the moment that
//       `remote` becomes non-empty until the owner has taken it from that list, and the
//       owner empties `remote` only then. So it is in the list at most once, and no
//       freed block is out of the owner's reach (gh-145615);
//   G3  a link of a free block is 0 or the offset of a block of the same page. Without it
//       an allocation would hand out memory that is no block.
//
// Edges
//   remote-free-handover   what the freeing thread did to a block happens before the
//                          owner hands it out again
//   remote-list-reuse      the owner's reading of a page's place in the list happens
//                          before a freeing thread announces the page again
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/annotations.hpp"
#include "runtime/base/assert.hpp"
#include "runtime/base/config.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/plain.hpp"
#include "runtime/sync/word_lock.hpp"

namespace threadmill {

class Heap;
struct Page;

// For page_list.hpp.
struct PageLink {
  Plain<Page*> next;
  Plain<Page*> previous;
};

inline constexpr std::size_t kPageBytes = std::size_t{1} << 16;

using BlockWord = Atomic<std::uint64_t>;  // the first word of every block

inline BlockWord& block_word(void* block) noexcept {
  return *static_cast<BlockWord*>(block);
}

struct Page {
  // Written when the page is prepared for its heap; then constant.
  Heap* heap;
  std::uint32_t size_class;
  std::uint32_t block_bytes;
  std::uint32_t block_count;
  std::uint32_t first_block;  // offset
  std::uint32_t reciprocal;   // of block_bytes: (offset * reciprocal) >> 32
  std::uint32_t most_in_use;  // with more it is not worth allocating from: heap.hpp, H1

  // The heap's holder only.
  Plain<std::uint32_t> handed_out;  // blocks that were ever taken
  Plain<std::uint32_t> in_use;      // taken blocks
  Plain<std::uint32_t> free_list;   // offset of the first free block, 0: none
  Plain<bool> has_space_listed;  // in the heap's list of pages with space, or current
  Plain<bool> is_spare;          // in its list of empty pages
  PageLink of_class;
  PageLink with_space;
  PageLink empty;
  Plain<std::uint64_t> goal;  // in a list of empty pages; 0: none yet

  // The object layer's (object/weak.hpp): per block the first weak reference to its
  // object. Null until the page has a weakly referenced object.
  WordLock weak_lock;
  Plain<void**> weak_lists TM_GUARDED_BY(weak_lock);

  // Any thread.
  alignas(64) Atomic<std::uint32_t> remote;  // offset of the first remotely freed block
  Plain<Page*> next_with_remote;             // whoever made `remote` non-empty
  // Followed by block_count bytes of liveness.

  [[nodiscard]] Atomic<std::uint8_t>& liveness(std::uint32_t index) noexcept {
    return reinterpret_cast<Atomic<std::uint8_t>*>(this + 1)[index];
  }
  [[nodiscard]] void* block_at_offset(std::uint32_t offset) noexcept {
    return reinterpret_cast<char*>(this) + offset;
  }
  [[nodiscard]] void* block(std::uint32_t index) noexcept {
    return block_at_offset(first_block + index * block_bytes);
  }
  // By a link of this page's free list or of its remote frees.
  [[nodiscard]] void* linked_block(std::uint32_t link) noexcept {
    TM_ASSERT_OBJECT(is_block(link), block_at_offset(link), "free-links-stay-in-page",
                     "a free block is followed by what is no block of its page: "
                     "somebody wrote to the header of a free one");
    return block_at_offset(link);
  }
  [[nodiscard]] bool is_block(std::uint32_t offset) const noexcept {
    const std::uint32_t inside = offset - first_block;  // wraps: then it is too large
    return inside / block_bytes < block_count && inside % block_bytes == 0;
  }
  [[nodiscard]] std::uint32_t offset_of(const void* block) const noexcept {
    return static_cast<std::uint32_t>(static_cast<const char*>(block) -
                                      reinterpret_cast<const char*>(this));
  }
  [[nodiscard]] std::uint32_t index_of(const void* block) const noexcept {
    const std::uint64_t offset = offset_of(block) - first_block;
    return static_cast<std::uint32_t>((offset * reciprocal) >> 32);
  }
};

inline Page& page_of(const void* block) noexcept {
  return *reinterpret_cast<Page*>(reinterpret_cast<std::uintptr_t>(block) &
                                  ~(kPageBytes - 1));
}

// Lays out `page` for blocks of `size_class`, all fresh.
void prepare_page(Page& page, Heap& heap, std::uint32_t size_class) noexcept;

// Frees what stands beside `page`, which has no object any more, and no late reader.
void free_side_tables(Page& page) noexcept;

}  // namespace threadmill
