// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/type.hpp"

namespace threadmill {

namespace detail {
// Constant-initialised, so it is there for every static initialiser.
constinit const Type* type_table[kMaxTypes] = {};
}  // namespace detail

namespace {
constinit TypeId next_user_type = kFirstUserType;
}

TypeId register_type(const Type& type) noexcept {
  TM_CHECK(next_user_type < kMaxTypes, "type-table", "too many types are defined");
  return register_builtin_type(next_user_type++, type);
}

TypeId register_builtin_type(TypeId id, const Type& type) noexcept {
  detail::type_table[id] = &type;
  return id;
}

}  // namespace threadmill
