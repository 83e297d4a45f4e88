// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/trace.hpp"

#include <cstring>

#include "runtime/base/assert.hpp"
#include "runtime/collector/marking.hpp"
#include "runtime/collector/pages_to_do.hpp"
#include "runtime/collector/partition.hpp"
#include "runtime/collector/side_counts.hpp"
#include "runtime/collector/stack_references.hpp"
#include "runtime/collector/untrack.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

namespace {

// For who walks a page in the order of memory: so far ahead no processor looks by itself.
void fetch_ahead(const Object& object) noexcept {
  __builtin_prefetch(reinterpret_cast<const char*>(&object) + 1024);
}

// Counts the references that one member's objects hold.
class Counting : private Partitioned<Counting> {
 public:
  Counting(const SideTables& side, PartitionLocks& locks, bool untracks) noexcept
      : Partitioned(side, locks), counts_(side), untracks_(untracks) {}

  // From now on the objects of `page` are handed in, until it leaves.
  void enter(std::uint32_t page) noexcept {
    page_ = page;
    page_base_ = reinterpret_cast<const char*>(&side().page(page));
    std::memset(near_, 0, sizeof near_);
  }
  void leave() noexcept {
    distribute();
    const PartitionLocks::Guard guard(locks(), partition_of_page(page_));
    counts_.add_to_page(page_, near_);
  }

  void count_references_of(Object& object, std::uint32_t granule) noexcept {
    const Type& type = type_of(object);
    if (type.is_fixed && untracks_ && untrack_if_atomic(type, object))
      side().colours_of(granule).white &= ~SideTables::bit_of(granule);
    else
      type.traverse(object, *this);
  }
  using Partitioned<Counting>::finish;

 private:
  friend class Partitioned<Counting>;

  // A reference inside the page: no lock, no bucket.
  bool take_at_once(const Object& target) noexcept {
    const auto offset =
        static_cast<std::size_t>(reinterpret_cast<const char*>(&target) - page_base_);
    if (offset >= kPageBytes) return false;
    if (++near_[offset / SideTables::kGranuleBytes] == 0) [[unlikely]]
      add_many(side().granule_of(&target));
    return true;
  }
  [[gnu::noinline]] void add_many(std::uint32_t granule) noexcept {
    const PartitionLocks::Guard guard(locks(), partition_of_page(page_));
    counts_.add(granule, 256);
  }
  void prefetch(std::uint32_t granule) const noexcept { counts_.prefetch(granule); }
  void process(std::uint32_t granule) noexcept { counts_.increment(granule); }

  SideCounts counts_;
  const bool untracks_;

  // The page whose objects are traversed, and how many references to each granule of it
  // were found there; beyond 255 they are in the side counts.
  std::uint32_t page_ = 0;
  const char* page_base_ = nullptr;
  std::uint8_t near_[SideTables::kGranulesPerPage];
};

// Whether there are more references to an object than were counted.
class IsUsedFromOutside {
 public:
  IsUsedFromOutside(const Scope& scope, std::int64_t own) noexcept
      : counts_(scope.side()), own_(own) {}

  bool operator()(const Object& object, std::uint32_t granule) const noexcept {
    fetch_ahead(object);
    const std::int64_t count = settled_refcount(object) - own_;
    const std::int64_t found = counts_.get(granule);
    TM_CHECK_OBJECT(count >= found, &object, "count-covers-edges",
                    "more containers refer to an object than its count says");
    return count > found;
  }

 private:
  const SideCounts counts_;
  const std::int64_t own_;
};

// One member's part of reaching all that leads from what is grey. Where it finds nothing
// grey, `reach_more(marking)` may make something so; false: it will not any more.
template <class ReachMore>
void mark(const Scope& scope,
          PartitionLocks& locks,
          GreyPages& grey,
          bool untracks,
          unsigned member,
          ReachMore reach_more) noexcept {
  Marking marking(scope.side(), locks, grey, untracks);
  std::uint32_t partition = member * kPartitions / Team::kMaxSize;
  grey.begin_work();
  for (;;) {
    if (marking.traverse_next(++partition)) continue;
    marking.finish();
    if (marking.traverse_next(partition) || reach_more(marking)) continue;
    if (grey.is_over()) return;
  }
}

void reach_from(const World& world,
                const Scope& scope,
                const Object* root,
                bool untracks,
                PartitionLocks& locks,
                Team& team) noexcept TM_REQUIRES(stopped_world) {
  GreyPages grey(scope.side(), locks.alone());
  Marking marking(scope.side(), locks, grey, false);
  const auto reach = [&](const Object& object) noexcept {
    marking.reach(scope.side().granule_of(&object));
  };
  if (root != nullptr) reach(*root);
  for_each_stack_reference(world, reach);
  if (!grey.has_any()) return;
  const auto nothing_more = [](Marking&) noexcept { return false; };
  auto work = [&](unsigned member) noexcept {
    mark(scope, locks, grey, untracks, member, nothing_more);
  };
  run_on_pages(scope, team, work);
}

void count_references(const Scope& scope,
                      bool untracks,
                      PartitionLocks& locks,
                      Team& team) noexcept {
  PagesToDo pages(scope.pages());
  auto work = [&](unsigned) noexcept {
    Counting counting(scope.side(), locks, untracks);
    const auto take_page = [&](std::uint32_t i) noexcept {
      counting.enter(scope.page(i));
      scope.for_each_white(i, [&](Object& object, std::uint32_t granule) noexcept {
        fetch_ahead(object);
        counting.count_references_of(object, granule);
      });
      counting.leave();
    };
    pages.take_all(take_page);
    counting.finish();
  };
  run_on_pages(scope, team, work);
}

void reach_from_outside(const Scope& scope,
                        std::int64_t own,
                        PartitionLocks& locks,
                        Team& team) noexcept {
  const IsUsedFromOutside is_used(scope, own);
  // What is reached before its page's turn is not looked at: here it is.
  if constexpr (kChecks) for_each_white(scope, team, is_used);
  GreyPages grey(scope.side(), locks.alone());
  PagesToDo pages(scope.pages());
  SideCounts counts(scope.side());
  // From both ends in turn: what is used from outside may be the oldest, which all others
  // are reached from, or the youngest.
  const auto compare_next = [&](Marking& marking) noexcept {
    return pages.take(1, [&](std::uint32_t i) noexcept {
      const std::uint32_t place = i % 2 == 0 ? i / 2 : scope.pages() - 1 - i / 2;
      marking.reach_if(scope, scope.page(place), is_used);
      counts.forget_page(scope.page(place));
    });
  };
  auto work = [&](unsigned member) noexcept {
    mark(scope, locks, grey, false, member, compare_next);
  };
  run_on_pages(scope, team, work);
}

}  // namespace

void find_unreachable(const World& world,
                      const Scope& scope,
                      const Object* root,
                      std::int64_t own,
                      Team& team) noexcept {
  PartitionLocks locks(is_for_one(scope, team));
  // Trash that the collector holds stays tracked, or it would count as spared.
  const bool untracks = own == 0;
  reach_from(world, scope, root, untracks, locks, team);
  count_references(scope, untracks, locks, team);
  reach_from_outside(scope, own, locks, team);
}

}  // namespace threadmill
