// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/arena.hpp"

#include <algorithm>

#include "runtime/base/memory_door.hpp"
#include "runtime/memory/os_memory.hpp"
#include "runtime/memory/poison.hpp"

namespace threadmill {

Arena::Arena(std::size_t bytes) noexcept {
  bytes = std::clamp(bytes, kPageBytes, kMaxBytes) & ~(kPageBytes - 1);
  // A system that limits address space may refuse much and grant less.
  for (; bytes >= kPageBytes; bytes = (bytes / 2) & ~(kPageBytes - 1)) {
    base_ = static_cast<char*>(os_reserve(bytes, kPageBytes));
    if (base_ == nullptr) continue;
    if (side_.open(base_, bytes)) {
      bytes_ = bytes;
      return;
    }
    os_release(base_, bytes);
    base_ = nullptr;
  }
}

Arena::~Arena() {
  if (base_ == nullptr) return;
  unpoison(base_, fresh_);
  os_release(base_, bytes_);
}

Page* Arena::take_page() noexcept {
  if (is_refused(MemoryKind::page)) return nullptr;
  const MutexGuard guard(mutex_);
  Page* page;
  if (free_ != 0) {
    page = &side_.page(free_ - 1);
    free_ = side_.next_free()[free_ - 1];
  } else {
    if (fresh_ == bytes_) return nullptr;
    page = reinterpret_cast<Page*>(base_ + fresh_);
    fresh_ += kPageBytes;
    if constexpr (kExplored) side_.wipe(side_.number_of(*page));
  }
  // relaxed: a statistic
  const std::size_t in_use = pages_in_use_.fetch_add(1, relaxed) + 1;
  most_pages_ = std::max(most_pages_, in_use);
  return page;
}

void Arena::give_page(Page& page) noexcept {
  const std::uint32_t number = side_.number_of(page);
  side_.marks()[number] = 0;
  unpoison(&page, kPageBytes);
  os_discard(&page, kPageBytes);
  side_.discard(number);
  const MutexGuard guard(mutex_);
  side_.next_free()[number] = free_;
  free_ = number + 1;
  pages_in_use_.fetch_sub(1, relaxed);  // relaxed: a statistic
}

}  // namespace threadmill
