// SPDX-License-Identifier: Apache-2.0
//
// Distribution: an object that many threads count at once is counted by each of them in a
// place of its own, by plain loads and stores. Its true count is then the sum of what all
// slots have for it and of `shared`, less a bias. Nobody knows that sum but in a pause, so
// such an object ends in a collection only.
//
//   word0                shared                 what happens
//   {self, k} or {0, 0}  (n, not queued)        this thread's, or nobody's
//   the same             (n+k+bias, merged)     biased: every drop finds it far from zero
//   {distributed, id}    the same               published: counted by id from now on
//   {0, 0}               (n, merged)            gathered again, in a pause
//
// Invariants
//   X1  first biased, then published. A thread that read the old word0 still counts in
//       `shared`: without the bias its drop might find (0, merged), or ask an owner to
//       merge who is none any more.
//   X2  who wins the compare-and-swap that biases publishes; who finds a bias there leaves
//       it alone.
//   X3  in every pause that decides about counts, those of all slots are added up first,
//       also of slots that nobody holds (catalogue A11).
//   X4  an id names an object until that has ended or was gathered, and none until the next
//       pause after it. Ids begin with 1: 0 is none (catalogue A10).
//   X5  where a slot has no memory for its counts it counts in `shared`, which is as right.
//
// Edges
//   counts-open   a slot's counts are zero before another thread adds them up
#pragma once

#include <cstdint>

#include "runtime/base/annotations.hpp"
#include "runtime/base/system_memory.hpp"
#include "runtime/object/header.hpp"
#include "runtime/sync/word_lock.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

inline constexpr std::uint32_t kMostDistributed = kExplored ? 7 : 1023;

// What one slot has counted. Its holder writes, and a pause.
struct alignas(kCacheLine) SlotCounts : SystemAllocated {
  Atomic<std::int64_t> of[kMostDistributed + 1];
};

// The ids of a world.
class Distribution {
 public:
  explicit Distribution(World& world) noexcept : world_(world) {
    world.distribution = this;
  }
  ~Distribution();

  Distribution(const Distribution&) = delete;
  Distribution& operator=(const Distribution&) = delete;

  // 0: all are taken.
  [[nodiscard]] std::uint32_t take_id(Object& object) noexcept;
  // X4.
  void give_back(std::uint32_t id) noexcept;

  // X3: adds what slots have counted to `shared`. Immortal becomes what has saturated.
  void fold_in_pause() noexcept TM_REQUIRES(stopped_world);

 private:
  [[nodiscard]] std::int64_t take_counts(std::uint32_t id) noexcept;

  World& world_;
  WordLock lock_;
  std::uint32_t used_ TM_GUARDED_BY(lock_) = 0;  // ids from 1 on that were ever taken
  std::uint32_t free_ TM_GUARDED_BY(lock_) = 0;  // list, linked by next_
  std::uint32_t returned_ TM_GUARDED_BY(lock_) = 0;  // likewise
  std::uint32_t next_[kMostDistributed + 1] TM_GUARDED_BY(lock_) = {};
  Object* objects_[kMostDistributed + 1] TM_GUARDED_BY(lock_) = {};  // null: none
};

[[nodiscard]] inline bool is_distributed(const Object& object) noexcept {
  // relaxed: a snapshot
  return word0::is_distributed(object.word0.load(relaxed));
}

// Distributes the counts of `object`, to which the caller has a reference of its own, and
// which this thread or nobody owns. False: so it is not, or they are distributed, or no
// collection looks at the object, or no id is left; then it is counted as before.
bool try_distribute(Object& object) noexcept;
// The same whoever owns it: stops the world for it, if need be.
bool distribute(Object& object) noexcept;

// The counts of `object`, to which the caller has a reference, are in one place again; it
// has no owner then, and ends like any other. False: they were not distributed. Stops the
// world.
bool gather(Object& object) noexcept;

// `object` has ended; if it has an id that is free soon. Its word0 is as it was.
void forget_distributed(Slot& self, const Object& object) noexcept;

}  // namespace threadmill
