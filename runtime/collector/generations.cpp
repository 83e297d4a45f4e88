// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/generations.hpp"

#include <algorithm>

#include "runtime/base/fault.hpp"

namespace threadmill {

GenerationCounts Generations::thresholds() const noexcept {
  // relaxed, all: counts and switches, which publish nothing
  GenerationCounts result;
  for (unsigned g = 0; g < kGenerations; ++g) result[g] = thresholds_[g].load(relaxed);
  return result;
}

void Generations::set_thresholds(const GenerationCounts& thresholds) noexcept {
  // relaxed, all: counts and switches, which publish nothing
  for (unsigned g = 0; g < kGenerations; ++g)
    thresholds_[g].store(thresholds[g], relaxed);
}

bool Generations::oldest_may_be_due() const noexcept {
  if (fault(Fault::threshold_ignores_live_size)) return true;
  // relaxed, all: counts and switches, which publish nothing
  return long_lived_pending_.load(relaxed) >= long_lived_.load(relaxed) / 4;
}

void Generations::add(std::int64_t made) noexcept {
  // What ends, and was there before the last collection, makes up for nothing that is made.
  std::int64_t count0 = count0_.load(relaxed);  // relaxed: confirmed by the cas
  // relaxed: a count
  while (!count0_.cas(count0, std::max<std::int64_t>(count0 + made, 0), relaxed)) {
  }
}

unsigned Generations::due(Slot& self) noexcept {
  add(self.new_containers);
  self.new_containers = 0;
  // relaxed, all: counts and switches, which publish nothing
  const auto count0 = static_cast<std::uint64_t>(count0_.load(relaxed));
  const std::uint64_t threshold0 = thresholds_[0].load(relaxed);
  if (threshold0 == 0 || count0 <= threshold0) return kNone;
  for (unsigned g = kOldest; g > 0; --g) {
    if (counts_[g].load(relaxed) > thresholds_[g].load(relaxed) &&
        (g < kOldest || oldest_may_be_due()))
      return g;
  }
  return 0;
}

GenerationCounts Generations::counts(const World& world) const noexcept {
  // relaxed, all: counts and switches, which publish nothing
  std::int64_t count0 = count0_.load(relaxed);
  world.for_each_slot([&count0](Slot& slot) {
    count0 += slot.new_containers;
    if (fault(Fault::poller_drains_alloc_counter)) slot.new_containers = 0;
  });
  return {static_cast<std::uint64_t>(std::max<std::int64_t>(count0, 0)),
          counts_[1].load(relaxed), counts_[2].load(relaxed)};
}

void Generations::froze(const World& world, std::uint64_t blocks) noexcept {
  began(world, kOldest);
  survived(kOldest, blocks);
}

void Generations::began(const World& world, unsigned generation) noexcept {
  // relaxed, all: counts and switches, which publish nothing
  world.for_each_slot([](Slot& slot) { slot.new_containers = 0; });
  count0_.store(0, relaxed);
  for (unsigned g = 1; g <= generation; ++g) counts_[g].store(0, relaxed);
  if (generation < kOldest) counts_[generation + 1].fetch_add(1, relaxed);
}

void Generations::survived(unsigned generation, std::uint64_t survivors) noexcept {
  // relaxed, all: counts and switches, which publish nothing
  if (generation == kOldest) {
    long_lived_.store(survivors, relaxed);
    long_lived_pending_.store(0, relaxed);
  } else if (generation + 1 == kOldest) {
    long_lived_pending_.fetch_add(survivors, relaxed);
  }
}

}  // namespace threadmill
