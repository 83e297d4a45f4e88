// SPDX-License-Identifier: Apache-2.0
//
// The only door to atomics: whatever two threads of the runtime may touch at once goes
// through `Atomic<T>`.
//
// It differs from std::atomic in one way: there is no default memory order, so every
// access states its own. In explored builds another header with the same interface takes
// its place, in which every access is a scheduling point of a simulated memory. There
// are no fences: an order sits on the access that needs it (ThreadSanitizer ignores
// fences).
#pragma once

#include <atomic>

#include "runtime/base/config.hpp"

namespace threadmill {

using enum std::memory_order;  // relaxed, acquire, release, acq_rel, seq_cst

// Says "leave the bytes as they are": the memory of a dead object is still read by late
// readers, so the header of a new one is written by atomic stores, never by a
// constructor.
struct KeepBytes {};

template <class T>
class Atomic {
  using Access = std::atomic_ref<T>;
  static_assert(Access::is_always_lock_free);

 public:
  constexpr Atomic() noexcept : value_{} {}
  explicit constexpr Atomic(T value) noexcept : value_(value) {}
  explicit Atomic(KeepBytes) noexcept {}

  [[nodiscard]] T load(std::memory_order order) const noexcept {
    return Access(value_).load(order);
  }

  void store(T value, std::memory_order order) noexcept {
    Access(value_).store(value, order);
  }

  T exchange(T value, std::memory_order order) noexcept {
    return Access(value_).exchange(value, order);
  }

  T fetch_add(T delta, std::memory_order order) noexcept {
    return Access(value_).fetch_add(delta, order);
  }

  T fetch_sub(T delta, std::memory_order order) noexcept {
    return Access(value_).fetch_sub(delta, order);
  }

  T fetch_or(T bits, std::memory_order order) noexcept {
    return Access(value_).fetch_or(bits, order);
  }

  T fetch_and(T bits, std::memory_order order) noexcept {
    return Access(value_).fetch_and(bits, order);
  }

  // May fail spuriously, so it stands in a loop. On failure `expected` is reloaded with
  // relaxed order: a caller that uses the new value other than to retry must load again
  // with the order it needs.
  bool cas(T& expected, T desired, std::memory_order order) noexcept {
    return Access(value_).compare_exchange_weak(expected, desired, order, relaxed);
  }

  // Fails only if the value differs.
  bool cas_strong(T& expected, T desired, std::memory_order order) noexcept {
    return Access(value_).compare_exchange_strong(expected, desired, order, relaxed);
  }

  // The address for the kernel's futex call, which compares and sleeps in one step, and
  // for the parking lot's keys.
  [[nodiscard]] const void* address() const noexcept { return &value_; }

  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

 private:
  alignas(Access::required_alignment) mutable T value_;
};

}  // namespace threadmill
