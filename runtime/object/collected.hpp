// SPDX-License-Identifier: Apache-2.0
//
// Whether collections look at an object, and so can end one that no decrement ends.
#pragma once

#include "runtime/memory/block_state.hpp"
#include "runtime/memory/page.hpp"
#include "runtime/object/header.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

// Its type has `traverse`, and no collection has found that it takes part in no cycle.
[[nodiscard]] inline bool is_collected(const Object& object) noexcept {
  if (type_of(object).traverse == nullptr) return false;
  Page& page = page_of(&object);
  // relaxed: changed in pauses
  const std::uint8_t state = page.liveness(page.index_of(&object)).load(relaxed);
  return (state & block_state::kUntracked) == 0;
}

}  // namespace threadmill
