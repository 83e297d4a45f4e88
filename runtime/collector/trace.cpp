// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/trace.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/collector/marking.hpp"
#include "runtime/collector/pipeline.hpp"
#include "runtime/collector/side_counts.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

namespace {

constexpr std::uint32_t kPerPage = SideTables::kGranulesPerPage;

class Subtraction : private Pipeline<Subtraction> {
 public:
  explicit Subtraction(const SideTables& side) noexcept : side_(side), counts_(side) {}

  void subtract_references_of(Object& object) noexcept {
    type_of(object).traverse(object, Visitor(*this));
  }
  using Pipeline<Subtraction>::finish;

 private:
  friend class Pipeline<Subtraction>;

  void prefetch(const Object& target) const noexcept {
    counts_.prefetch(side_.granule_of(&target));
  }
  void process(Object& target) noexcept {
    const bool covered = counts_.decrement(side_.granule_of(&target));
    TM_CHECK_OBJECT(covered, &target, "count-covers-edges",
                    "more containers refer to an object than its count says");
  }

  const SideTables& side_;
  SideCounts counts_;
};

// What is left of a count comes from outside.
void reach_from_outside(SideCounts& counts,
                        std::uint32_t page,
                        Marking& marking) noexcept {
  const std::uint32_t first = page * kPerPage;
  for (std::uint32_t granule = first; granule < first + kPerPage; granule += 8) {
    if (!counts.any_of_8(granule)) continue;
    for (std::uint32_t i = granule; i < granule + 8; ++i)
      if (counts.has(i) && counts.get(i) != 0) marking.reach(i);
  }
  counts.forget_page(page);
}

}  // namespace

void list_candidates(Scope& scope) noexcept {
  const SideTables& side = scope.side();
  SideCounts counts(side);
  for (std::uint32_t i = 0; i < scope.pages(); ++i) {
    Page& page = side.page(scope.page(i));
    const auto is_wanted = [&scope](std::uint8_t state) {
      return scope.looks_at(state);
    };
    for_each_block(page, is_wanted, [&](std::uint32_t index, std::uint8_t) noexcept {
      const Object& object = *static_cast<Object*>(page.block(index));
      const std::int64_t count = refcount(object);
      if (count >= kImmortalRefcount) return;
      const std::uint32_t granule = side.granule_of(&object);
      counts.set(granule, static_cast<std::uint64_t>(count));
      side.white()[granule / 64] |= std::uint64_t{1} << (granule % 64);
    });
  }
}

void find_unreachable(Scope& scope, std::uint32_t touched_pages) noexcept {
  const SideTables& side = scope.side();
  SideCounts counts(side);
  {
    Subtraction subtraction(side);
    scope.for_each_white([&](Object& object, std::uint32_t) noexcept {
      subtraction.subtract_references_of(object);
    });
    subtraction.finish();
  }
  Marking marking(side, touched_pages);
  for (std::uint32_t i = 0; i < scope.pages(); ++i) {
    reach_from_outside(counts, scope.page(i), marking);
    marking.run();
  }
}

}  // namespace threadmill
