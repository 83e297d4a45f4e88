// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/none.hpp"

#include "runtime/object/allocate.hpp"
#include "runtime/object/immortal.hpp"

namespace threadmill {

namespace {

std::uint64_t hash_none(const Object&) noexcept { return 1; }
bool equal_none(const Object&, const Object&) noexcept { return true; }

constexpr Type kNone{"none", nullptr, nullptr, nullptr, hash_none, equal_none};

[[maybe_unused]] const TypeId registered = register_builtin_type(kNoneType, kNone);

}  // namespace

None* None::create_immortal() noexcept {
  None* made = allocate<None>(sizeof(None), kTypeId);
  if (made != nullptr) make_immortal_owned(*made);
  return made;
}

}  // namespace threadmill
