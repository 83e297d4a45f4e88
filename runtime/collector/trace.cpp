// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/trace.hpp"

#include <algorithm>

#include "runtime/base/assert.hpp"
#include "runtime/collector/marking.hpp"
#include "runtime/collector/pages_to_do.hpp"
#include "runtime/collector/partition.hpp"
#include "runtime/collector/side_counts.hpp"
#include "runtime/object/deferred.hpp"
#include "runtime/object/distributed.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

namespace {

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

// No decrement ends it, so it stays tracked.
bool ends_here_only(const Object& object) noexcept {
  return is_deferred(object) || is_distributed(object);
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
    if (type.is_fixed && !ends_here_only(object) && is_atomic(type, object))
      next |= block_state::kUntracked;
    if (next != state) liveness.store(next, relaxed);  // relaxed: the world is stopped
    const std::int64_t count = settled_refcount(object);
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

// The references of one member's objects.
class Subtraction : private Partitioned<Subtraction> {
 public:
  Subtraction(const SideTables& side, PartitionLocks& locks) noexcept
      : Partitioned(side, locks), counts_(side) {}

  void subtract_references_of(Object& object) noexcept {
    type_of(object).traverse(object, Visitor(*this));
  }
  using Partitioned<Subtraction>::finish;

 private:
  friend class Partitioned<Subtraction>;

  void prefetch(std::uint32_t granule) const noexcept { counts_.prefetch(granule); }
  void process(std::uint32_t granule) noexcept {
    const bool covered = counts_.decrement(granule);
    TM_CHECK_OBJECT(covered,
                    &Scope::object_at(side().page(page_of_granule(granule)),
                                      granule % SideTables::kGranulesPerPage),
                    "count-covers-edges",
                    "more containers refer to an object than its count says");
  }

  SideCounts counts_;
};

// What is left of a count comes from outside.
class IsUsedFromOutside {
 public:
  explicit IsUsedFromOutside(const SideTables& side) noexcept : counts_(side) {}

  bool operator()(std::uint32_t granule) const noexcept {
    return counts_.has(granule) && counts_.get(granule) != 0;
  }
  // The first group of 8 from `granule` on that may have one, or the last of the page.
  [[nodiscard]] std::uint32_t skip(std::uint32_t granule) const noexcept {
    constexpr std::uint32_t kLast = SideTables::kGranulesPerPage - 8;
    while (granule % SideTables::kGranulesPerPage != kLast &&
           !counts_.any_of_8(granule))
      granule += 8;
    return granule;
  }

 private:
  SideCounts counts_;
};

// One member's part of reaching all that leads from what is grey, and from the objects of
// `pages` that are used from outside.
void mark(const Scope& scope,
          PagesToDo& pages,
          PartitionLocks& locks,
          GreyPages& grey,
          unsigned member) noexcept {
  SideCounts counts(scope.side());
  Marking marking(scope.side(), locks, grey);
  const auto take_page = [&](std::uint32_t i) noexcept {
    marking.traverse_roots(scope.page(i), IsUsedFromOutside(scope.side()));
    counts.forget_page(scope.page(i));
  };
  std::uint32_t partition = member * kPartitions / Team::kMaxSize;
  grey.begin_work();
  for (;;) {
    if (marking.traverse_next(++partition) || pages.take(1, take_page)) continue;
    marking.finish();
    if (marking.traverse_next(partition)) continue;
    if (grey.is_over()) return;
  }
}

void reach_from(const Scope& scope,
                const Object* root,
                PartitionLocks& locks,
                Team& team) noexcept {
  if (root == nullptr) return;
  GreyPages grey(scope.side(), locks.alone());
  Marking(scope.side(), locks, grey).reach(scope.side().granule_of(root));
  PagesToDo none(0);
  auto work = [&](unsigned member) noexcept { mark(scope, none, locks, grey, member); };
  run_on_pages(scope, team, work);
}

void subtract_references(const Scope& scope,
                         PartitionLocks& locks,
                         Team& team) noexcept {
  PagesToDo pages(scope.pages());
  auto work = [&](unsigned) noexcept {
    Subtraction subtraction(scope.side(), locks);
    const auto take_page = [&](std::uint32_t i) noexcept {
      scope.for_each_white(i, [&](Object& object, std::uint32_t) noexcept {
        subtraction.subtract_references_of(object);
      });
    };
    pages.take_all(take_page);
    subtraction.finish();
  };
  run_on_pages(scope, team, work);
}

void reach_from_outside(const Scope& scope,
                        PartitionLocks& locks,
                        Team& team) noexcept {
  GreyPages grey(scope.side(), locks.alone());
  PagesToDo pages(scope.pages());
  auto work = [&](unsigned member) noexcept {
    mark(scope, pages, locks, grey, member);
  };
  run_on_pages(scope, team, work);
}

}  // namespace

std::uint64_t list_candidates(const Scope& scope, Team& team) noexcept {
  PagesToDo pages(scope.pages());
  Atomic<std::uint64_t> size;
  auto work = [&](unsigned) TM_NO_THREAD_SAFETY_ANALYSIS {
    Candidates candidates(scope);
    pages.take_all([&](std::uint32_t i) TM_NO_THREAD_SAFETY_ANALYSIS {
      candidates.list(scope.page(i));
    });
    size.fetch_add(candidates.size(), relaxed);  // relaxed: read when all are done
  };
  run_on_pages(scope, team, work);
  return size.load(relaxed);  // relaxed: as above
}

void find_unreachable(const Scope& scope, const Object* root, Team& team) noexcept {
  PartitionLocks locks(is_for_one(scope, team));
  reach_from(scope, root, locks, team);
  subtract_references(scope, locks, team);
  reach_from_outside(scope, locks, team);
}

}  // namespace threadmill
