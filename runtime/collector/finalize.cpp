// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/finalize.hpp"

#include "runtime/collector/pages_to_do.hpp"
#include "runtime/collector/side_counts.hpp"
#include "runtime/collector/trace.hpp"
#include "runtime/object/type.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/safepoint.hpp"

namespace threadmill {

void clear_weak_references_of(const Trash& trash, WeakCallbacks& callbacks) noexcept {
  trash.for_each([&callbacks](Object& object) noexcept {
    if (may_have_weak_references(object)) clear_weak_references(object, callbacks);
  });
}

std::uint64_t run_finalizers(const Trash& trash) noexcept {
  std::uint64_t ran = 0;
  trash.for_each([&ran](Object& object) noexcept {
    const Type& type = type_of(object);
    if (type.finalize == nullptr || !take_finalization(object)) return;
    type.finalize(object);
    ++ran;
    safepoint(*current());
  });
  return ran;
}

void spare_resurrected(const World& world, const Scope& scope, Team& team) noexcept {
  SideCounts counts(scope.side());
  const auto begin = [&counts](const Object&, std::uint32_t granule) noexcept {
    counts.set(granule, 0);
  };
  for_each_white(scope, team, begin);
  find_unreachable(world, scope, nullptr, 1, team);
}

}  // namespace threadmill
