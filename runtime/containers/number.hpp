// SPDX-License-Identifier: Apache-2.0
//
// Boxes of numbers: Int (64 bits, signed) and Float (double). Immutable, so any thread
// reads them without a lock. An Int never equals a Float.
#pragma once

#include <cstdint>

#include "runtime/base/random.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

class Int : public Object {
 public:
  static constexpr TypeId kTypeId = kIntType;

  explicit Int(std::int64_t value) noexcept : value_(value) {}

  // Null: out of memory.
  [[nodiscard]] static Ref<Int> create(std::int64_t value) noexcept;

  [[nodiscard]] std::int64_t value() const noexcept { return value_; }

  // Of an Int with this value.
  [[nodiscard]] static std::uint64_t hash_of(std::int64_t value) noexcept {
    auto state = static_cast<std::uint64_t>(value);
    return split_mix(state);
  }

 private:
  const Plain<std::int64_t> value_;
};

class Float : public Object {
 public:
  static constexpr TypeId kTypeId = kFloatType;

  explicit Float(double value) noexcept : value_(value) {}

  // Null: out of memory.
  [[nodiscard]] static Ref<Float> create(double value) noexcept;

  [[nodiscard]] double value() const noexcept { return value_; }

 private:
  const Plain<double> value_;
};

static_assert(sizeof(Int) == 24 && sizeof(Float) == 24);

}  // namespace threadmill
