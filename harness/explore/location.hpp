// SPDX-License-Identifier: Apache-2.0
//
// Location: what the engine knows of one place in memory that threads share, and the
// table that finds it by its address. Locations are numbered in the order in which an
// execution meets them; the table forgets all of them at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/explore/clock.hpp"

namespace threadmill::explore {

inline constexpr std::uint8_t kNoWriter = 0xff;  // the value was there before

// A store as others may see it.
struct Message {
  std::uint64_t value = 0;
  Clock sync;               // what an acquiring load of it learns
  Clock seen;               // per thread, when it first read this message; 0: not yet
  std::uint8_t writer = 0;  // thread
  Timestamp time = 0;       // of the store, on the writer's clock; 0: initial value
  bool is_rmw = false;      // it read its predecessor, so nothing comes between
};

struct Location {
  const void* address = nullptr;
  std::uint32_t number = 0;
  std::uint8_t bytes = 0;
  std::uint32_t life = 0;  // counts how often it was forgotten

  bool is_plain = false;  // it was read or written other than by an atomic operation

  // Per thread, when it last did so; for finding races.
  Clock atomic_reads;
  Clock atomic_writes;
  Clock plain_reads;
  Clock plain_writes;

  // Sequential consistency: what an acquiring load learns, and of whom.
  Clock sync;
  std::uint8_t writer = kNoWriter;
  std::vector<Message> messages;  // RC11: in modification order; empty: see memory

  // Per thread, its last use of any kind.
  [[nodiscard]] Clock uses() const noexcept {
    Clock all = atomic_reads;
    all.join(atomic_writes);
    all.join(plain_reads);
    all.join(plain_writes);
    return all;
  }

  // As when it was never met.
  void forget() noexcept {
    atomic_reads = atomic_writes = plain_reads = plain_writes = sync = Clock();
    is_plain = false;
    writer = kNoWriter;
    messages.clear();
    ++life;
  }
};

class LocationTable {
 public:
  LocationTable() : entries_(kFirstSize) {}

  // The location at `address`; made if it is new, and then `bytes` is 0.
  [[nodiscard]] Location& at(const void* address) {
    std::size_t place = place_of(address);
    for (;; place = (place + 1) & mask()) {
      const Entry& entry = entries_[place];
      if (entry.generation != generation_) return add(address, place);
      if (entry.address == address) return *entry.location;
    }
  }

  template <class Visit>
  void for_each_in(const void* begin, std::size_t bytes, Visit visit) {
    const auto first = reinterpret_cast<std::uintptr_t>(begin);
    for (std::size_t i = 0; i < used_; ++i) {
      Location& location = *locations_[i];
      if (reinterpret_cast<std::uintptr_t>(location.address) - first < bytes)
        visit(location);
    }
  }

  void forget_all() noexcept {
    used_ = 0;
    if (++generation_ == 0) reset_generations();
  }

  [[nodiscard]] std::size_t size() const noexcept { return used_; }

 private:
  static constexpr std::size_t kFirstSize = 1024;

  struct Entry {
    const void* address = nullptr;
    Location* location = nullptr;
    std::uint32_t generation = 0;
  };

  [[nodiscard]] std::size_t mask() const noexcept { return entries_.size() - 1; }
  [[nodiscard]] std::size_t place_of(const void* address) const noexcept {
    const auto key = reinterpret_cast<std::uintptr_t>(address) * 0x9e3779b97f4a7c15u;
    return (key >> 32) & mask();
  }

  Location& add(const void* address, std::size_t place);
  void grow();
  void reset_generations() noexcept;

  std::vector<Entry> entries_;
  std::vector<std::unique_ptr<Location>>
      locations_;  // kept from execution to execution
  std::size_t used_ = 0;
  std::uint32_t generation_ = 1;
};

}  // namespace threadmill::explore
