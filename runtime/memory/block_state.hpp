// SPDX-License-Identifier: Apache-2.0
//
// What the liveness byte of a block says (page.hpp). A birth writes it anew, a death takes
// `live` away, the collector changes the rest, in a pause.
//
//   live        an object that is whole and has not died
//   age         0 to 2: its generation; 3: frozen, which no collection looks at
//   untracked   it takes part in no cycle, now and for ever
//   trash       a collection has found it to be unreachable, and clears it
#pragma once

#include <cstdint>

namespace threadmill::block_state {

inline constexpr std::uint8_t kDead = 0;
inline constexpr std::uint8_t kLive = 1;
inline constexpr std::uint8_t kAgeMask = 6;
inline constexpr std::uint8_t kUntracked = 8;
inline constexpr std::uint8_t kTrash = 16;

inline constexpr unsigned kFrozen = 3;  // an age

constexpr bool is_live(std::uint8_t state) noexcept { return (state & kLive) != 0; }
constexpr unsigned age(std::uint8_t state) noexcept { return (state & kAgeMask) / 2U; }
constexpr std::uint8_t with_age(std::uint8_t state, unsigned age) noexcept {
  return static_cast<std::uint8_t>((state & ~kAgeMask) | (age * 2U));
}

}  // namespace threadmill::block_state
