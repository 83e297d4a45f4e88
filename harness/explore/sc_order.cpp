// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/sc_order.hpp"

#include <bitset>

#include "harness/explore/engine.hpp"

namespace threadmill::explore {

void ScOrder::begin(bool fences) {
  fences_ = fences;
  events_.clear();
  reach_.clear();
  past_ = {};
}

void ScOrder::note(const View& view, const Location* location) noexcept {
  Past& past = past_[view.thread];
  const std::uint32_t life = location == nullptr ? 0 : location->life;
  const bool moved = !past.any || past.location != location || past.life != life ||
                     location == nullptr;
  if (moved && past.any) {
    past.clock_elsewhere = past.clock;
    past.any_elsewhere = true;
  }
  past.location = location;
  past.life = life;
  past.clock = view.clock;
  past.any = true;
  if (fences_) return;
  for (std::size_t i = events_.size(); i > 0; --i) {
    Event& event = events_[i - 1];
    if (event.thread != view.thread) continue;
    if (event.next_elsewhere != 0) break;  // so have all before it
    if (event.time != view.time && !same_place(event, location))
      event.next_elsewhere = view.time;
  }
}

bool ScOrder::same_place(const Event& event, const Location* location) {
  return location != nullptr && event.location == location &&
         event.life == location->life;
}

// The position of a message that `event` reads or writes; kNone: it is gone.
std::size_t ScOrder::rank(const Event& event, MessageId id) {
  if (event.location == nullptr || event.life != event.location->life)
    return ScCandidate::kNone;
  const std::vector<Message>& messages = event.location->messages;
  for (std::size_t i = messages.size(); i > 0; --i) {
    const Message& message = messages[i - 1];
    if (message.time == id.time && (id.time == 0 || message.writer == id.writer))
      return i - 1;
  }
  return ScCandidate::kNone;
}

ScOrder::Event ScOrder::event_of(const ScCandidate& candidate) const {
  Event event{};
  event.thread = candidate.view.thread;
  event.time = candidate.view.time;
  event.is_sc = candidate.is_sc;
  event.clock = candidate.clock;
  event.location = candidate.location;
  event.life = candidate.location == nullptr ? 0 : candidate.location->life;
  event.reads = candidate.reads != ScCandidate::kNone;
  event.writes = candidate.writes != ScCandidate::kNone;
  if (event.reads) {
    const Message& message = candidate.location->messages[candidate.reads];
    event.read = {message.writer, message.time};
  }
  event.written = {event.thread, event.time};
  return event;
}

// Edges of psc between the candidate and the events there are, without SC fences.
void ScOrder::find_edges(const ScCandidate& candidate, Set& before, Set& after) const {
  const Past& past = past_[candidate.view.thread];
  const bool at_other = past.any && !(past.location == candidate.location &&
                                      past.life == candidate.location->life);
  // The last event of this thread at another location than the candidate's.
  const Clock* elsewhere = at_other             ? &past.clock
                           : past.any_elsewhere ? &past.clock_elsewhere
                                                : nullptr;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const Event& event = events_[i];
    const bool here = same_place(event, candidate.location);
    bool precedes = event.thread == candidate.view.thread;            // po
    precedes |= here && candidate.clock[event.thread] >= event.time;  // hb|loc
    precedes |= elsewhere != nullptr && event.next_elsewhere != 0 &&
                (*elsewhere)[event.thread] >= event.next_elsewhere;  // po ; hb ; po
    bool follows = false;
    if (here) {
      const std::size_t written =
          event.writes ? rank(event, event.written) : ScCandidate::kNone;
      const std::size_t read =
          event.reads ? rank(event, event.read) : ScCandidate::kNone;
      if (candidate.writes != ScCandidate::kNone) {
        if (written != ScCandidate::kNone)
          (written < candidate.writes ? precedes : follows) = true;  // mo
        if (read != ScCandidate::kNone && read < candidate.writes)
          precedes = true;  // rb
      }
      if (candidate.reads != ScCandidate::kNone && written != ScCandidate::kNone &&
          written > candidate.reads)
        follows = true;  // rb
    }
    if (precedes) put(before, i);
    if (follows) put(after, i);
  }
}

bool ScOrder::allows(const ScCandidate& candidate) const {
  if (fences_) return is_acyclic_with(candidate);
  Set before{};
  Set after{};
  find_edges(candidate, before, after);
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (!has(after, i)) continue;
    if (has(before, i)) return false;
    for (std::size_t word = 0; word < before.size(); ++word) {
      if ((reach_[i][word] & before[word]) != 0) return false;
    }
  }
  return true;
}

void ScOrder::add(const ScCandidate& candidate) {
  if (events_.size() == kMaxEvents) {
    engine().fail(FailureKind::livelock,
                  "more sequentially consistent operations than can be followed");
  }
  const std::size_t self = events_.size();
  if (!fences_) {
    Set before{};
    Set after{};
    find_edges(candidate, before, after);
    Set beyond = after;
    for (std::size_t i = 0; i < self; ++i) {
      if (!has(after, i)) continue;
      for (std::size_t word = 0; word < beyond.size(); ++word)
        beyond[word] |= reach_[i][word];
    }
    for (std::size_t i = 0; i < self; ++i) {
      bool leads_here = has(before, i);
      for (std::size_t word = 0; word < before.size() && !leads_here; ++word)
        leads_here = (reach_[i][word] & before[word]) != 0;
      if (!leads_here) continue;
      put(reach_[i], self);
      for (std::size_t word = 0; word < beyond.size(); ++word)
        reach_[i][word] |= beyond[word];
    }
    reach_.push_back(beyond);
  }
  events_.push_back(event_of(candidate));
}

// The definition above, relation by relation, over all events and the candidate.
bool ScOrder::is_acyclic_with(const ScCandidate& candidate) const {
  constexpr std::size_t kMost = 64;
  using Row = std::bitset<kMost>;
  using Relation = std::array<Row, kMost>;

  std::vector<Event> all = events_;
  all.push_back(event_of(candidate));
  const std::size_t n = all.size();
  if (n > kMost)
    engine().fail(FailureKind::livelock, "more events than SC fences allow to follow");

  const auto compose = [n](const Relation& a, const Relation& b) {
    Relation result{};
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        if (a[i][j]) result[i] |= b[j];
      }
    }
    return result;
  };
  const auto join = [n](Relation& to, const Relation& from) {
    for (std::size_t i = 0; i < n; ++i) to[i] |= from[i];
  };
  const auto close = [n](Relation& relation) {
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t i = 0; i < n; ++i) {
        if (relation[i][k]) relation[i] |= relation[k];
      }
    }
  };

  // Places in modification order as they will be: the candidate's own message pushes up
  // those from its place on. Doubled, so that it has a place of its own.
  const auto place = [&](std::size_t i, bool read) -> std::size_t {
    const Event& event = all[i];
    if (i + 1 == n) return read ? 2 * candidate.reads + 1 : 2 * candidate.writes;
    const std::size_t index = rank(event, read ? event.read : event.written);
    return index == ScCandidate::kNone ? index : 2 * index + 1;
  };

  Relation hb{};
  Relation po{};
  Relation po_elsewhere{};
  Relation scb{};
  Relation eco{};
  for (std::size_t i = 0; i < n; ++i) {
    const Event& a = all[i];
    for (std::size_t j = 0; j < n; ++j) {
      if (i == j) continue;
      const Event& b = all[j];
      const bool here =
          a.location != nullptr && a.location == b.location && a.life == b.life;
      const bool happens_before = b.clock[a.thread] >= a.time;
      hb[i][j] = happens_before;
      po[i][j] = a.thread == b.thread && a.time < b.time;
      po_elsewhere[i][j] = po[i][j] && !here;
      if (!here) continue;
      if (happens_before) scb[i][j] = true;
      const bool mo = a.writes && b.writes && place(i, false) < place(j, false);
      const bool rb = a.reads && b.writes && place(i, true) < place(j, false);
      const bool rf =
          a.writes && b.reads &&
          (i + 1 == n ? false : all[i].written == b.read && b.read.time != 0);
      if (mo || rb) scb[i][j] = true;
      eco[i][j] = mo || rb || rf;
    }
  }
  close(eco);
  join(scb, po);
  join(scb, compose(compose(po_elsewhere, hb), po_elsewhere));

  // [E_sc] ∪ [F_sc] ; hb?   and   [E_sc] ∪ hb? ; [F_sc]
  Relation from{};
  Relation to{};
  Row fences;
  for (std::size_t i = 0; i < n; ++i) {
    if (!all[i].is_sc) continue;
    from[i][i] = to[i][i] = true;
    if (all[i].location == nullptr) fences.set(i);
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (fences[i]) from[i] |= hb[i];
    to[i] |= hb[i] & fences;
  }
  Relation psc = compose(compose(from, scb), to);
  Relation between = hb;
  join(between, compose(compose(hb, eco), hb));
  for (std::size_t i = 0; i < n; ++i) {
    if (fences[i]) psc[i] |= between[i] & fences;
  }
  close(psc);
  for (std::size_t i = 0; i < n; ++i) {
    if (psc[i][i]) return false;
  }
  return true;
}

}  // namespace threadmill::explore
