// SPDX-License-Identifier: Apache-2.0
//
// Takes the place of runtime/sync/atomic.hpp in explored builds, with the same interface
// and the same layout: while a thread of a scenario runs, every access is an operation
// that the engine schedules and whose value its memory model decides. At other times it
// is a plain access.
//
// The engine finds its knowledge of a location by the address. A constructor makes a new
// location, unless it keeps the bytes: then what was written in the block's earlier life
// can still be read.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "harness/explore/engine.hpp"
#include "runtime/base/config.hpp"

namespace threadmill {

using enum std::memory_order;

struct KeepBytes {};

template <class T>
class Atomic {
  static_assert(std::atomic_ref<T>::is_always_lock_free);

  static std::uint64_t bits(T value) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof value);  // little-endian
    return word;
  }
  static T from_bits(std::uint64_t word) noexcept {
    T value;
    std::memcpy(&value, &word, sizeof value);
    return value;
  }

  template <class Function>
  static std::uint64_t apply(std::uint64_t before, std::uint64_t operand) noexcept {
    return bits(Function{}(from_bits(before), from_bits(operand)));
  }

  struct Exchange {
    T operator()(T, T operand) const { return operand; }
  };
  struct Add {
    T operator()(T value, T operand) const { return static_cast<T>(value + operand); }
  };
  struct Subtract {
    T operator()(T value, T operand) const { return static_cast<T>(value - operand); }
  };
  struct Or {
    T operator()(T value, T operand) const { return static_cast<T>(value | operand); }
  };
  struct And {
    T operator()(T value, T operand) const { return static_cast<T>(value & operand); }
  };

  template <class Function>
  T change(T operand, std::memory_order order, const char* file, int line) noexcept {
    if (explore::is_running()) {
      return from_bits(explore::engine().change(&value_, sizeof(T), apply<Function>,
                                                bits(operand), order, {file, line}));
    }
    const T before = value_;
    value_ = Function{}(before, operand);
    return before;
  }

  bool compare_and_swap(T& expected,
                        T desired,
                        std::memory_order order,
                        bool may_fail,
                        const char* file,
                        int line) noexcept {
    if (explore::is_running()) {
      const explore::CasResult result =
          explore::engine().cas(&value_, sizeof(T), bits(expected), bits(desired),
                                order, may_fail, {file, line});
      expected = from_bits(result.read);
      return result.swapped;
    }
    if (bits(value_) != bits(expected)) {
      expected = value_;
      return false;
    }
    value_ = desired;
    return true;
  }

 public:
  constexpr Atomic() noexcept : value_{} { made(); }
  explicit constexpr Atomic(T value) noexcept : value_(value) { made(); }
  explicit Atomic(KeepBytes) noexcept {}

  [[nodiscard]] T load(std::memory_order order,
                       const char* file = __builtin_FILE(),
                       int line = __builtin_LINE()) const noexcept {
    if (!explore::is_running()) return value_;
    return from_bits(explore::engine().load(&value_, sizeof(T), order, {file, line}));
  }

  void store(T value,
             std::memory_order order,
             const char* file = __builtin_FILE(),
             int line = __builtin_LINE()) noexcept {
    if (explore::is_running())
      explore::engine().store(&value_, sizeof(T), bits(value), order, {file, line});
    else
      value_ = value;
  }

  T exchange(T value,
             std::memory_order order,
             const char* file = __builtin_FILE(),
             int line = __builtin_LINE()) noexcept {
    return change<Exchange>(value, order, file, line);
  }
  T fetch_add(T delta,
              std::memory_order order,
              const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) noexcept {
    return change<Add>(delta, order, file, line);
  }
  T fetch_sub(T delta,
              std::memory_order order,
              const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) noexcept {
    return change<Subtract>(delta, order, file, line);
  }
  T fetch_or(T mask,
             std::memory_order order,
             const char* file = __builtin_FILE(),
             int line = __builtin_LINE()) noexcept {
    return change<Or>(mask, order, file, line);
  }
  T fetch_and(T mask,
              std::memory_order order,
              const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) noexcept {
    return change<And>(mask, order, file, line);
  }

  bool cas(T& expected,
           T desired,
           std::memory_order order,
           const char* file = __builtin_FILE(),
           int line = __builtin_LINE()) noexcept {
    return compare_and_swap(expected, desired, order, true, file, line);
  }
  bool cas_strong(T& expected,
                  T desired,
                  std::memory_order order,
                  const char* file = __builtin_FILE(),
                  int line = __builtin_LINE()) noexcept {
    return compare_and_swap(expected, desired, order, false, file, line);
  }

  [[nodiscard]] const void* address() const noexcept { return &value_; }

  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

 private:
  constexpr void made() noexcept {
    if (!std::is_constant_evaluated() && explore::is_running())
      explore::engine().made(&value_, sizeof(T));
  }

  alignas(std::atomic_ref<T>::required_alignment) T value_;
};

}  // namespace threadmill
