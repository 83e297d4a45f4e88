// SPDX-License-Identifier: Apache-2.0
//
// Partitions: what a phase notes down of the objects that references lead to, it does
// partition by partition, under the partition's lock. Two threads that did it one by one
// with atomic operations would be no faster than one that does without.
//
//   partition     every kPartitions-th page
//   Partitioned   an EdgeSink of one member of a team: gathers references by partition, asks
//                 for the memory of what they lead to, and a hundred references later
//                 processes those of a partition together. References lead anywhere, and to
//                 wait for one after the other would be most of a collection
//
// A Self has `prefetch(granule)`, and `process(granule)`, which is called under the lock.
//
// Edges
//   partition-handover   what a member noted down of a partition happens before what the
//                        next holder of its lock does
#pragma once

#include <cstddef>
#include <cstdint>

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
class Partitioned : public EdgeSink {
 protected:
  Partitioned(const SideTables& side, PartitionLocks& locks) noexcept
      : EdgeSink(distribute), side_(side), locks_(locks) {
    begin(batch_, kBatch);
  }

  // Processes what was added of one partition, and of all of them.
  void finish(std::uint32_t partition) noexcept {
    distribute(*this);
    flush(partition);
  }
  void finish() noexcept {
    distribute(*this);
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition)
      flush(partition);
  }

  [[nodiscard]] const SideTables& side() const noexcept { return side_; }
  [[nodiscard]] PartitionLocks& locks() noexcept { return locks_; }

 private:
  static constexpr std::size_t kBatch = 64;
  static constexpr std::uint32_t kBucket = 128;

  struct Bucket {
    std::uint32_t size = 0;
    std::uint32_t granules[kBucket];
  };

  static void distribute(EdgeSink& sink) noexcept {
    auto& self = static_cast<Partitioned&>(sink);
    Object** const end = self.next();
    for (Object** edge = self.batch_; edge != end; ++edge) {
      const std::uint32_t granule = self.side_.granule_of(*edge);
      static_cast<Self&>(self).prefetch(granule);
      const std::uint32_t partition = partition_of(granule);
      Bucket& bucket = self.buckets_[partition];
      bucket.granules[bucket.size++] = granule;
      if (bucket.size == kBucket) self.flush(partition);
    }
    self.begin(self.batch_, kBatch);
  }

  void flush(std::uint32_t partition) noexcept {
    Bucket& bucket = buckets_[partition];
    if (bucket.size == 0) return;
    const PartitionLocks::Guard guard(locks_, partition);
    for (std::uint32_t i = 0; i < bucket.size; ++i)
      static_cast<Self&>(*this).process(bucket.granules[i]);
    bucket.size = 0;
  }

  const SideTables& side_;
  PartitionLocks& locks_;
  Object* batch_[kBatch];
  Bucket buckets_[kPartitions];
};

}  // namespace threadmill
