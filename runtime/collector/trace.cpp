// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/trace.hpp"

#include <algorithm>

#include "runtime/base/assert.hpp"
#include "runtime/collector/marking.hpp"
#include "runtime/collector/pipeline.hpp"
#include "runtime/collector/side_counts.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

namespace {

constexpr std::uint32_t kPerPage = SideTables::kGranulesPerPage;

Atomic<std::uint8_t>& state_of(const Object& object) noexcept {
  Page& page = page_of(&object);
  return page.liveness(page.index_of(&object));
}

// Nothing that `object`, of a fixed type, refers to is tracked.
bool is_atomic(const Type& type, Object& object) noexcept {
  bool result = true;
  EdgeBuffer edges([&result](const Object& target) noexcept {
    // relaxed: the world is stopped
    result &= (state_of(target).load(relaxed) & block_state::kUntracked) != 0;
  });
  type.traverse(object, Visitor(edges));
  edges.finish();
  return result;
}

class Candidates {
 public:
  explicit Candidates(const Scope& scope) noexcept
      : scope_(scope),
        side_(scope.side()),
        counts_(side_),
        next_age_(std::min(scope.generation() + 1, kOldest)) {}

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  void list(std::uint32_t number) noexcept TM_REQUIRES(stopped_world) {
    Page& page = side_.page(number);
    const auto is_wanted = [this](std::uint8_t state) {
      return scope_.looks_at(state);
    };
    for_each_block(page, is_wanted, [&](std::uint32_t index, std::uint8_t state) {
      add(*static_cast<Object*>(page.block(index)), page.liveness(index), state);
    });
    std::uint8_t& marks = side_.marks()[number];
    marks = SideTables::kInUse | (next_age_ == 1 ? SideTables::kHasMiddle : 0);
  }

 private:
  void add(Object& object,
           Atomic<std::uint8_t>& liveness,
           std::uint8_t state) noexcept {
    std::uint8_t next = block_state::with_age(state, next_age_);
    const Type& type = type_of(object);
    if (type.is_fixed && is_atomic(type, object)) next |= block_state::kUntracked;
    if (next != state) liveness.store(next, relaxed);  // relaxed: the world is stopped
    const std::int64_t count = refcount(object);
    if (count >= kImmortalRefcount || (next & block_state::kUntracked) != 0) return;
    const std::uint32_t granule = side_.granule_of(&object);
    counts_.set(granule, static_cast<std::uint64_t>(count));
    side_.white()[granule / 64] |= std::uint64_t{1} << (granule % 64);
    ++size_;
  }

  const Scope& scope_;
  const SideTables& side_;
  SideCounts counts_;
  const unsigned next_age_;
  std::uint64_t size_ = 0;
};

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

std::uint64_t list_candidates(const Scope& scope) noexcept {
  Candidates candidates(scope);
  for (std::uint32_t i = 0; i < scope.pages(); ++i) candidates.list(scope.page(i));
  return candidates.size();
}

void find_unreachable(const Scope& scope, std::uint32_t touched_pages) noexcept {
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
