// SPDX-License-Identifier: Apache-2.0
//
// Size classes of objects: steps of 8 bytes up to 128, then eight steps per doubling up
// to 1024. Whatever is longer keeps its bulk in a buffer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace threadmill {

inline constexpr std::size_t kMaxObjectBytes = 1024;

namespace detail {

constexpr std::size_t size_step(std::size_t bytes) noexcept {
  return bytes < 128 ? 8 : bytes < 256 ? 16 : bytes < 512 ? 32 : 64;
}

constexpr std::size_t count_size_classes() noexcept {
  std::size_t count = 0;
  for (std::size_t bytes = 16; bytes <= kMaxObjectBytes; bytes += size_step(bytes))
    ++count;
  return count;
}

}  // namespace detail

inline constexpr std::size_t kSizeClasses = detail::count_size_classes();

// Bytes of a block of each class.
inline constexpr auto kClassBytes = [] {
  std::array<std::uint16_t, kSizeClasses> table{};
  std::size_t bytes = 16;
  for (std::uint16_t& entry : table) {
    entry = static_cast<std::uint16_t>(bytes);
    bytes += detail::size_step(bytes);
  }
  return table;
}();

// The class for each number of 8-byte granules.
inline constexpr auto kClassOfGranules = [] {
  std::array<std::uint8_t, kMaxObjectBytes / 8 + 1> table{};
  std::size_t size_class = 0;
  for (std::size_t granules = 0; granules < table.size(); ++granules) {
    if (granules * 8 > kClassBytes[size_class]) ++size_class;
    table[granules] = static_cast<std::uint8_t>(size_class);
  }
  return table;
}();

// `bytes` is at most kMaxObjectBytes.
constexpr std::size_t size_class_of(std::size_t bytes) noexcept {
  return kClassOfGranules[(bytes + 7) / 8];
}

static_assert(kClassBytes[size_class_of(24)] == 24);
static_assert(kClassBytes[size_class_of(129)] == 144);
static_assert(kClassBytes[kSizeClasses - 1] == kMaxObjectBytes);

}  // namespace threadmill
