// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/marking.hpp"

namespace threadmill {

void Marking::make_grey(std::uint32_t granule, std::uint64_t bit) noexcept {
  side_.grey()[granule / 64] |= bit;
  const std::uint32_t page = granule / kPerPage;
  std::uint8_t& marks = side_.marks()[page];
  if ((marks & SideTables::kQueued) != 0) return;
  marks |= SideTables::kQueued;
  side_.queue()[last_++ % queue_size_] = page;
}

void Marking::take_grey(std::uint32_t page) noexcept {
  std::uint64_t* grey = side_.grey() + page * SideTables::kWordsPerPage;
  for (std::uint32_t word = 0; word < SideTables::kWordsPerPage; ++word) {
    for (std::uint64_t bits = grey[word]; bits != 0; bits &= bits - 1)
      pend(word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)));
    grey[word] = 0;
  }
}

void Marking::traverse_pending(Page& page) noexcept {
  while (pending_size_ != 0) {
    Object& object = Scope::object_at(page, pending_[--pending_size_]);
    const Place before = place();
    type_of(object).traverse(object, Visitor(*this));
    process_near(before, [&page](const Object& target) noexcept {
      return &page_of(&target) == &page;
    });
  }
}

void Marking::traverse_page(std::uint32_t page) noexcept {
  side_.marks()[page] &= static_cast<std::uint8_t>(~SideTables::kQueued);
  page_ = page;
  page_base_ = reinterpret_cast<const char*>(&side_.page(page));
  take_grey(page);
  do {
    traverse_pending(side_.page(page));
    finish();
  } while (pending_size_ != 0);
  page_ = kNoPage;
}

}  // namespace threadmill
