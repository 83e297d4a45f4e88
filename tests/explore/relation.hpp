// SPDX-License-Identifier: Apache-2.0
//
// Relations between the events of a small execution graph, with the operators in which
// axiomatic memory models are written down.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace threadmill::explore {

inline constexpr unsigned kMaxEvents = 32;

using Event = unsigned;
using Events = std::uint32_t;  // bit e: event e

constexpr Events set_of(Event event) { return Events{1} << event; }
constexpr bool contains(Events events, Event event) {
  return (events & set_of(event)) != 0;
}

template <class Action>
void for_each(Events events, Action action) {
  for (; events != 0; events &= events - 1) {
    action(static_cast<Event>(std::countr_zero(events)));
  }
}

// A set of pairs of events, with the operators of relation algebra that the axioms use.
class Relation {
 public:
  void add(Event from, Event to) { rows_[from] |= set_of(to); }
  [[nodiscard]] bool has(Event from, Event to) const {
    return contains(rows_[from], to);
  }
  [[nodiscard]] Events after(Event from) const { return rows_[from]; }

  // Adds a pair to a relation that is transitive, which it stays.
  void add_transitively(Event from, Event to) {
    const Events later = rows_[to] | set_of(to);
    rows_[from] |= later;
    for (Events& row : rows_) {
      if (contains(row, from)) row |= later;
    }
  }

  // a ∪ b
  friend Relation operator|(Relation a, const Relation& b) {
    for (Event e = 0; e < kMaxEvents; ++e) a.rows_[e] |= b.rows_[e];
    return a;
  }
  // a ∩ b
  friend Relation operator&(Relation a, const Relation& b) {
    for (Event e = 0; e < kMaxEvents; ++e) a.rows_[e] &= b.rows_[e];
    return a;
  }
  // a \ b
  friend Relation operator-(Relation a, const Relation& b) {
    for (Event e = 0; e < kMaxEvents; ++e) a.rows_[e] &= ~b.rows_[e];
    return a;
  }
  // a ; b
  friend Relation operator*(const Relation& a, const Relation& b) {
    Relation result;
    for (Event e = 0; e < kMaxEvents; ++e) {
      for_each(a.rows_[e], [&](Event middle) { result.rows_[e] |= b.rows_[middle]; });
    }
    return result;
  }

  [[nodiscard]] Relation inverse() const {
    Relation result;
    for (Event e = 0; e < kMaxEvents; ++e) {
      for_each(rows_[e], [&](Event to) { result.add(to, e); });
    }
    return result;
  }
  // r+
  [[nodiscard]] Relation transitive() const {
    Relation result = *this;
    for (Event middle = 0; middle < kMaxEvents; ++middle) {
      if (result.rows_[middle] == 0) continue;
      for (Events& row : result.rows_) {
        if (contains(row, middle)) row |= result.rows_[middle];
      }
    }
    return result;
  }
  [[nodiscard]] bool is_empty() const { return rows_ == Relation{}.rows_; }
  [[nodiscard]] bool is_irreflexive() const {
    for (Event e = 0; e < kMaxEvents; ++e) {
      if (has(e, e)) return false;
    }
    return true;
  }
  [[nodiscard]] bool is_acyclic() const { return transitive().is_irreflexive(); }

 private:
  std::array<Events, kMaxEvents> rows_{};
};

// [events]
[[nodiscard]] inline Relation only(Events events) {
  Relation result;
  for_each(events, [&](Event e) { result.add(e, e); });
  return result;
}
inline const Relation kIdentity = only(~Events{0});
// r?
[[nodiscard]] inline Relation optional(const Relation& r) { return r | kIdentity; }

}  // namespace threadmill::explore
