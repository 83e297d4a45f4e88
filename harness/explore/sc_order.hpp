// SPDX-License-Identifier: Apache-2.0
//
// ScOrder: which sequentially consistent operations an execution graph may still take in.
// RC11 asks that the relation psc has no cycle:
//
//   scb       po ∪ (po|≠loc ; hb ; po|≠loc) ∪ hb|loc ∪ mo ∪ rb
//   psc_base  ([E_sc] ∪ [F_sc] ; hb?) ; scb ; ([E_sc] ∪ hb? ; [F_sc])
//   psc_F     [F_sc] ; (hb ∪ hb ; eco ; hb) ; [F_sc]
//   psc       psc_base ∪ psc_F
//
// Without SC fences, only pairs of SC accesses matter, and an edge of psc is decided when
// the later of its ends is added: ScOrder keeps the transitive closure, and asks whether
// a new event would close a cycle. With SC fences any event may complete an edge between
// two old fences, so all events are kept and psc is computed anew for each question; that
// is for litmus tests, which are small, and has to be asked for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/explore/clock.hpp"
#include "harness/explore/location.hpp"
#include "harness/explore/memory.hpp"

namespace threadmill::explore {

// An event about to be added. Positions are those in the location's messages now.
struct ScCandidate {
  static constexpr std::size_t kNone = ~std::size_t{0};

  const View& view;    // its thread, and its time
  Clock clock;         // what happens before it, itself included
  Location* location;  // null: a fence
  bool is_sc;
  std::size_t reads = kNone;   // the message it reads
  std::size_t writes = kNone;  // the place where its own message goes
};

class ScOrder {
 public:
  // Whether this execution may have SC fences.
  void begin(bool fences);

  // Events that take no part need not be asked about or added, but noted.
  [[nodiscard]] bool concerns(bool is_sc) const noexcept { return is_sc || fences_; }

  [[nodiscard]] bool allows(const ScCandidate& candidate) const;
  // Before the message is inserted.
  void add(const ScCandidate& candidate);
  // An event of `view`'s thread at `location`, of any order.
  void note(const View& view, const Location* location) noexcept;

 private:
  static constexpr std::size_t kMaxEvents = 512;
  using Set = std::array<std::uint64_t, kMaxEvents / 64>;

  struct MessageId {
    std::uint8_t writer = 0;
    Timestamp time = 0;
    bool operator==(const MessageId&) const = default;
  };

  struct Event {
    std::uint8_t thread;
    Timestamp time;
    bool is_sc;
    bool reads;
    bool writes;
    Clock clock;
    Location* location;
    std::uint32_t life;
    MessageId read;
    MessageId written;
    Timestamp next_elsewhere = 0;  // of the first later event of its thread at another
                                   // location; 0: none yet
  };

  // The last two events of a thread at different locations.
  struct Past {
    const Location* location = nullptr;
    std::uint32_t life = 0;
    bool any = false;
    Clock clock;  // of the last event
    bool any_elsewhere = false;
    Clock clock_elsewhere;  // of the last event that was at another location
  };

  [[nodiscard]] static bool has(const Set& set, std::size_t i) noexcept {
    return (set[i / 64] >> (i % 64) & 1) != 0;
  }
  static void put(Set& set, std::size_t i) noexcept {
    set[i / 64] |= std::uint64_t{1} << (i % 64);
  }

  [[nodiscard]] Event event_of(const ScCandidate& candidate) const;
  [[nodiscard]] static std::size_t rank(const Event& event, MessageId id);
  [[nodiscard]] static bool same_place(const Event& event, const Location* location);
  void find_edges(const ScCandidate& candidate, Set& before, Set& after) const;
  [[nodiscard]] bool is_acyclic_with(const ScCandidate& candidate) const;

  bool fences_ = false;
  std::vector<Event> events_;
  std::vector<Set> reach_;  // per event: what psc leads to
  std::array<Past, kMaxThreads> past_{};
};

}  // namespace threadmill::explore
