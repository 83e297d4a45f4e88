// SPDX-License-Identifier: Apache-2.0
//
// Gc: the collector, with the interface of Python's gc module.
//
//     gc.collect()            gc.collect(0)           gc.enable() disable() is_enabled()
//     gc.count()              gc.threshold()          gc.set_threshold({700, 10, 10})
//     gc.stats()              gc.add_callback({f, context})
//     gc.objects()            gc.objects(0)           gc.referrers(*x)  gc.referents(*x)
//     gc.is_tracked(*x)       gc.is_finalized(*x)
//     gc.freeze()             gc.unfreeze()           gc.freeze_count()
//     gc.set_debug(gc_debug::kLeak)                   gc.garbage()
//     gc.roots()              gc.set_threads(2)       (not in Python, which has modules
//                                                      and frames, and collects on one)
//
// Any attached thread, any number of them at once.
#pragma once

#include <span>

#include "runtime/base/assert.hpp"
#include "runtime/collector/collect.hpp"
#include "runtime/collector/inspect.hpp"
#include "runtime/thread/current.hpp"

namespace threadmill {

class Gc {
 public:
  explicit Gc(Collector& collector) noexcept : collector_(collector) {}

  // A collection of `generation`, 0 to 2, and of what is younger; see CollectResult.
  CollectResult collect(unsigned generation = kOldest) noexcept {
    return collector_.collect(*current(), generation);
  }
  // How many threads a collection may use, 1 to Team::kMaxSize; as many as there are
  // processors, if nobody says so. False: the caller is user code of a collection, or memory
  // ran out, and it is one thread.
  [[nodiscard]] bool set_threads(unsigned threads) noexcept {
    return collector_.set_threads(*current(), threads);
  }
  // Automatic collections.
  void enable() noexcept { collector_.enable(true); }
  void disable() noexcept { collector_.enable(false); }
  [[nodiscard]] bool is_enabled() const noexcept { return collector_.is_enabled(); }

  // See generations.hpp. count() stops the world for a moment.
  [[nodiscard]] GenerationCounts count() const noexcept {
    return collector_.counts(*current());
  }
  [[nodiscard]] GenerationCounts threshold() const noexcept {
    return collector_.generations().thresholds();
  }
  void set_threshold(const GenerationCounts& thresholds) noexcept {
    collector_.generations().set_thresholds(thresholds);
  }

  // Completed collections, and what they did, of each generation; and of all.
  [[nodiscard]] std::array<GenerationStatistics, kGenerations> stats() const noexcept {
    return collector_.observers().statistics();
  }
  [[nodiscard]] std::uint64_t collections() const noexcept {
    return collector_.observers().collections();
  }

  // Called as each collection starts and stops, by its thread. False: there are
  // Observers::kMaxCallbacks already.
  [[nodiscard]] bool add_callback(const CollectionCallback& callback) noexcept {
    return collector_.observers().add(callback);
  }
  bool remove_callback(const CollectionCallback& callback) noexcept {
    return collector_.observers().remove(callback);
  }

  // A list that the runtime keeps. Whoever puts the root of a large structure into it saves
  // full collections half their work: they look first at what it leads to, and find that
  // alive without counting references. Null: out of memory.
  [[nodiscard]] Ref<List> roots() noexcept { return collector_.roots().get(); }

  // See inspect.hpp.
  [[nodiscard]] Ref<List> objects() const noexcept {
    return tracked_objects(*current(), kGenerations);
  }
  // Of one generation, 0 to 2.
  [[nodiscard]] Ref<List> objects(unsigned generation) const noexcept {
    TM_CHECK(generation < kGenerations, "generations-are-0-to-2",
             "the objects were asked for of a generation that does not exist");
    return tracked_objects(*current(), generation);
  }
  [[nodiscard]] Ref<List> referrers(const Object& target) const noexcept {
    return referrers_of(*current(), target);
  }
  [[nodiscard]] Ref<List> referents(Object& object) const noexcept {
    Object* const one[] = {&object};
    return referents_of(*current(), one);
  }
  // Of each of them, at one moment.
  [[nodiscard]] Ref<List> referents(std::span<Object* const> objects) const noexcept {
    return referents_of(*current(), objects);
  }
  [[nodiscard]] bool is_tracked(const Object& object) const noexcept {
    return threadmill::is_tracked(object);
  }
  // Its finalizer has begun.
  [[nodiscard]] bool is_finalized(const Object& object) const noexcept {
    return (object.flags.load(relaxed) & flag::kFinalized) != 0;  // relaxed: a snapshot
  }
  void freeze() noexcept { threadmill::freeze(*current(), collector_.generations()); }
  void unfreeze() noexcept { threadmill::unfreeze(*current()); }
  [[nodiscard]] std::uint64_t freeze_count() const noexcept {
    return count_frozen(*current());
  }

  // See debugging.hpp.
  void set_debug(unsigned flags) noexcept { collector_.debugging().set_flags(flags); }
  [[nodiscard]] unsigned debug() const noexcept {
    return collector_.debugging().flags();
  }
  [[nodiscard]] Ref<List> garbage() noexcept {
    return collector_.debugging().garbage().get();
  }

 private:
  Collector& collector_;
};

}  // namespace threadmill
