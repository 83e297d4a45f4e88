// SPDX-License-Identifier: Apache-2.0
//
// Plain<T>: a field that threads use one after the other, ordered by something else: a
// lock, the handover of a slot, a pause, or because it is constant once it is published.
// It is a T. In explored builds another header with the same interface takes its place,
// in which each access has to happen after the ones before it that it conflicts with, or
// else is reported as a race.
#pragma once

namespace threadmill {

template <class T>
class Plain {
 public:
  constexpr Plain() noexcept = default;
  constexpr Plain(T value) noexcept : value_(value) {}
  constexpr Plain(const Plain& other) noexcept = default;
  constexpr Plain& operator=(const Plain& other) noexcept = default;

  constexpr Plain& operator=(T value) noexcept {
    value_ = value;
    return *this;
  }
  constexpr operator T() const noexcept { return value_; }
  constexpr T operator->() const noexcept { return value_; }

  constexpr void operator++() noexcept { ++value_; }
  constexpr void operator--() noexcept { --value_; }
  constexpr void operator+=(T by) noexcept { value_ = static_cast<T>(value_ + by); }
  constexpr void operator-=(T by) noexcept { value_ = static_cast<T>(value_ - by); }

 private:
  T value_{};
};

}  // namespace threadmill
