// SPDX-License-Identifier: Apache-2.0
//
// FailingMemory: for the length of its scope the runtime's memory runs out, as a plan says:
// at the n-th allocation, or at some, as a seed decides. All threads' allocations count, in
// the order in which they come to the door (base/memory_door.hpp). To walk n = 1, 2, 3, ...
// over a program until nothing failed is to see every one of its ways out.
//
// One scope at a time; it begins and ends while no other thread uses the runtime. Without
// effect unless kRefusals.
#pragma once

#include <cstdint>

#include "runtime/base/memory_door.hpp"

namespace threadmill {

struct MemoryFailures {
  std::uint64_t at = 0;      // the number of the allocation that fails, from 1; 0: none
  std::uint64_t one_in = 0;  // so many fail, at random; 0: none
  std::uint64_t seed = 0;
};

class FailingMemory {
 public:
  explicit FailingMemory(const MemoryFailures& plan) noexcept;
  ~FailingMemory();

  FailingMemory(const FailingMemory&) = delete;
  FailingMemory& operator=(const FailingMemory&) = delete;

  // Since the scope began.
  [[nodiscard]] std::uint64_t allocations() const noexcept;
  [[nodiscard]] std::uint64_t allocations(MemoryKind kind) const noexcept;
  [[nodiscard]] std::uint64_t failures() const noexcept;
};

}  // namespace threadmill
