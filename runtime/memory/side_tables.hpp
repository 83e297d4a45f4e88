// SPDX-License-Identifier: Apache-2.0
//
// Side tables: what the collector and the verifier note down about objects and pages, in a
// range of its own beside the arena. So no object is dirtied, and the place is found by
// arithmetic alone: the header of a page is not loaded for it, of which all compete for the
// same few lines of a cache, since pages are aligned.
//
//   granule          16 bytes of the arena: no two blocks begin in one
//   per granule      narrow u8, wide u32, and the bits white and grey, side by side
//   per page         marks u8, and three u32: `scope`, `queue` and `next_free` are lists of
//                    pages
//
// Address space until they are touched, and again when the page is given back: all but the
// bits, which are a sixty-fourth. In a pause only, but for `marks`, where the holder of a
// page's heap writes kHasYoung and kInUse, `white`, which is read while trash is being
// cleared and wiped afterwards, and `next_free`, which is the arena's. What a pause leaves in `narrow` and `grey`
// is zero.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/memory/page.hpp"

namespace threadmill {

class SideTables {
 public:
  static constexpr std::size_t kGranuleBytes = 16;
  static constexpr std::size_t kGranulesPerPage = kPageBytes / kGranuleBytes;
  static constexpr std::size_t kWordsPerPage = kGranulesPerPage / 64;

  // Bits of marks.
  static constexpr std::uint8_t kHasYoung = 1;   // it may have objects of age 0
  static constexpr std::uint8_t kHasMiddle = 2;  // of age 1
  static constexpr std::uint8_t kQueued = 4;     // in `queue`
  static constexpr std::uint8_t kInUse = 8;      // it belongs to a heap, or is in limbo
  static constexpr std::uint8_t kTraversed =
      16;  // a member of the collector's team has it

  // Of 64 granules.
  struct Colours {
    std::uint64_t white;
    std::uint64_t grey;
  };

  SideTables() noexcept = default;
  ~SideTables();
  SideTables(const SideTables&) = delete;
  SideTables& operator=(const SideTables&) = delete;

  // For an arena of `bytes` at `base`. False: there is no address space.
  [[nodiscard]] bool open(char* base, std::size_t bytes) noexcept;

  [[nodiscard]] std::uint32_t granule_of(const void* block) const noexcept {
    return static_cast<std::uint32_t>(
        static_cast<std::size_t>(static_cast<const char*>(block) - base_) /
        kGranuleBytes);
  }
  [[nodiscard]] std::uint32_t number_of(const Page& page) const noexcept {
    return static_cast<std::uint32_t>(
        static_cast<std::size_t>(reinterpret_cast<const char*>(&page) - base_) /
        kPageBytes);
  }
  [[nodiscard]] Page& page(std::uint32_t number) const noexcept {
    return *reinterpret_cast<Page*>(base_ + std::size_t{number} * kPageBytes);
  }

  // Of each granule.
  [[nodiscard]] std::uint8_t* narrow() const noexcept { return narrow_; }
  [[nodiscard]] std::uint32_t* wide() const noexcept { return wide_; }
  // Of each 64: kWordsPerPage of them for a page.
  [[nodiscard]] Colours* colours() const noexcept { return colours_; }
  [[nodiscard]] Colours& colours_of(std::uint32_t granule) const noexcept {
    return colours_[granule / 64];
  }
  [[nodiscard]] static std::uint64_t bit_of(std::uint32_t granule) noexcept {
    return std::uint64_t{1} << (granule % 64);
  }
  [[nodiscard]] bool is_white(std::uint32_t granule) const noexcept {
    return (colours_of(granule).white & bit_of(granule)) != 0;
  }
  // Of each page.
  [[nodiscard]] std::uint8_t* marks() const noexcept { return marks_; }
  [[nodiscard]] std::uint32_t* scope() const noexcept { return scope_; }
  [[nodiscard]] std::uint32_t* queue() const noexcept { return queue_; }

  [[nodiscard]] std::uint32_t* next_free() const noexcept { return next_free_; }

  // All zero, for memory that may not be. For one page.
  void wipe(std::uint32_t page) noexcept;

  // Gives the memory of `narrow` and `wide` of a page back to the system.
  void discard(std::uint32_t page) noexcept;

 private:
  char* base_ = nullptr;
  void* range_ = nullptr;
  std::size_t range_bytes_ = 0;
  std::uint8_t* narrow_ = nullptr;
  std::uint32_t* wide_ = nullptr;
  Colours* colours_ = nullptr;
  std::uint8_t* marks_ = nullptr;
  std::uint32_t* scope_ = nullptr;
  std::uint32_t* queue_ = nullptr;
  std::uint32_t* next_free_ = nullptr;
};

static_assert(SideTables::kGranuleBytes <= sizeof(BlockWord) * 2,
              "a block is at least as long as its header, and so as a granule");

}  // namespace threadmill
