// SPDX-License-Identifier: Apache-2.0
//
// RC11 (Lahav, Vafeiadis, Kang, Hur, Dreyer, PLDI 2017), with C++20's release sequences,
// which continue through read-modify-writes only. As in that model, po and rf together
// have no cycle: a load reads what was stored before it in the execution, so load
// buffering and values out of thin air are outside of it by definition.
//
// The messages of a location stand in modification order. An operation chooses among the
// graphs that stay consistent:
//   load    any message that is not older than one it knows of: by happens-before of the
//           store, or of a load of it (coherence)
//   store   any place after the newest message it knows of, but not between a
//           read-modify-write and what that read (atomicity)
//   RMW     like a load, of a message that no other RMW has read; it goes right after it
// and among those, for sequentially consistent operations, the ones that ScOrder allows.
// The newest message is always in memory, too.
#pragma once

#include "harness/explore/memory.hpp"
#include "harness/explore/sc_order.hpp"

namespace threadmill::explore {

class Rc11Memory final : public Memory {
 public:
  using Memory::Memory;

  void begin(bool sc_fences) override { order_.begin(sc_fences); }
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
  using Candidates = std::vector<std::size_t>;  // indices, newest first

  static void prepare(Location& location);
  // The newest message that the thread knows of.
  static std::size_t floor_of(const View& view, const Location& location);
  void read(View& view, Location& location, std::size_t index, std::memory_order order);
  void write(const View& view,
             Location& location,
             std::size_t index,
             std::uint64_t value,
             std::memory_order order,
             const Message* read);
  void modify(View& view,
              Location& location,
              std::size_t index,
              std::uint64_t value,
              std::memory_order order);
  // The index of one of the messages that `accept` takes.
  template <class Accept>
  [[nodiscard]] std::size_t choose(const View& view,
                                   Location& location,
                                   Choice choice,
                                   Accept accept);
  [[nodiscard]] bool allows(const ScCandidate& candidate) const;
  void add(const ScCandidate& candidate);

  ScOrder order_;
  Candidates candidates_;
};

}  // namespace threadmill::explore
