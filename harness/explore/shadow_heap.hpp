// SPDX-License-Identifier: Apache-2.0
//
// ShadowHeap: where an explored runtime gets its memory during an execution. It is handed
// out from one region, thread by thread in ascending order, and never twice, so that
// addresses depend on nothing but the calling thread's own past and a late use of freed
// memory is seen; all of it is taken back at the end of the execution, whatever became
// of it. One byte of shadow for each granule of 8 bytes says whether it may be touched.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/explore/clock.hpp"

namespace threadmill::explore {

class ShadowHeap {
 public:
  enum class Granule : std::uint8_t {
    unknown,  // handed out without a mark, or never
    live,
    freed,
    dead,  // the payload of a dead object
  };

  static constexpr std::size_t kGranule = 8;
  static constexpr unsigned kParts = kMaxThreads + 1;  // the last is the director's
  static constexpr std::size_t kPartBytes = std::size_t{16} << 20;
  static constexpr std::size_t kBytes = kParts * kPartBytes;

  ShadowHeap();
  ~ShadowHeap();

  ShadowHeap(const ShadowHeap&) = delete;
  ShadowHeap& operator=(const ShadowHeap&) = delete;

  // Everything is taken back.
  void reset() noexcept;

  // Null: the part is full. Marked live only if asked for: address space is not.
  [[nodiscard]] void* allocate(unsigned part,
                               std::size_t bytes,
                               std::size_t alignment,
                               bool marked) noexcept;

  // The size as asked for; 0: `block` is not (or no longer) allocated here.
  [[nodiscard]] std::size_t free(void* block) noexcept;

  [[nodiscard]] bool contains(const void* address) const noexcept {
    return offset_of(address) < kBytes;
  }
  [[nodiscard]] Granule granule(const void* address) const noexcept {
    return static_cast<Granule>(shadow_[offset_of(address) / kGranule]);
  }
  void mark(const void* begin, std::size_t bytes, Granule granule) noexcept;

  // Blocks allocated and not freed.
  [[nodiscard]] std::size_t blocks() const noexcept { return blocks_; }
  [[nodiscard]] std::size_t offset_of(const void* address) const noexcept {
    return static_cast<std::size_t>(static_cast<const char*>(address) - base_);
  }

 private:
  static constexpr std::size_t kLive = 0x6c69'7665;

  struct Prefix {
    std::size_t bytes;
    std::size_t state;  // kLive, or 0
  };

  char* base_;
  std::uint8_t* shadow_;
  std::array<std::size_t, kParts> used_{};    // in each part
  std::array<std::size_t, kParts> marked_{};  // shadow bytes that may not be 0
  std::size_t blocks_ = 0;
};

}  // namespace threadmill::explore
