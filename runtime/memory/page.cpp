// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/page.hpp"

#include <cstring>
#include <new>

#include "runtime/memory/buffer.hpp"
#include "runtime/memory/size_class.hpp"

namespace threadmill {

void prepare_page(Page& memory, Heap& heap, std::uint32_t size_class) noexcept {
  Page* page = new (&memory) Page{};
  const std::uint32_t bytes = kClassBytes[size_class];
  page->heap = &heap;
  page->size_class = size_class;
  page->block_bytes = bytes;
  page->reciprocal = static_cast<std::uint32_t>((std::uint64_t{1} << 32) / bytes + 1);
  // One byte of liveness per block, then the blocks.
  const std::size_t room = kPageBytes - sizeof(Page);
  std::uint32_t count = static_cast<std::uint32_t>(room / (bytes + 1));
  std::size_t first = (sizeof(Page) + count + 15) & ~std::size_t{15};
  while (first + std::size_t{count} * bytes > kPageBytes) --count;
  page->block_count = count;
  page->most_in_use = count - (count < 8 ? 1 : count / 8);
  page->first_block = static_cast<std::uint32_t>(first);
  std::memset(static_cast<void*>(page + 1), 0, count);
}

void free_side_tables(Page& page) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  if (page.weak_lists == nullptr) return;
  buffer_free(page.weak_lists, page.block_count * sizeof(void*));
  page.weak_lists = nullptr;
}

}  // namespace threadmill
