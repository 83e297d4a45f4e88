// SPDX-License-Identifier: Apache-2.0
//
// Generations: which collection is due. An object is young until it has survived a
// collection, then middle, then old. A collection of generation g looks at what is in it
// and in the younger ones, and all that it leaves is in generation g + 1 from then on, or
// old: what is young as a collection of 1 or 2 comes is old after it, as in Python's.
//
//   count[0]   containers that were made since the last collection, less those that ended;
//              each slot counts its own, and adds them here as a page of its heap is used
//              up, which is when thresholds are looked at: so nobody who asks for the
//              counts can keep a collection from being due (gh-157377)
//   count[1]   collections of generation 0 since the last of 1 or 2
//   count[2]   collections of generation 1 since the last of 2
//
// Due is the oldest generation whose count is above its threshold, once count[0] is. The
// oldest, whose collection looks at the whole heap, waits beside that until what has become
// old since its last collection is a quarter of what that one had to look at, untracked and
// frozen objects included: so all of them together cost no more than a constant for each
// object that becomes old (gh-142048, gh-142531).
#pragma once

#include <array>
#include <cstdint>

#include "runtime/collector/scope.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

using GenerationCounts = std::array<std::uint64_t, kGenerations>;

class Generations {
 public:
  // The first: a young collection stops the world, which costs as much as making some
  // thousand objects. CPython's is 2000, of objects that are made ten times as slowly.
  static constexpr GenerationCounts kDefaultThresholds = {20'000, 10, 10};
  static constexpr unsigned kNone = kGenerations;

  // Any thread. The first: 0 switches automatic collections off.
  [[nodiscard]] GenerationCounts thresholds() const noexcept;
  void set_thresholds(const GenerationCounts& thresholds) noexcept;

  // What `self`, the slot of this thread, has counted is added to count[0]. The generation
  // that is due, or kNone.
  [[nodiscard]] unsigned due(Slot& self) noexcept;

  // The counts, exact, floored at 0.
  [[nodiscard]] GenerationCounts counts(const World& world) const noexcept
      TM_REQUIRES(stopped_world);

  // A collection of `generation` begins.
  void began(const World& world, unsigned generation) noexcept
      TM_REQUIRES(stopped_world);
  // So many objects of it survive; of the oldest, whatever the next one will pass over is
  // counted, too.
  void survived(unsigned generation, std::uint64_t survivors) noexcept
      TM_REQUIRES(stopped_world);
  // All objects are frozen. A full collection passes over so many blocks all the same.
  void froze(const World& world, std::uint64_t blocks) noexcept
      TM_REQUIRES(stopped_world);

 private:
  void add(std::int64_t made) noexcept;
  [[nodiscard]] bool oldest_may_be_due() const noexcept;

  Atomic<std::uint64_t> thresholds_[kGenerations] = {
      Atomic<std::uint64_t>(kDefaultThresholds[0]),
      Atomic<std::uint64_t>(kDefaultThresholds[1]),
      Atomic<std::uint64_t>(kDefaultThresholds[2])};
  Atomic<std::int64_t> count0_;
  Atomic<std::uint64_t> counts_[kGenerations];  // but the first
  Atomic<std::uint64_t> long_lived_;  // what the last full collection left to look at
  Atomic<std::uint64_t> long_lived_pending_;  // what has become old since
};

}  // namespace threadmill
