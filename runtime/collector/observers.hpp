// SPDX-License-Identifier: Apache-2.0
//
// Who is told of collections: functions that are called as one starts and as it stops, with
// the world running, and the numbers that are kept of each generation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/collector/scope.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/word_lock.hpp"

namespace threadmill {

struct CollectionInfo {
  unsigned generation = 0;
  // As it stops: objects that were found to be trash and freed, and those that could not be
  // freed. Of the latter there are none: Python has them for a legacy kind of finalizer.
  std::uint64_t collected = 0;
  std::uint64_t uncollectable = 0;
  // Blocks that were passed over in search of it: those of objects that take part, and
  // whatever else is on their pages. What a collection costs is in proportion to it.
  std::uint64_t examined = 0;
};

enum class CollectionPhase : unsigned char { start, stop };

struct CollectionCallback {
  void (*function)(void* context,
                   CollectionPhase phase,
                   const CollectionInfo& info) noexcept;
  void* context;

  bool operator==(const CollectionCallback&) const noexcept = default;
};

struct GenerationStatistics {
  std::uint64_t collections = 0;
  std::uint64_t collected = 0;
  std::uint64_t uncollectable = 0;
  std::uint64_t examined = 0;
};

// Any thread may call it.
class Observers {
 public:
  static constexpr std::size_t kMaxCallbacks = 16;

  // False: there are kMaxCallbacks already.
  [[nodiscard]] bool add(const CollectionCallback& callback) noexcept;
  // The one that was added first. False: there is no such callback. One that is being
  // called may still be running.
  bool remove(const CollectionCallback& callback) noexcept;

  // Calls all that were there as it began, in the order in which they were added.
  void tell(CollectionPhase phase, const CollectionInfo& info) noexcept;

  void count(const CollectionInfo& info) noexcept;
  [[nodiscard]] std::array<GenerationStatistics, kGenerations> statistics()
      const noexcept;
  // Of all generations.
  [[nodiscard]] std::uint64_t collections() const noexcept;

 private:
  struct Numbers {
    Atomic<std::uint64_t> collections;
    Atomic<std::uint64_t> collected;
    Atomic<std::uint64_t> uncollectable;
    Atomic<std::uint64_t> examined;
  };

  WordLock lock_;
  std::array<CollectionCallback, kMaxCallbacks> callbacks_ TM_GUARDED_BY(lock_){};
  std::size_t size_ TM_GUARDED_BY(lock_) = 0;
  Atomic<bool> has_callbacks_;
  Numbers numbers_[kGenerations];
};

}  // namespace threadmill
