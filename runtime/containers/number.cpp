// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/number.hpp"

#include <bit>

#include "runtime/base/random.hpp"
#include "runtime/object/allocate.hpp"

namespace threadmill {

namespace {

std::uint64_t mix(std::uint64_t bits) noexcept { return split_mix(bits); }

std::uint64_t hash_int(const Object& self) noexcept {
  return Int::hash_of(static_cast<const Int&>(self).value());
}
bool equal_int(const Object& a, const Object& b) noexcept {
  return static_cast<const Int&>(a).value() == static_cast<const Int&>(b).value();
}

// By bits: a NaN equals itself, and 0.0 differs from -0.0.
std::uint64_t float_bits(const Object& self) noexcept {
  return std::bit_cast<std::uint64_t>(static_cast<const Float&>(self).value());
}
std::uint64_t hash_float(const Object& self) noexcept { return mix(float_bits(self)); }
bool equal_float(const Object& a, const Object& b) noexcept {
  return float_bits(a) == float_bits(b);
}

constexpr Type kInt{"int", nullptr, nullptr, nullptr, hash_int, equal_int};
constexpr Type kFloat{"float", nullptr, nullptr, nullptr, hash_float, equal_float};

[[maybe_unused]] const TypeId registered[] = {
    register_builtin_type(kIntType, kInt),
    register_builtin_type(kFloatType, kFloat),
};

}  // namespace

Ref<Int> Int::create(std::int64_t value) noexcept {
  return Ref<Int>::adopt(allocate<Int>(sizeof(Int), kTypeId, value));
}

Ref<Float> Float::create(double value) noexcept {
  return Ref<Float>::adopt(allocate<Float>(sizeof(Float), kTypeId, value));
}

}  // namespace threadmill
