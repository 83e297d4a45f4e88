// SPDX-License-Identifier: Apache-2.0
//
// Trash: what a collection has found, which is what is white in its scope.
//
//   found      in the pause: marked as trash, for whoever walks the heap. If user code of
//              trash will run, each object gets a reference of the collector's, so that
//              none can die under it
//   released   for good: nobody can come to it. It is cleared word by word, that is up to
//              64 objects at a time, by the collection's thread and by threads that make
//              the heap grow meanwhile: otherwise many of them would make garbage faster
//              than one clears it. So the end of a collection waits for user code of
//              helpers, too: whoever collects with a lock in hand, for which a finalizer
//              waits, may wait for ever
//
// To clear an object is to drop its references to what is no trash, to end it and to free
// its block. References from trash to trash are not dropped one by one: all of it goes, so
// nobody asks for the counts any more. They are known by the white bits, which stay until
// all is cleared, although in a block of theirs may be a new object by then.
//
// Invariants
//   T1  a thread that takes a batch is counted in `clearing_` before the lock is released,
//       and until the batch is cleared; so once the trash is empty under the lock and
//       nobody is counted, all of it has ended.
//
// Edges
//   batch-done   the clearing of a batch happens before the end of its collection
#pragma once

#include <cstdint>

#include "runtime/collector/scope.hpp"
#include "runtime/collector/team.hpp"
#include "runtime/object/header.hpp"
#include "runtime/sync/word_lock.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

class Trash {
 public:
  explicit Trash(const Scope& scope) noexcept : scope_(scope) {}

  // For the thread of the collection, until release(): `visit(Object&)`.
  template <class Visit>
  void for_each(Visit visit) const noexcept {
    scope_.for_each_white(
        [&visit](Object& object, std::uint32_t) noexcept { visit(object); });
  }

  // In the pause of the collection: what is white is trash from now on.
  void find(Team& team) noexcept TM_REQUIRES(stopped_world);
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  // Finalizers that have not run.
  [[nodiscard]] std::uint64_t finalizers() const noexcept { return finalizers_; }
  // Some of it may have weak references.
  [[nodiscard]] bool has_weak_references() const noexcept {
    return has_weak_references_;
  }

  // Gives each object a reference of the collector's.
  void hold(Team& team) noexcept TM_REQUIRES(stopped_world);
  [[nodiscard]] bool is_held() const noexcept { return is_held_; }
  // Takes out what is white no more, and gives back the references to it. How many.
  std::uint64_t let_go_of_spared() noexcept TM_REQUIRES(stopped_world);
  // The same with all of it.
  void let_go() noexcept TM_REQUIRES(stopped_world);

  // From now on it may be cleared.
  void release() noexcept;

  // Clears one batch; false: none was left. `self` is the slot of this thread; the world
  // runs. Runs destructors, and passes a safepoint.
  bool clear_batch(Slot& self) noexcept;

  // For the thread of the collection: clears all, and waits for those who help. Then
  // nothing is white.
  void clear_all(Slot& self) noexcept;

 private:
  struct Batch {
    std::uint32_t page = 0;
    std::uint32_t word = 0;
    std::uint64_t bits = 0;  // 0: there is none
  };

  // What one member of the team has found.
  struct Found {
    std::uint64_t objects = 0;
    std::uint64_t finalizers = 0;
    bool weak_references = false;

    void add(Object& object) noexcept TM_REQUIRES(stopped_world);
  };

  [[nodiscard]] Batch take_batch() noexcept;
  void clear(Slot& self, const Batch& batch) noexcept;
  void wait_for_helpers(Slot& self) noexcept;
  void whiten_nothing() noexcept;

  const Scope& scope_;
  std::uint64_t size_ = 0;
  std::uint64_t finalizers_ = 0;
  bool has_weak_references_ = false;
  bool is_held_ = false;

  WordLock lock_;
  bool released_ TM_GUARDED_BY(lock_) = false;
  std::uint32_t next_page_ TM_GUARDED_BY(lock_) = 0;  // in the scope
  std::uint32_t next_word_ TM_GUARDED_BY(lock_) = 0;
  Atomic<std::uint32_t> clearing_;  // threads that have a batch
};

}  // namespace threadmill
