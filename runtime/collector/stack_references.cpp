// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/stack_references.hpp"

#include "runtime/base/fault.hpp"
#include "runtime/collector/side_counts.hpp"
#include "runtime/object/deferred.hpp"
#include "runtime/thread/current.hpp"

namespace threadmill {

void count_stack_references(const World& world, const Scope& scope) noexcept {
  const SideTables& side = scope.side();
  SideCounts counts(side);
  world.for_each_slot([&](const Slot& slot) {
    if (fault(Fault::deferred_ref_invisible_to_collector) && &slot != current()) return;
    for (const StackReference* reference = slot.stack_references; reference != nullptr;
         reference = reference->below()) {
      const Object* object = reference->uncounted();
      if (object == nullptr) continue;
      const std::uint32_t granule = side.granule_of(object);
      if (counts.has(granule)) counts.increment(granule);
    }
  });
}

}  // namespace threadmill
