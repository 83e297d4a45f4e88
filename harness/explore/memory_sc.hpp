// SPDX-License-Identifier: Apache-2.0
//
// Sequential consistency: a load reads what was stored last. What it learns of other
// threads' plain writes still depends on the orders.
#pragma once

#include "harness/explore/memory.hpp"

namespace threadmill::explore {

class ScMemory final : public Memory {
 public:
  using Memory::Memory;

  void begin(bool /*sc_fences*/) override {}
  std::uint64_t load(View& view, Location& location, std::memory_order order) override;
  void store(View& view,
             Location& location,
             std::uint64_t value,
             std::memory_order order) override;
  std::uint64_t change(View& view,
                       Location& location,
                       Change function,
                       std::uint64_t operand,
                       std::memory_order order) override;
  CasResult cas(View& view,
                Location& location,
                std::uint64_t expected,
                std::uint64_t desired,
                std::memory_order order,
                bool may_fail) override;
  void fence(View& view, std::memory_order order) override;

 private:
  void read(View& view, const Location& location, std::memory_order order);
  static void write(const View& view, Location& location, std::memory_order order);
};

}  // namespace threadmill::explore
