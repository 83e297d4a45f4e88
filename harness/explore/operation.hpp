// SPDX-License-Identifier: Apache-2.0
//
// What a thread is about to do: the unit in which schedules are explored.
#pragma once

#include <atomic>
#include <cstdint>

namespace threadmill::explore {

struct Site {
  const char* file = nullptr;
  int line = 0;
};

enum class Op : std::uint8_t {
  none,  // finished, or not started
  load,
  store,
  rmw,  // a compare-and-swap, too
  fence,
  wait,  // futex: compare and sleep
  wake,  // futex
  yield,
  resume  // woken, about to go on
};

struct Operation {
  Op op = Op::none;
  std::memory_order order = std::memory_order_relaxed;
  std::uint8_t bytes = 0;
  const void* address = nullptr;
  Site site;
};

// Swapping two neighbouring operations of different threads could change something. A
// wake-up leaves the value alone, so it depends on sleepers and on other wake-ups only.
// Fences and sequentially consistent orders restrict which values may be read together
// in one execution graph, and a graph does not depend on the order of its making: they
// add no dependence.
[[nodiscard]] inline bool are_dependent(const Operation& a,
                                        const Operation& b) noexcept {
  if (a.address != b.address || a.address == nullptr) return false;
  const auto reads = [](Op op) { return op == Op::load || op == Op::wait; };
  const auto writes = [](Op op) { return op == Op::store || op == Op::rmw; };
  if (writes(a.op)) return b.op != Op::wake;
  if (writes(b.op)) return a.op != Op::wake;
  return !(reads(a.op) && reads(b.op)) && a.op != Op::load && b.op != Op::load;
}

[[nodiscard]] inline bool is_seq_cst(std::memory_order order) noexcept {
  return order == std::memory_order_seq_cst;
}
[[nodiscard]] inline bool acquires(std::memory_order order) noexcept {
  return order == std::memory_order_acquire || order == std::memory_order_acq_rel ||
         order == std::memory_order_consume || is_seq_cst(order);
}
[[nodiscard]] inline bool releases(std::memory_order order) noexcept {
  return order == std::memory_order_release || order == std::memory_order_acq_rel ||
         is_seq_cst(order);
}

[[nodiscard]] const char* name_of(Op op) noexcept;
[[nodiscard]] const char* name_of(std::memory_order order) noexcept;

}  // namespace threadmill::explore
