// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/memory_sc.hpp"

#include <cstring>

namespace threadmill::explore {

namespace {

template <class T>
std::uint64_t read_as(const void* address) noexcept {
  T value;
  std::memcpy(&value, address, sizeof value);
  return value;
}

template <class T>
void write_as(const void* address, std::uint64_t value) noexcept {
  const T narrow = static_cast<T>(value);
  std::memcpy(const_cast<void*>(address), &narrow, sizeof narrow);
}

}  // namespace

std::uint64_t read_raw(const Location& location) noexcept {
  switch (location.bytes) {
    case 1:
      return read_as<std::uint8_t>(location.address);
    case 2:
      return read_as<std::uint16_t>(location.address);
    case 4:
      return read_as<std::uint32_t>(location.address);
    default:
      return read_as<std::uint64_t>(location.address);
  }
}

void write_raw(const Location& location, std::uint64_t value) noexcept {
  switch (location.bytes) {
    case 1:
      return write_as<std::uint8_t>(location.address, value);
    case 2:
      return write_as<std::uint16_t>(location.address, value);
    case 4:
      return write_as<std::uint32_t>(location.address, value);
    default:
      return write_as<std::uint64_t>(location.address, value);
  }
}

void ScMemory::read(View& view, const Location& location, std::memory_order order) {
  read_from_ = location.writer;
  (acquires(order) ? view.clock : view.acquire_fence).join(location.sync);
}

// A store that is no read-modify-write ends the release sequence before it (C++20).
void ScMemory::write(const View& view, Location& location, std::memory_order order) {
  location.writer = view.thread;
  location.sync.join(releases(order) ? view.clock : view.release_fence);
}

std::uint64_t ScMemory::load(View& view, Location& location, std::memory_order order) {
  read(view, location, order);
  return read_raw(location);
}

void ScMemory::store(View& view,
                     Location& location,
                     std::uint64_t value,
                     std::memory_order order) {
  location.sync = Clock();
  write(view, location, order);
  write_raw(location, value);
}

std::uint64_t ScMemory::change(View& view,
                               Location& location,
                               Change function,
                               std::uint64_t operand,
                               std::memory_order order) {
  const std::uint64_t before = read_raw(location);
  read(view, location, order);
  write(view, location, order);
  write_raw(location, function(before, operand));
  return before;
}

CasResult ScMemory::cas(View& view,
                        Location& location,
                        std::uint64_t expected,
                        std::uint64_t desired,
                        std::memory_order order,
                        bool may_fail) {
  const std::uint64_t before = read_raw(location);
  const bool fails = before != expected || (may_fail && ask(2, Choice::spurious) == 1);
  read(view, location, fails ? std::memory_order_relaxed : order);
  if (fails) return {before, false};
  write(view, location, order);
  write_raw(location, desired);
  return {before, true};
}

void ScMemory::fence(View& view, std::memory_order order) {
  if (acquires(order)) view.clock.join(view.acquire_fence);
  if (releases(order)) view.release_fence = view.clock;
}

}  // namespace threadmill::explore
