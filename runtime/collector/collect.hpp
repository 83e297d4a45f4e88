// SPDX-License-Identifier: Apache-2.0
//
// The cycle collector: stop-the-world, three generations. It runs when a thread asks for
// it; when a page of a heap is used up and a generation is due (generations.hpp); and, of
// all generations, at an allocation that would take another page once the pages in use have
// doubled since the last such collection ended, for garbage whose containers are few and
// long, or if there is no other page.
// What the trash leaves empty goes back first, in a second pause; were it counted, the
// threshold would double each time while the garbage of one period filled it.
//
// Callbacks of weak references and finalizers run between the pauses; see finalize.hpp.
//
// One collection at a time; a second thread that asks waits, detached, and then collects
// itself, so after a collect() that completed a whole collection has taken place since
// the call. It asks for no memory, but for the tasks of its team (team.hpp).
#pragma once

#include <cstdint>

#include "runtime/collector/debugging.hpp"
#include "runtime/collector/generations.hpp"
#include "runtime/collector/observers.hpp"
#include "runtime/collector/team.hpp"
#include "runtime/collector/trash.hpp"
#include "runtime/containers/kept.hpp"
#include "runtime/containers/list.hpp"
#include "runtime/object/header.hpp"
#include "runtime/object/weak.hpp"
#include "runtime/sync/ticket_lock.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

struct CollectResult {
  // Unreachable objects that were found and freed; what a finalizer resurrected is none.
  std::uint64_t collected = 0;
  // False: user code asked that a thread runs which collects or waits for its turn (a
  // finalizer, a callback, a destructor).
  bool completed = false;
};

class Collector {
 public:
  explicit Collector(World& world, Arena& arena) noexcept
      : world_(world), arena_(arena), scope_(arena), trash_(scope_) {}

  // A collection of `generation` and of what is younger, by this thread, whose slot is
  // `self`. A safepoint.
  CollectResult collect(Slot& self, unsigned generation = kOldest) noexcept;

  // The heap is about to grow: a collection, if one is due. While one is running this
  // thread waits for its pauses, and clears some of its trash, so that the heap grows
  // slower than the trash goes. A safepoint.
  void collect_if_due(Slot& self) noexcept;

  // A page of the heap of `self` is used up: a collection, if a generation is due and none
  // is running. A safepoint.
  void collect_generation_if_due(Slot& self) noexcept;

  // No collection runs until release(), by the same thread. A safepoint. False: user code
  // asks that a collection runs.
  [[nodiscard]] bool hold(Slot& self) noexcept;
  void release(Slot& self) noexcept;
  // How many threads a collection may use, 1 to Team::kMaxSize, from the next one on. A
  // safepoint. False: user code asks that a collection runs, or memory ran out, and it is
  // one thread.
  [[nodiscard]] bool set_threads(Slot& self, unsigned threads) noexcept;
  // In the child of a fork, which has one thread, and that holds it.
  void forget_other_threads() noexcept;

  // Automatic collections only; any thread.
  void enable(bool on) noexcept {
    enabled_.store(on, relaxed);  // relaxed: a switch, publishes nothing
  }
  [[nodiscard]] bool is_enabled() const noexcept {
    return enabled_.load(relaxed);  // relaxed: as above
  }

  // The next collect_if_due() collects.
  void make_due_for_test() noexcept {
    next_pages_.store(0, relaxed);  // relaxed: a heuristic
  }

  [[nodiscard]] Team& team_for_test() noexcept { return team_; }

  [[nodiscard]] GenerationCounts counts(Slot& self) const noexcept;
  [[nodiscard]] Generations& generations() noexcept { return generations_; }
  [[nodiscard]] Observers& observers() noexcept { return observers_; }
  [[nodiscard]] Debugging& debugging() noexcept { return debugging_; }
  [[nodiscard]] Kept<List>& roots() noexcept { return roots_; }

 private:
  // By the holder of `lock_`.
  CollectResult collect_in_turn(Slot& self, unsigned generation) noexcept;
  // False: another thread collects, or waits to.
  [[nodiscard]] bool collect_unless_busy(Slot& self, unsigned generation) noexcept;
  [[nodiscard]] bool is_automatic() const noexcept;
  // The number of blocks that it passed over.
  std::uint64_t find_trash(Slot& self,
                           unsigned generation,
                           WeakCallbacks& callbacks) noexcept;
  // Runs callbacks and finalizers, and spares what those resurrected.
  void finalize(Slot& self, WeakCallbacks& callbacks) noexcept;
  void clear(Slot& self) noexcept;
  void keep_as_garbage(Slot& self) noexcept;
  void help(Slot& self) noexcept;
  void plan_next() noexcept;

  static constexpr std::size_t kLeastPages = 256;  // 16 MiB
  static constexpr int kBatchesPerPage = 64;       // 4096 objects; a page holds 4000

  World& world_;
  Arena& arena_;
  Generations generations_;
  Observers observers_;
  Debugging debugging_;
  Kept<List> roots_;
  TicketLock lock_;
  Team team_;
  // Of the collection that is running.
  Scope scope_;
  Trash trash_;
  std::uint64_t turn_ = 0;  // of its header checks; the holder of `lock_`
  Atomic<bool> collecting_;
  Atomic<std::uint32_t> phase_;  // odd: a pause is coming, and the heap does not grow
  Atomic<bool> enabled_{true};
  Atomic<std::size_t> next_pages_{kLeastPages};
};

}  // namespace threadmill
