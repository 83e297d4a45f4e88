// SPDX-License-Identifier: Apache-2.0
//
// Finding unreachable cycles by trial subtraction over side counts (Lins; CPython's gc
// module): an object whose count is not explained by references from other containers is
// used from outside, and so is what it reaches; the rest is trash.
//
//     counts       subtract edges     mark from what is left      trash
//     A 2 <- out   A 1                A reached                   C, D
//     B 1          B 0                B reached (from A)
//     C 1, D 1     C 0, D 0           -
//
// Only objects with a `traverse` take part. Those that are immortal are outside, and so
// are dying ones, whose references are still counted.
#pragma once

#include "runtime/base/chunk_stack.hpp"
#include "runtime/collector/side_counts.hpp"

namespace threadmill {

// Puts every unreachable object into `trash`. All counts are exact (settle_counts_in_pause).
// Changes no object. False: memory ran out, and `trash` means nothing.
[[nodiscard]] bool find_unreachable(const World& world,
                                    ChunkStack<Object>& trash) noexcept
    TM_REQUIRES(stopped_world);

}  // namespace threadmill
