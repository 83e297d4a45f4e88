// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/verify.hpp"

#include <cstdio>

#include "runtime/collector/side_counts.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/object/immortal.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

namespace {

class Verifier {
 public:
  Verifier(Slot& self, HeapReport& report) noexcept : self_(self), report_(report) {}

  // V3, and counts the reference.
  void count_reference(const Object* from, Object& target) noexcept {
    if (!is_live(target)) {
      violation("V3 a reference to an object that is not live", from, &target);
      return;
    }
    ++SideCounts::of(&target);
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
    from_ = &object;
    type.traverse(object, Visitor(count_edge, this));
  }

  void check_header(Object& object) noexcept {
    // relaxed, both: the world is stopped
    const std::uint64_t word = object.word0.load(relaxed);
    const std::int32_t shared = object.shared.load(relaxed);
    if (object.lock.is_locked()) violation("V4 its lock is held", &object, nullptr);
    if (word0::is_immortal(word)) return;
    const shared_word::State state = shared_word::state(shared);
    if ((word0::owner(word) == 0) != (state == shared_word::kMerged) ||
        state == shared_word::kQueued) {
      violation("V2 its owner and the state of its shared count disagree", &object,
                nullptr);
    }
    const std::int64_t expected = SideCounts::of(&object);
    const std::int64_t count = refcount(object);
    if (count == expected || count >= kImmortalRefcount) return;
    char text[96];
    std::snprintf(text, sizeof text, "V1 its count is %lld, references found: %lld",
                  static_cast<long long>(count), static_cast<long long>(expected));
    violation(text, &object, nullptr);
  }

 private:
  static void count_edge(void* context, Object& target) noexcept {
    auto& verifier = *static_cast<Verifier*>(context);
    ++verifier.report_.edges;
    verifier.count_reference(verifier.from_, target);
  }

  bool is_live(Object& target) const noexcept {
    if (!self_.heap->arena().may_be_block(&target)) return false;
    Page& page = page_of(&target);
    const std::uint32_t index = page.index_of(&target);
    // relaxed: the world is stopped
    return page.counts != nullptr && index < page.handed_out &&
           page.block(index) == &target && page.liveness(index).load(relaxed) == kLive;
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

  Slot& self_;
  HeapReport& report_;
  const Object* from_ = nullptr;
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
  const SideCounts counts(self.world);
  if (!counts.is_complete()) {
    report.out_of_memory = true;
    return;
  }
  Verifier verifier(self, report);
  for_each_live_object(self.world, [&](Object& o) { verifier.count_edges(o); });
  for (Object* root : roots) {
    if (root != nullptr) verifier.count_reference(nullptr, *root);
  }
  for_each_live_object(self.world, [&](Object& o) { verifier.check_header(o); });
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
