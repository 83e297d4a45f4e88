// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/memory_rc11.hpp"

namespace threadmill::explore {
namespace {

constexpr std::size_t kNone = ScCandidate::kNone;

// The thread's clock once it has read `message` with `order`.
Clock clock_after_reading(const View& view,
                          const Message& message,
                          std::memory_order order) {
  Clock clock = view.clock;
  if (acquires(order)) clock.join(message.sync);
  return clock;
}

ScCandidate loading(const View& view,
                    Location& location,
                    std::size_t index,
                    std::memory_order order) {
  const Message& message = location.messages[index];
  return {view,      clock_after_reading(view, message, order),
          &location, is_seq_cst(order),
          index,     kNone};
}

// A read-modify-write goes right behind what it reads.
ScCandidate modifying(const View& view,
                      Location& location,
                      std::size_t index,
                      std::memory_order order) {
  ScCandidate candidate = loading(view, location, index, order);
  candidate.writes = index + 1;
  return candidate;
}

bool is_read_by_rmw(const Location& location, std::size_t index) {
  return index + 1 < location.messages.size() && location.messages[index + 1].is_rmw;
}

}  // namespace

// The first message is what is in memory.
void Rc11Memory::prepare(Location& location) {
  if (!location.messages.empty()) return;
  Message initial;
  initial.value = read_raw(location);
  location.messages.push_back(initial);
}

std::size_t Rc11Memory::floor_of(const View& view, const Location& location) {
  for (std::size_t i = location.messages.size() - 1; i > 0; --i) {
    const Message& message = location.messages[i];
    if (view.clock[message.writer] >= message.time ||
        view.clock.has_seen_any_of(message.seen))
      return i;
  }
  return 0;
}

// From the newest message to the newest that the thread knows of.
template <class Accept>
std::size_t Rc11Memory::choose(const View& view,
                               Location& location,
                               Choice choice,
                               Accept accept) {
  prepare(location);
  candidates_.clear();
  const std::size_t floor = floor_of(view, location);
  for (std::size_t i = location.messages.size(); i > floor; --i) {
    if (accept(i - 1)) candidates_.push_back(i - 1);
  }
  return candidates_[ask(static_cast<unsigned>(candidates_.size()), choice)];
}

bool Rc11Memory::allows(const ScCandidate& candidate) const {
  return !order_.concerns(candidate.is_sc) || order_.allows(candidate);
}

void Rc11Memory::add(const ScCandidate& candidate) {
  if (order_.concerns(candidate.is_sc)) order_.add(candidate);
}

void Rc11Memory::read(View& view,
                      Location& location,
                      std::size_t index,
                      std::memory_order order) {
  Message& message = location.messages[index];
  read_from_ = message.time == 0 ? kNobody : message.writer;
  if (message.seen[view.thread] == 0) message.seen.set(view.thread, view.time);
  (acquires(order) ? view.clock : view.acquire_fence).join(message.sync);
}

// Inserts at `index`. `read`: the message that a read-modify-write read.
void Rc11Memory::write(const View& view,
                       Location& location,
                       std::size_t index,
                       std::uint64_t value,
                       std::memory_order order,
                       const Message* read) {
  Message message;
  message.value = value;
  message.writer = view.thread;
  message.time = view.time;
  message.is_rmw = read != nullptr;
  message.sync = releases(order) ? view.clock : view.release_fence;
  if (read != nullptr) message.sync.join(read->sync);
  const bool is_newest = index == location.messages.size();
  location.messages.insert(
      location.messages.begin() + static_cast<std::ptrdiff_t>(index), message);
  if (is_newest) write_raw(location, value);
}

std::uint64_t Rc11Memory::load(View& view,
                               Location& location,
                               std::memory_order order) {
  const auto as_load = [&](std::size_t index) {
    return loading(view, location, index, order);
  };
  const std::size_t chosen =
      choose(view, location, Choice::value,
             [&](std::size_t index) { return allows(as_load(index)); });
  add(as_load(chosen));
  const std::uint64_t value = location.messages[chosen].value;
  read(view, location, chosen, order);
  order_.note(view, &location);
  return value;
}

void Rc11Memory::store(View& view,
                       Location& location,
                       std::uint64_t value,
                       std::memory_order order) {
  const auto after = [&](std::size_t index) {
    return ScCandidate{view,  view.clock, &location, is_seq_cst(order),
                       kNone, index + 1};
  };
  const std::size_t chosen =
      choose(view, location, Choice::place, [&](std::size_t index) {
        return !is_read_by_rmw(location, index) && allows(after(index));
      });
  add(after(chosen));
  write(view, location, chosen + 1, value, order, nullptr);
  order_.note(view, &location);
}

// The read-modify-write that reads the message at `index`.
void Rc11Memory::modify(View& view,
                        Location& location,
                        std::size_t index,
                        std::uint64_t value,
                        std::memory_order order) {
  add(modifying(view, location, index, order));
  read(view, location, index, order);
  const Message old = location.messages[index];
  write(view, location, index + 1, value, order, &old);
  order_.note(view, &location);
}

std::uint64_t Rc11Memory::change(View& view,
                                 Location& location,
                                 Change function,
                                 std::uint64_t operand,
                                 std::memory_order order) {
  const std::size_t chosen =
      choose(view, location, Choice::value, [&](std::size_t index) {
        return !is_read_by_rmw(location, index) &&
               allows(modifying(view, location, index, order));
      });
  const std::uint64_t before = location.messages[chosen].value;
  modify(view, location, chosen, function(before, operand), order);
  return before;
}

CasResult Rc11Memory::cas(View& view,
                          Location& location,
                          std::uint64_t expected,
                          std::uint64_t desired,
                          std::memory_order order,
                          bool may_fail) {
  const auto as_failure = [&](std::size_t index) {
    return loading(view, location, index, std::memory_order_relaxed);
  };
  const std::size_t chosen =
      choose(view, location, Choice::value, [&](std::size_t index) {
        if (location.messages[index].value != expected)
          return allows(as_failure(index));
        return !is_read_by_rmw(location, index) &&
               allows(modifying(view, location, index, order));
      });
  const std::uint64_t before = location.messages[chosen].value;
  if (before == expected && !(may_fail && ask(2, Choice::spurious) == 1)) {
    modify(view, location, chosen, desired, order);
    return {before, true};
  }
  add(as_failure(chosen));
  read(view, location, chosen, std::memory_order_relaxed);
  order_.note(view, &location);
  return {before, false};
}

void Rc11Memory::fence(View& view, std::memory_order order) {
  if (acquires(order)) view.clock.join(view.acquire_fence);
  add({view, view.clock, nullptr, is_seq_cst(order)});
  if (releases(order)) view.release_fence = view.clock;
  order_.note(view, nullptr);
}

}  // namespace threadmill::explore
