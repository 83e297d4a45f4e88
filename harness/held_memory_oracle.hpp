// SPDX-License-Identifier: Apache-2.0
//
// The oracle `held-memory`: what no live object needs is not kept.
//
//   while threads run   retired buffers never have more bytes than their budget allows, in
//                one slot and in all (runtime/memory/retire_budget.hpp, B1 and B2)
//   at rest      all workers have left, and nobody has stopped the world since: no
//                reference waits in an inbox for its owner (thread/slot.hpp, S3)
//   at the end   everything was dropped and collected: no retired buffer waits, no page
//                is without a live object or known to no heap, and no block is taken but
//                by one
#pragma once

#include <cstddef>

#include "harness/report.hpp"
#include "runtime/runtime.hpp"

namespace threadmill {

[[nodiscard]] Check judge_held_memory(const HeldMemory& at_the_end,
                                      std::size_t inbox_entries_at_rest);

}  // namespace threadmill
