// SPDX-License-Identifier: Apache-2.0
//
// Arena: the address range that the object pages of one runtime come from. Its base is
// fixed for its life, so a place in it is a 31-bit number of 8-byte granules.
//
// Any thread may call it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/annotations.hpp"
#include "runtime/memory/limbo.hpp"
#include "runtime/memory/page.hpp"
#include "runtime/memory/side_tables.hpp"
#include "runtime/sync/mutex.hpp"

namespace threadmill {

class Arena {
 public:
  // 2^31 granules of 8 bytes.
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 34;

  // Reserves up to `bytes`, less if the system does not give as much; is_open() says
  // whether there is anything at all.
  explicit Arena(std::size_t bytes) noexcept;
  ~Arena();

  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  [[nodiscard]] bool is_open() const noexcept { return base_ != nullptr; }

  // Null: the arena is full.
  [[nodiscard]] Page* take_page() noexcept;
  // No reader may be left in `page` (page.hpp, G1), whose memory goes back to the system.
  void give_page(Page& page) noexcept;

  [[nodiscard]] std::size_t pages_in_use() const noexcept {
    return pages_in_use_.load(relaxed);  // relaxed: a statistic
  }

  // The most at a time.
  [[nodiscard]] std::size_t most_pages_in_use() noexcept {
    const MutexGuard guard(mutex_);
    return most_pages_;
  }

  [[nodiscard]] bool is_full() const noexcept {
    return pages_in_use() >= bytes_ / kPageBytes;
  }

  // In use, and in no heap.
  [[nodiscard]] Limbo& limbo() noexcept { return limbo_; }

  [[nodiscard]] SideTables& side() noexcept { return side_; }
  [[nodiscard]] const SideTables& side() const noexcept { return side_; }

  // Pages that were ever taken; they have the lowest numbers (side_tables.hpp). In a pause.
  [[nodiscard]] std::uint32_t touched_pages() const noexcept
      TM_NO_THREAD_SAFETY_ANALYSIS {
    return static_cast<std::uint32_t>(fresh_ / kPageBytes);
  }

  [[nodiscard]] bool contains(const void* address) const noexcept {
    return static_cast<std::size_t>(static_cast<const char*>(address) - base_) < bytes_;
  }

  // In the arena, and where a block may start.
  [[nodiscard]] bool may_be_block(const void* address) const noexcept {
    const auto place = reinterpret_cast<std::uintptr_t>(address) -
                       reinterpret_cast<std::uintptr_t>(base_);
    return place < bytes_ && place % 8 == 0 && place % kPageBytes >= sizeof(Page);
  }

  [[nodiscard]] std::uint32_t place_of(const void* block) const noexcept {
    return static_cast<std::uint32_t>(
        static_cast<std::size_t>(static_cast<const char*>(block) - base_) >> 3);
  }
  [[nodiscard]] void* block_at(std::uint32_t place) const noexcept {
    return base_ + (std::size_t{place} << 3);
  }

 private:
  char* base_ = nullptr;
  std::size_t bytes_ = 0;
  SideTables side_;
  Limbo limbo_;
  Mutex mutex_;
  std::size_t fresh_ TM_GUARDED_BY(mutex_) = 0;  // offset of the first untouched page
  // Of the first page that was given back, plus 1; the others by side_.next_free().
  std::uint32_t free_ TM_GUARDED_BY(mutex_) = 0;
  std::size_t most_pages_ TM_GUARDED_BY(mutex_) = 0;
  Atomic<std::size_t> pages_in_use_;
};

}  // namespace threadmill
