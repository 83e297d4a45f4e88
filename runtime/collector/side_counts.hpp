// SPDX-License-Identifier: Apache-2.0
//
// Side counts: one number per object, by its granule (memory/side_tables.hpp), for the
// length of one pause. A byte holds those up to 253, so that the counts of a heap of 1 GiB
// fit into 64 MiB; greater ones stand in a wider table, which is touched for them alone.
//
//   narrow   0         the object has no count
//            1 to 254  its count is one less
//            255       its count is in `wide`
#pragma once

#include <cstdint>
#include <cstring>

#include "runtime/memory/side_tables.hpp"

namespace threadmill {

class SideCounts {
 public:
  static constexpr std::uint8_t kZero = 1;  // of `narrow`: a count of zero

  explicit SideCounts(const SideTables& side) noexcept
      : narrow_(side.narrow()), wide_(side.wide()) {}

  [[nodiscard]] bool has(std::uint32_t granule) const noexcept {
    return narrow_[granule] != 0;
  }
  // Of one that has a count.
  [[nodiscard]] std::uint32_t get(std::uint32_t granule) const noexcept {
    const std::uint8_t narrow = narrow_[granule];
    return narrow == kIsWide ? wide_[granule] : narrow - 1U;
  }
  void set(std::uint32_t granule, std::uint64_t count) noexcept {
    if (count < kIsWide - 1U) {
      narrow_[granule] = static_cast<std::uint8_t>(count + 1);
    } else {
      narrow_[granule] = kIsWide;
      wide_[granule] = static_cast<std::uint32_t>(count);
    }
  }
  // All that have one on the page, which had none; `narrow` has kZero for each.
  void begin_page(std::uint32_t page, const std::uint8_t* narrow) noexcept {
    std::memcpy(narrow_ + page * SideTables::kGranulesPerPage, narrow,
                SideTables::kGranulesPerPage);
  }
  // One more, of an object that has a count; nothing for others.
  void increment(std::uint32_t granule) noexcept {
    const std::uint8_t narrow = narrow_[granule];
    if (narrow - 1U < kIsWide - 2U)
      narrow_[granule] = static_cast<std::uint8_t>(narrow + 1);
    else
      add(granule, 1);
  }
  // `more` more, likewise.
  void add(std::uint32_t granule, std::uint32_t more) noexcept {
    if (has(granule)) set(granule, std::uint64_t{get(granule)} + more);
  }
  // As many more as `more` says, which has a byte for each granule of the page.
  void add_to_page(std::uint32_t page, const std::uint8_t* more) noexcept {
    const std::uint32_t first = page * SideTables::kGranulesPerPage;
    for (std::uint32_t i = 0; i < SideTables::kGranulesPerPage; i += sizeof(Bytes)) {
      Bytes narrow;
      Bytes counted;
      std::memcpy(&narrow, narrow_ + first + i, sizeof narrow);
      std::memcpy(&counted, more + i, sizeof counted);
      counted &= reinterpret_cast<Bytes>(narrow != 0);
      const auto is_too_many = (counted != 0) & (counted >= kIsWide - narrow);
      std::uint64_t any[2];
      std::memcpy(any, &is_too_many, sizeof any);
      if ((any[0] | any[1]) != 0) [[unlikely]] {
        for (std::uint32_t k = 0; k < sizeof(Bytes); ++k)
          add(first + i + k, counted[k]);
      } else {
        narrow += counted;
        std::memcpy(narrow_ + first + i, &narrow, sizeof narrow);
      }
    }
  }

  void prefetch(std::uint32_t granule) const noexcept {
    __builtin_prefetch(narrow_ + granule, 1);
  }

  // No object of the page has a count.
  void forget_page(std::uint32_t page) noexcept {
    std::memset(narrow_ + page * SideTables::kGranulesPerPage, 0,
                SideTables::kGranulesPerPage);
  }

 private:
  static constexpr std::uint8_t kIsWide = 255;
  using Bytes [[gnu::vector_size(16)]] = std::uint8_t;

  std::uint8_t* const narrow_;
  std::uint32_t* const wide_;
};

}  // namespace threadmill
