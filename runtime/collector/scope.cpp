// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/scope.hpp"

namespace threadmill {

void Scope::choose(unsigned generation) noexcept {
  constexpr std::uint8_t kMarks[kGenerations] = {
      SideTables::kHasYoung, SideTables::kHasYoung | SideTables::kHasMiddle,
      SideTables::kInUse};
  generation_ = generation;
  pages_ = 0;
  const std::uint32_t touched = arena_.touched_pages();
  for (std::uint32_t number = 0; number < touched; ++number) {
    if ((side_.marks()[number] & kMarks[generation]) != 0)
      side_.scope()[pages_++] = number;
  }
  wanted_ = 0;
  for (unsigned age = 0; age <= generation; ++age)
    wanted_ |= 1U << block_state::with_age(block_state::kLive, age);
}

}  // namespace threadmill
