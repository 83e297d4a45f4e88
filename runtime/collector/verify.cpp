// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/verify.hpp"

#include <cstdio>

#include "runtime/collector/collect.hpp"
#include "runtime/collector/scope.hpp"
#include "runtime/collector/settle.hpp"
#include "runtime/collector/side_counts.hpp"
#include "runtime/containers/at_death.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/object/immortal.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

namespace {

class Verifier {
 public:
  Verifier(Arena& arena, HeapReport& report) noexcept
      : arena_(arena), side_(arena.side()), counts_(side_), report_(report) {}

  void list(const Object& object) noexcept {
    counts_.set(side_.granule_of(&object), 0);
  }

  void forget(const Page& page) noexcept { counts_.forget_page(side_.number_of(page)); }

  // V3, and counts the reference.
  void count_reference(const Object* from, Object& target) noexcept {
    if (!is_live(target)) {
      violation("V3 a reference to an object that is not live", from, &target);
      return;
    }
    counts_.increment(side_.granule_of(&target));
  }

  void count_edges(Object& object) noexcept {
    ++report_.objects;
    const TypeId id = object.type.load(relaxed);  // relaxed: the world is stopped
    if (id >= kMaxTypes || detail::type_table[id] == nullptr) {
      violation("V5 an object without a type", &object, nullptr);
      return;
    }
    const Type& type = type_of(object);
    if (type.traverse == nullptr) return;
    EdgeBuffer edges([&](Object& target) noexcept {
      ++report_.edges;
      count_reference(&object, target);
    });
    type.traverse(object, edges);
    edges.finish();
  }

  void check_header(Object& object) noexcept {
    // relaxed, both: the world is stopped
    const std::uint64_t word = object.word0.load(relaxed);
    const std::int32_t shared = object.shared.load(relaxed);
    if (object.lock.is_locked()) violation("V4 its lock is held", &object, nullptr);
    if (word0::is_immortal(word)) return;
    const shared_word::State state = shared_word::state(shared);
    const bool has_owner = word0::owner(word) != 0 && !word0::is_distributed(word);
    if (has_owner == (state == shared_word::kMerged) || state == shared_word::kQueued) {
      violation("V2 its owner and the state of its shared count disagree", &object,
                nullptr);
    }
    const std::int64_t expected = counts_.get(side_.granule_of(&object));
    const std::int64_t count = settled_refcount(object);
    if (count == expected || count >= kImmortalRefcount) return;
    char text[96];
    std::snprintf(text, sizeof text, "V1 its count is %lld, references found: %lld",
                  static_cast<long long>(count), static_cast<long long>(expected));
    violation(text, &object, nullptr);
  }

 private:
  // The start of a block of an object that is listed.
  bool is_live(Object& target) const noexcept {
    if (!arena_.may_be_block(&target)) return false;
    const std::uint32_t granule = side_.granule_of(&target);
    return counts_.has(granule) &&
           &target == &Scope::object_at(page_of(&target),
                                        granule % SideTables::kGranulesPerPage);
  }

  void violation(const char* what, const Object* object, const Object* other) noexcept {
    if (report_.violations++ != 0) return;
    char first[110] = "";
    char second[110] = "";
    if (object != nullptr) describe_object(object, first, sizeof first);
    if (other != nullptr) describe_object(other, second, sizeof second);
    std::snprintf(report_.message, sizeof report_.message, "%s%s%s%s", what, first,
                  other != nullptr ? " ->" : "", second);
  }

  const Arena& arena_;
  const SideTables& side_;
  SideCounts counts_;
  HeapReport& report_;
};

// Calls `body` in a pause in which every count is exact and nothing has died: the dead
// have left the walk but still count what they refer to, so they end first, with the
// world running, which may queue more.
template <class Body>
void in_settled_pause(Slot& self, Body body) noexcept {
  for (bool settled = false; !settled;) {
    const CascadeScope deaths_wait(self);
    const StoppedWorld pause(self);
    const std::uint32_t dying = self.dying;
    settle_counts_in_pause(self.world);
    settled = self.dying == dying;
    if (settled) body();
  }
}

void verify_in_pause(Slot& self,
                     std::span<Object* const> roots,
                     HeapReport& report) noexcept TM_REQUIRES(stopped_world) {
  Verifier verifier(self.heap->arena(), report);
  for_each_live_object(self.world, [&](Object& o) { verifier.list(o); });
  for_each_live_object(self.world, [&](Object& o) { verifier.count_edges(o); });
  for (Object* root : roots) {
    if (root != nullptr) verifier.count_reference(nullptr, *root);
  }
  if (self.world.collector != nullptr) {
    Collector& collector = *self.world.collector;
    for (const Kept<List>* kept :
         {&collector.debugging().garbage(), &collector.roots()})
      if (kept->peek() != nullptr) verifier.count_reference(nullptr, *kept->peek());
  }
  if (self.world.calls_at_death != nullptr) {
    if (Dict* calls = self.world.calls_at_death->peek(); calls != nullptr)
      verifier.count_reference(nullptr, *calls);
  }
  for_each_live_object(self.world, [&](Object& o) { verifier.check_header(o); });
  for_each_page(self.world, [&](Page& page) { verifier.forget(page); });
}

}  // namespace

HeapReport verify_heap(Slot& self, std::span<Object* const> roots) noexcept {
  HeapReport report;
  in_settled_pause(
      self, [&]() TM_REQUIRES(stopped_world) { verify_in_pause(self, roots, report); });
  return report;
}

std::uint64_t count_live_objects(Slot& self) noexcept {
  std::uint64_t count = 0;
  in_settled_pause(self, [&]() TM_REQUIRES(stopped_world) {
    for_each_live_object(self.world, [&count](const Object& object) noexcept {
      if (!is_immortal(object)) ++count;
    });
  });
  return count;
}

}  // namespace threadmill
