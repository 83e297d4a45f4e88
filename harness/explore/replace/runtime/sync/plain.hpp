// SPDX-License-Identifier: Apache-2.0
//
// Takes the place of runtime/sync/plain.hpp in explored builds: the engine sees each
// access and finds those that nothing orders.
#pragma once

#include <type_traits>

#include "harness/explore/engine.hpp"

namespace threadmill {

template <class T>
class Plain {
  static_assert(sizeof(T) <= 8, "the engine restores what fits a word");

 public:
  constexpr Plain() noexcept { made(); }
  constexpr Plain(T value) noexcept : value_(value) { made(); }
  constexpr Plain(const Plain& other) noexcept : value_(other) { made(); }
  constexpr Plain& operator=(const Plain& other) noexcept {
    return *this = static_cast<T>(other);
  }

  constexpr Plain& operator=(T value) noexcept {
    wrote();
    value_ = value;
    return *this;
  }
  constexpr operator T() const noexcept {
    reads();
    return value_;
  }
  constexpr T operator->() const noexcept {
    reads();
    return value_;
  }

  constexpr void operator++() noexcept { *this = static_cast<T>(*this) + T{1}; }
  constexpr void operator--() noexcept { *this = static_cast<T>(*this) - T{1}; }
  constexpr void operator+=(T by) noexcept {
    *this = static_cast<T>(static_cast<T>(*this) + by);
  }
  constexpr void operator-=(T by) noexcept {
    *this = static_cast<T>(static_cast<T>(*this) - by);
  }

 private:
  // A new location, whatever stood in its place.
  constexpr void made() noexcept {
    if (!std::is_constant_evaluated() && explore::is_running())
      explore::engine().made(&value_, sizeof(T));
  }
  constexpr void reads() const noexcept {
    if (!std::is_constant_evaluated() && explore::is_running())
      explore::engine().plain_read(&value_, sizeof(T), {});
  }
  constexpr void wrote() noexcept {
    if (!std::is_constant_evaluated() && explore::is_running())
      explore::engine().plain_write(&value_, sizeof(T), {});
  }

  T value_{};
};

}  // namespace threadmill
