// SPDX-License-Identifier: Apache-2.0
//
// Hash and equality of dict keys, by the functions of their Type. Objects of different
// types are never equal.
#pragma once

#include "runtime/base/assert.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

[[nodiscard]] inline std::uint64_t hash_of(const Object& key) noexcept {
  const Type& type = type_of(key);
  TM_CHECK_OBJECT(
      type.hash != nullptr, &key, "keys-are-hashable",
      "a dict key of a type that has no hash: use None, Int, Float, Str, or "
      "a Tuple of these");
  return type.hash(key);
}

// The caller has references to both, or the lock that keeps them alive.
[[nodiscard]] inline bool are_equal(const Object& a, const Object& b) noexcept {
  if (&a == &b) return true;
  const Type& type = type_of(a);
  return &type == &type_of(b) && type.equal != nullptr && type.equal(a, b);
}

}  // namespace threadmill
