// SPDX-License-Identifier: Apache-2.0
//
// What chaos a world is to have, and a slot's part in it; chaos.hpp says what it does.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/config.hpp"

namespace threadmill {

enum class ChaosPoint : std::uint8_t {
  slot_take,    // a reader has found an object, and has no reference yet
  slot_check,   // it has one, and has not looked again
  list_read,    // between the size and the array of a list
  list_item,    // between its array and the item
  list_append,  // the size counts an item that is not at the end yet
  dict_read,    // a table was loaded
  set_read,     // likewise
  string_find,  // an interned string was found, without a reference
  last_local,   // the owner's last reference goes
  undo,         // between the two steps of a fault
  queue,        // an object is about to enter its owner's inbox
  claim,        // a slot was claimed
  detach,       // the inbox is empty, the slot still attached
  stop,         // a pause was announced, and nobody is suspended yet
  retire,       // a buffer was unlinked, and not retired yet
  section,      // a critical section begins
  allocation,   // an object is about to be made
};

inline constexpr std::size_t kChaosPoints =
    static_cast<std::size_t>(ChaosPoint::allocation) + 1;
inline constexpr unsigned kMaxChaosLevel = 3;

[[nodiscard]] const char* name_of(ChaosPoint point) noexcept;

// Without effect unless kChaos.
struct ChaosSettings {
  std::uint64_t seed = 0;
  unsigned level = 0;              // to kMaxChaosLevel; 0: none
  bool reuses_late = kReusesLate;  // dead blocks wait in quarantine
};

// Of one slot; its holder writes it.
struct ChaosState {
  std::uint64_t random = 0;
  unsigned level = 0;
  bool reuses_late = kReusesLate;
  bool wants_collection = false;  // set at an allocation, for the collector
  std::uint64_t disturbed[kChaosPoints] = {};  // how often something was done there
};

}  // namespace threadmill
