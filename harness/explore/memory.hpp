// SPDX-License-Identifier: Apache-2.0
//
// Memory: what an atomic operation reads and what it orders. One file per model:
//   memory_sc      sequential consistency: memory holds one value per location
//   memory_rc11    RC11 (Lahav, Vafeiadis, Kang, Hur, Dreyer, PLDI 2017)
// Both keep the clocks of happens-before by the orders that the program states, so races
// on plain fields are found under either.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "harness/explore/clock.hpp"
#include "harness/explore/location.hpp"
#include "harness/explore/operation.hpp"
#include "harness/explore/strategy.hpp"

namespace threadmill::explore {

// A thread in the eyes of the memory.
struct View {
  std::uint8_t thread = 0;
  Timestamp time = 0;   // of its last event
  Clock clock;          // what happens before its next event
  Clock acquire_fence;  // what an acquire fence would add
  Clock release_fence;  // what its last release fence published
};

using Change = std::uint64_t (*)(std::uint64_t value, std::uint64_t operand);

struct CasResult {
  std::uint64_t read;
  bool swapped;
};

// The choices of an execution, as far as memory asks for them.
using Ask = unsigned (*)(unsigned count, Choice choice);

class Memory {
 public:
  explicit Memory(Ask asked) noexcept : ask_(asked) {}
  virtual ~Memory() = default;

  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // Whether the execution may have sequentially consistent fences.
  virtual void begin(bool sc_fences) = 0;

  [[nodiscard]] virtual std::uint64_t load(View& view,
                                           Location& location,
                                           std::memory_order order) = 0;
  virtual void store(View& view,
                     Location& location,
                     std::uint64_t value,
                     std::memory_order order) = 0;
  // Returns the value before.
  [[nodiscard]] virtual std::uint64_t change(View& view,
                                             Location& location,
                                             Change function,
                                             std::uint64_t operand,
                                             std::memory_order order) = 0;
  // A failure is a relaxed load.
  [[nodiscard]] virtual CasResult cas(View& view,
                                      Location& location,
                                      std::uint64_t expected,
                                      std::uint64_t desired,
                                      std::memory_order order,
                                      bool may_fail) = 0;
  virtual void fence(View& view, std::memory_order order) = 0;

  // The thread that stored what the last operation read; kNobody: none of them.
  [[nodiscard]] unsigned read_from() const noexcept { return read_from_; }

 protected:
  [[nodiscard]] unsigned ask(unsigned count, Choice choice) const {
    return count < 2 ? 0 : ask_(count, choice);
  }

 private:
  const Ask ask_;

 protected:
  unsigned read_from_ = kNobody;
};

// The bytes at the location, whatever the model says of them.
[[nodiscard]] std::uint64_t read_raw(const Location& location) noexcept;
void write_raw(const Location& location, std::uint64_t value) noexcept;

}  // namespace threadmill::explore
