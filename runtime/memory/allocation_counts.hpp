// SPDX-License-Identifier: Apache-2.0
//
// AllocationCounts: how many objects of each type were made and have ended, and their
// bytes, in one heap. The holder of the slot counts what it makes and what it frees, by
// plain additions; so for one heap the two are different objects, and only the sums of all
// heaps tell what is alive.
//
// Types are the numbers of the object layer. Few programs have more than kFirst; the others
// have chunks of their own, made when the first of their objects is.
//
// Invariants
//   A1  at rest the sums over all heaps, less what has ended, are what is alive, but for
//       what could not be counted because there was no memory for a chunk (`lost`).
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/config.hpp"
#include "runtime/base/system_memory.hpp"
#include "runtime/sync/plain.hpp"

namespace threadmill {

struct AllocationCount {
  std::uint64_t made = 0;
  std::uint64_t ended = 0;
  std::uint64_t made_bytes = 0;  // whole blocks, without buffers
  std::uint64_t ended_bytes = 0;

  [[nodiscard]] std::uint64_t live() const noexcept { return made - ended; }
  [[nodiscard]] std::uint64_t live_bytes() const noexcept {
    return made_bytes - ended_bytes;
  }
  void operator+=(const AllocationCount& other) noexcept {
    made += other.made;
    ended += other.ended;
    made_bytes += other.made_bytes;
    ended_bytes += other.ended_bytes;
  }
};

class AllocationCounts {
 public:
  static constexpr std::size_t kTypes = 1024;
  static constexpr std::size_t kFirst = 64;  // types without a chunk of their own

  AllocationCounts() noexcept = default;
  ~AllocationCounts();

  AllocationCounts(const AllocationCounts&) = delete;
  AllocationCounts& operator=(const AllocationCounts&) = delete;

  // Holder only, both.
  void note_made(std::uint16_t type, std::uint32_t bytes) noexcept {
    Entry* entry = entry_of(type);
    if (entry == nullptr) [[unlikely]] {
      ++lost_;
      return;
    }
    ++entry->made;
    entry->made_bytes += bytes;
  }
  void note_ended(std::uint16_t type, std::uint32_t bytes) noexcept {
    Entry* entry = entry_of(type);
    if (entry == nullptr) [[unlikely]] {
      ++lost_;
      return;
    }
    ++entry->ended;
    entry->ended_bytes += bytes;
  }

  // In a pause, or by the holder, both.
  [[nodiscard]] AllocationCount of(std::uint16_t type) const noexcept;
  [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }

 private:
  struct Entry {
    Plain<std::uint64_t> made;
    Plain<std::uint64_t> ended;
    Plain<std::uint64_t> made_bytes;
    Plain<std::uint64_t> ended_bytes;
  };
  struct Chunk : SystemAllocated {
    Entry entries[kFirst];
  };

  // Null: out of memory.
  [[nodiscard]] Entry* entry_of(std::uint16_t type) noexcept {
    if (type < kFirst) [[likely]]
      return &first_[type];
    return entry_of_slow(type);
  }
  [[nodiscard]] Entry* entry_of_slow(std::uint16_t type) noexcept;

  Entry first_[kFirst];
  Plain<Chunk*> chunks_[kTypes / kFirst - 1]{};
  Plain<std::uint64_t> lost_ = 0;
};

}  // namespace threadmill
