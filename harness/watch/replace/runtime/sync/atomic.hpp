// SPDX-License-Identifier: Apache-2.0
//
// Takes the place of runtime/sync/atomic.hpp in threadmill-faults, with the same interface
// and the same layout: while accesses are watched (watch/access_watch.hpp), each takes its
// turn at its word and says where in the sources it stands. At other times it is the
// access that it is in the runtime.
#pragma once

#include <atomic>

#include "harness/watch/access_watch.hpp"
#include "runtime/base/config.hpp"

namespace threadmill {

using enum std::memory_order;

struct KeepBytes {};

template <class T>
class Atomic {
  using Access = std::atomic_ref<T>;
  static_assert(Access::is_always_lock_free);

 public:
  constexpr Atomic() noexcept : value_{} {}
  explicit constexpr Atomic(T value) noexcept : value_(value) {}
  explicit Atomic(KeepBytes) noexcept {}

  [[nodiscard]] T load(std::memory_order order,
                       const char* file = __builtin_FILE(),
                       int line = __builtin_LINE()) const noexcept {
    if (watch::is_on()) [[unlikely]]
      return watched_load(file, line);
    return Access(value_).load(order);
  }

  void store(T value,
             std::memory_order order,
             const char* file = __builtin_FILE(),
             int line = __builtin_LINE()) noexcept {
    if (watch::is_on()) [[unlikely]]
      return watched_store(value, file, line);
    Access(value_).store(value, order);
  }

  T exchange(T value,
             std::memory_order order,
             const char* file = __builtin_FILE(),
             int line = __builtin_LINE()) noexcept {
    if (watch::is_on()) [[unlikely]]
      return watched_change(&Access::exchange, value, file, line);
    return Access(value_).exchange(value, order);
  }

  T fetch_add(T delta,
              std::memory_order order,
              const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) noexcept {
    if (watch::is_on()) [[unlikely]]
      return watched_change(&Access::fetch_add, delta, file, line);
    return Access(value_).fetch_add(delta, order);
  }

  T fetch_sub(T delta,
              std::memory_order order,
              const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) noexcept {
    if (watch::is_on()) [[unlikely]]
      return watched_change(&Access::fetch_sub, delta, file, line);
    return Access(value_).fetch_sub(delta, order);
  }

  T fetch_or(T bits,
             std::memory_order order,
             const char* file = __builtin_FILE(),
             int line = __builtin_LINE()) noexcept {
    if (watch::is_on()) [[unlikely]]
      return watched_change(&Access::fetch_or, bits, file, line);
    return Access(value_).fetch_or(bits, order);
  }

  T fetch_and(T bits,
              std::memory_order order,
              const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) noexcept {
    if (watch::is_on()) [[unlikely]]
      return watched_change(&Access::fetch_and, bits, file, line);
    return Access(value_).fetch_and(bits, order);
  }

  bool cas(T& expected,
           T desired,
           std::memory_order order,
           const char* file = __builtin_FILE(),
           int line = __builtin_LINE()) noexcept {
    if (watch::is_on()) [[unlikely]]
      return watched_cas(expected, desired, file, line);
    return Access(value_).compare_exchange_weak(expected, desired, order, relaxed);
  }

  bool cas_strong(T& expected,
                  T desired,
                  std::memory_order order,
                  const char* file = __builtin_FILE(),
                  int line = __builtin_LINE()) noexcept {
    if (watch::is_on()) [[unlikely]]
      return watched_cas(expected, desired, file, line);
    return Access(value_).compare_exchange_strong(expected, desired, order, relaxed);
  }

  [[nodiscard]] const void* address() const noexcept { return &value_; }

  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

 private:
  // The orders below are the strongest, of which every other is a part.

  [[gnu::noinline]] T watched_load(const char* file, int line) const noexcept {
    watch::Turn turn(&value_);
    turn.note(file, line, false);
    return Access(value_).load(seq_cst);
  }

  [[gnu::noinline]] void watched_store(T value, const char* file, int line) noexcept {
    watch::Turn turn(&value_);
    turn.note(file, line, true);
    Access(value_).store(value, seq_cst);
  }

  template <class Change>
  [[gnu::noinline]] T watched_change(Change change,
                                     T operand,
                                     const char* file,
                                     int line) noexcept {
    watch::Turn turn(&value_);
    turn.note(file, line, true);
    return (Access(value_).*change)(operand, seq_cst);
  }

  // One that fails has read.
  [[gnu::noinline]] bool watched_cas(T& expected,
                                     T desired,
                                     const char* file,
                                     int line) noexcept {
    watch::Turn turn(&value_);
    const bool swapped =
        Access(value_).compare_exchange_strong(expected, desired, seq_cst, seq_cst);
    turn.note(file, line, swapped);
    return swapped;
  }

  alignas(Access::required_alignment) mutable T value_;
};

}  // namespace threadmill
