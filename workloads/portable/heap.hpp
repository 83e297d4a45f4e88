// SPDX-License-Identifier: Apache-2.0
//
// heap/replay: a part of the heap of a real program is rebuilt, walked from its roots and
// dropped, cycles and all. An object is a list of its number and of what it refers to. A
// model that collects no cycles has each object emptied by hand, which the row says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workloads/portable/row.hpp"
#include "workloads/replay_part.hpp"

namespace threadmill::portable {

template <ObjectModel M>
class HeapReplay {
 public:
  static constexpr RowInfo kInfo{
      .name = "heap/replay",
      .purpose =
          "2048 objects of a real heap are rebuilt, walked from the roots and "
          "dropped",
      .note = M::kCollectsCycles ? "" : "emptied by hand",
      .objects = kReplayObjects};

  explicit HeapReplay(unsigned /*threads*/) : part_(replay_part()) {}

  template <class Turn>
  void run(Turn& turn) {
    bool whole = true;
    turn.timed([&] {
      Objects objects = rebuild();
      Objects roots;
      for (const std::uint32_t root : part_.roots) roots.push_back(objects[root]);
      if constexpr (M::kCollectsCycles) objects.clear();  // the roots hold the rest
      whole &= is_whole(roots);
      if constexpr (!M::kCollectsCycles) {
        for (const Ref& object : objects) M::clear(object);
      }
    });
    turn.expect(whole, "what the roots lead to is not what it was");
    // relaxed: finish() comes after all threads
    made_.fetch_add(turn.iterations(), std::memory_order_relaxed);
  }

  void finish(typename M::World& world, Verdict& verdict) {
    world.collect();
    verdict.expect(all_died<M>(tally_, made_.load(std::memory_order_relaxed)),
                   "a heap was not ended, or twice");  // relaxed: as above
  }

 private:
  using Ref = typename M::Ref;
  using Objects = std::vector<Ref, typename M::template Allocator<Ref>>;

  [[nodiscard]] Objects rebuild() {
    Objects objects;
    objects.reserve(part_.targets.size());
    for (std::size_t i = 0; i < part_.targets.size(); ++i) {
      objects.push_back(M::list());
      M::append(objects[i], M::number(static_cast<std::int64_t>(i)));
    }
    for (std::size_t i = 0; i < part_.targets.size(); ++i) {
      for (const std::uint32_t target : part_.targets[i])
        M::append(objects[i], objects[target]);
    }
    // The end of one of them is told, behind what it refers to.
    M::append(objects[part_.roots.front()], M::node(0, &tally_));
    return objects;
  }

  [[nodiscard]] bool is_whole(const Objects& roots) const {
    std::vector<bool> seen(part_.targets.size());
    std::size_t objects = 0;
    std::size_t edges = 0;
    Objects open = roots;
    while (!open.empty()) {
      const Ref at = std::move(open.back());
      open.pop_back();
      const auto number = static_cast<std::size_t>(M::value(M::item(at, 0)));
      if (seen[number]) continue;
      seen[number] = true;
      ++objects;
      const std::size_t degree = part_.targets[number].size();
      edges += degree;
      for (std::size_t i = 1; i <= degree; ++i) open.push_back(M::item(at, i));
    }
    return objects == part_.reachable_objects && edges == part_.reachable_edges;
  }

  const ReplayPart& part_;
  Tally& tally_ = new_tally();
  std::atomic<std::uint64_t> made_{0};
};

}  // namespace threadmill::portable
