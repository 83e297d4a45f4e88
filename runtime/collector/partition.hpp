// SPDX-License-Identifier: Apache-2.0
//
// Partitions: what a phase notes down of the objects that references lead to, it does
// partition by partition, under the partition's lock. Two threads that did it one by one
// with atomic operations would be no faster than one that does without.
//
//   partition     every kPartitions-th page
//   Partitioned   a Visitor of one member of a team: gathers references by partition, and
//                 processes a hundred of one together, while the memory of the next of them
//                 is on its way. References lead anywhere, and to wait for one after the
//                 other would be most of a collection
//
// A Self has `take_at_once(object)`, which is false for what has to wait, `prefetch(granule)`,
// and `process(granule)`, which is called under the lock.
//
// Edges
//   partition-handover   what a member noted down of a partition happens before what the
//                        next holder of its lock does
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "runtime/base/config.hpp"
#include "runtime/memory/side_tables.hpp"
#include "runtime/object/type.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/backoff.hpp"
#include "runtime/sync/os_wait.hpp"

namespace threadmill {

inline constexpr std::uint32_t kPartitions = 16;

constexpr std::uint32_t partition_of_page(std::uint32_t page) noexcept {
  return page % kPartitions;
}
constexpr std::uint32_t page_of_granule(std::uint32_t granule) noexcept {
  return granule / static_cast<std::uint32_t>(SideTables::kGranulesPerPage);
}
constexpr std::uint32_t partition_of(std::uint32_t granule) noexcept {
  return partition_of_page(page_of_granule(granule));
}

// Held for less than a microsecond, so who finds it taken spins: to sleep and to be woken
// takes a hundred times as long. A holder that lost its processor is given way to.
class PartitionLock {
 public:
  void lock() noexcept {
    // edge: partition-handover
    while (taken_.exchange(true, acquire)) {
      Backoff backoff;
      while (taken_.load(relaxed))  // relaxed: confirmed by the exchange
        if (!backoff.spin()) os_yield();
    }
  }
  void unlock() noexcept {
    taken_.store(false, release);  // edge: partition-handover
  }

 private:
  Atomic<bool> taken_;
};

// Of one collection.
class PartitionLocks {
 public:
  // One thread does it all: nobody needs the locks.
  explicit PartitionLocks(bool alone) noexcept : alone_(alone) {}

  class Guard {
   public:
    Guard(PartitionLocks& locks, std::uint32_t partition) noexcept
        : lock_(locks.alone_ ? nullptr : &locks.padded_[partition].lock) {
      if (lock_ != nullptr) lock_->lock();
    }
    ~Guard() {
      if (lock_ != nullptr) lock_->unlock();
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    PartitionLock* const lock_;
  };

  [[nodiscard]] bool alone() const noexcept { return alone_; }

 private:
  struct alignas(kCacheLine) Padded {
    PartitionLock lock;
  };

  const bool alone_;
  Padded padded_[kPartitions];
};

template <class Self>
class Partitioned : public Visitor {
 protected:
  Partitioned(const SideTables& side, PartitionLocks& locks) noexcept
      : Visitor([](Visitor& visitor) noexcept {
          static_cast<Partitioned&>(visitor).distribute();
        }),
        side_(side),
        locks_(locks) {
    begin(batch_, kBatch);
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition)
      ends_[partition] = buckets_[partition].granules;
  }

  // Looks at what was added, and gathers what has to wait.
  void distribute() noexcept {
    auto& self = static_cast<Self&>(*this);
    Object** const end = next();
    for (Object** edge = batch_; edge != end; ++edge) {
      if (self.take_at_once(**edge)) continue;
      const std::uint32_t granule = side_.granule_of(*edge);
      const std::uint32_t partition = partition_of(granule);
      std::uint32_t* const place = ends_[partition]++;
      *place = granule;
      if (is_last(place)) [[unlikely]]
        flush(partition);
    }
    begin(batch_, kBatch);
  }
  // Processes what waits.
  void finish() noexcept {
    distribute();
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition)
      flush(partition);
  }

  [[nodiscard]] const SideTables& side() const noexcept { return side_; }
  [[nodiscard]] PartitionLocks& locks() noexcept { return locks_; }

 private:
  static constexpr std::size_t kBatch = 64;
  static constexpr std::uint32_t kBucket = 128;
  // Whose memory is on its way while one is processed.
  static constexpr std::uint32_t kFetched = 24;

  // Aligned, so that a place tells whether it is the last one.
  struct alignas(kBucket * sizeof(std::uint32_t)) Bucket {
    std::uint32_t granules[kBucket];
  };
  static bool is_last(const std::uint32_t* place) noexcept {
    return (reinterpret_cast<std::uintptr_t>(place + 1) % sizeof(Bucket)) == 0;
  }

  [[gnu::noinline]] void flush(std::uint32_t partition) noexcept {
    std::uint32_t* const begin = buckets_[partition].granules;
    std::uint32_t* const end = std::exchange(ends_[partition], begin);
    if (begin == end) return;
    auto& self = static_cast<Self&>(*this);
    const std::uint32_t* fetched = begin;
    for (; fetched != end && fetched != begin + kFetched; ++fetched)
      self.prefetch(*fetched);
    const PartitionLocks::Guard guard(locks_, partition);
    const std::uint32_t* granule = begin;
    while (fetched != end) {
      self.prefetch(*fetched++);
      self.process(*granule++);
    }
    while (granule != end) self.process(*granule++);
  }

  const SideTables& side_;
  PartitionLocks& locks_;
  Object* batch_[kBatch];
  Bucket buckets_[kPartitions];
  std::uint32_t* ends_[kPartitions];  // of what waits
};

}  // namespace threadmill
