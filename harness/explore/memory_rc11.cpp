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

std::size_t Rc11Memory::choose(Choice choice) const {
  return candidates_[ask(static_cast<unsigned>(candidates_.size()), choice)];
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
  prepare(location);
  const bool concerned = order_.concerns(is_seq_cst(order));
  const auto candidate = [&](std::size_t index) {
    return ScCandidate{
        view,      clock_after_reading(view, location.messages[index], order),
        &location, is_seq_cst(order),
        index,     kNone};
  };
  candidates_.clear();
  const std::size_t floor = floor_of(view, location);
  for (std::size_t i = location.messages.size(); i > floor; --i) {
    if (!concerned || order_.allows(candidate(i - 1))) candidates_.push_back(i - 1);
  }
  const std::size_t chosen = choose(Choice::value);
  if (concerned) order_.add(candidate(chosen));
  const std::uint64_t value = location.messages[chosen].value;
  read(view, location, chosen, order);
  order_.note(view, &location);
  return value;
}

void Rc11Memory::store(View& view,
                       Location& location,
                       std::uint64_t value,
                       std::memory_order order) {
  prepare(location);
  const bool concerned = order_.concerns(is_seq_cst(order));
  const auto candidate = [&](std::size_t place) {
    return ScCandidate{view, view.clock, &location, is_seq_cst(order), kNone, place};
  };
  candidates_.clear();
  const std::size_t floor = floor_of(view, location);
  for (std::size_t place = location.messages.size(); place > floor; --place) {
    if (is_read_by_rmw(location, place - 1)) continue;
    if (!concerned || order_.allows(candidate(place))) candidates_.push_back(place);
  }
  const std::size_t chosen = choose(Choice::place);
  if (concerned) order_.add(candidate(chosen));
  write(view, location, chosen, value, order, nullptr);
  order_.note(view, &location);
}

std::uint64_t Rc11Memory::change(View& view,
                                 Location& location,
                                 Change function,
                                 std::uint64_t operand,
                                 std::memory_order order) {
  prepare(location);
  const bool concerned = order_.concerns(is_seq_cst(order));
  const auto candidate = [&](std::size_t index) {
    return ScCandidate{
        view,      clock_after_reading(view, location.messages[index], order),
        &location, is_seq_cst(order),
        index,     index + 1};
  };
  candidates_.clear();
  const std::size_t floor = floor_of(view, location);
  for (std::size_t i = location.messages.size(); i > floor; --i) {
    if (is_read_by_rmw(location, i - 1)) continue;
    if (!concerned || order_.allows(candidate(i - 1))) candidates_.push_back(i - 1);
  }
  const std::size_t chosen = choose(Choice::value);
  if (concerned) order_.add(candidate(chosen));
  const std::uint64_t before = location.messages[chosen].value;
  read(view, location, chosen, order);
  const Message old = location.messages[chosen];
  write(view, location, chosen + 1, function(before, operand), order, &old);
  order_.note(view, &location);
  return before;
}

CasResult Rc11Memory::cas(View& view,
                          Location& location,
                          std::uint64_t expected,
                          std::uint64_t desired,
                          std::memory_order order,
                          bool may_fail) {
  prepare(location);
  const auto swaps = [&](std::size_t index) {
    return ScCandidate{
        view,      clock_after_reading(view, location.messages[index], order),
        &location, is_seq_cst(order),
        index,     index + 1};
  };
  const auto fails = [&](std::size_t index) {
    return ScCandidate{view, view.clock, &location, false, index, kNone};
  };
  candidates_.clear();
  const std::size_t floor = floor_of(view, location);
  for (std::size_t i = location.messages.size(); i > floor; --i) {
    const std::size_t index = i - 1;
    if (location.messages[index].value == expected) {
      if (is_read_by_rmw(location, index)) continue;
      if (order_.concerns(is_seq_cst(order)) && !order_.allows(swaps(index))) continue;
    } else if (order_.concerns(false) && !order_.allows(fails(index))) {
      continue;
    }
    candidates_.push_back(index);
  }
  const std::size_t chosen = choose(Choice::value);
  const std::uint64_t before = location.messages[chosen].value;
  if (before != expected || (may_fail && ask(2, Choice::spurious) == 1)) {
    if (order_.concerns(false)) order_.add(fails(chosen));
    read(view, location, chosen, std::memory_order_relaxed);
    order_.note(view, &location);
    return {before, false};
  }
  if (order_.concerns(is_seq_cst(order))) order_.add(swaps(chosen));
  read(view, location, chosen, order);
  const Message old = location.messages[chosen];
  write(view, location, chosen + 1, desired, order, &old);
  order_.note(view, &location);
  return {before, true};
}

void Rc11Memory::fence(View& view, std::memory_order order) {
  if (acquires(order)) view.clock.join(view.acquire_fence);
  if (order_.concerns(is_seq_cst(order)))
    order_.add({view, view.clock, nullptr, is_seq_cst(order)});
  if (releases(order)) view.release_fence = view.clock;
  order_.note(view, nullptr);
}

}  // namespace threadmill::explore
