// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/finalize.hpp"

#include "runtime/collector/pages_to_do.hpp"
#include "runtime/collector/side_counts.hpp"
#include "runtime/collector/stack_references.hpp"
#include "runtime/collector/trace.hpp"
#include "runtime/object/refcount.hpp"
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
  const auto count = [&counts](const Object& object, std::uint32_t granule) noexcept {
    // Beside the collector's own. An object that became immortal has more references than
    // any count.
    counts.set(granule, static_cast<std::uint64_t>(settled_refcount(object) - 1));
  };
  for_each_white(scope, team, count);
  count_stack_references(world, scope);
  find_unreachable(scope, nullptr, team);
}

}  // namespace threadmill
