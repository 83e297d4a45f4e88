// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/header_check.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/memory/heap_walk.hpp"
#include "runtime/object/type.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

using namespace shared_word;

namespace {

constexpr std::uint32_t kPagesInPause = 2;

void require(bool holds, const Object& object, const char* what) noexcept {
  TM_CHECK_OBJECT(holds, &object, "header-state", what);
}

// relaxed: the caller has the object to itself, or the world is stopped
std::uint64_t word0_of(const Object& object) noexcept {
  return object.word0.load(relaxed);  // relaxed: as above
}
std::int32_t shared_of(const Object& object) noexcept {
  return object.shared.load(relaxed);  // relaxed: as above
}

void check_dead(const Object& object) noexcept {
  const std::int32_t shared = shared_of(object);
  require(word0::owner(word0_of(object)) == 0, object, "H5: a dead block has an owner");
  require(shared == make(0, kPlain) || shared == shared_word::kDead, object,
          "H5: a dead block does not refuse references");
}

void check_live(const Object& object, SlotId slot_count) noexcept {
  const std::uint64_t word = word0_of(object);
  if (word0::is_immortal(word)) return;
  const std::int32_t shared = shared_of(object);
  if (word0::is_distributed(word)) {
    require(state(shared) == kMerged, object, "X1: a distributed object is not merged");
    require(count(shared) >= kBias / 2, object, "X1: a distributed count has no bias");
    return;
  }
  if (word0::owner(word) == 0) {
    require(state(shared) == kMerged, object,
            "H2: a live object has no owner and is not merged");
    require(word0::local(word) == 0, object,
            "a live object without an owner has a local count");
  } else {
    require(word0::owner(word) <= slot_count, object, "no slot is the owner");
    require(state(shared) != kMerged, object, "H2: an object with an owner is merged");
    require(word0::local(word) >= 1 && word0::local(word) <= word0::kLocalLimit, object,
            "H6: the owner's count of a live object is out of range");
  }
  if (is_sticky(shared)) return;
  require(count(shared) >= 0 || state(shared) == kQueued, object,
          "H1: a shared count is negative, and the object is not queued");
  require(static_cast<std::int64_t>(word0::local(word)) + count(shared) >= 1, object,
          "H1: nobody has a reference to a live object");
}

}  // namespace

void check_header(const Object& object, bool is_live, SlotId slot_count) noexcept {
  if (is_live)
    check_live(object, slot_count);
  else
    check_dead(object);
}

namespace detail {

void check_dying(const Object& object) noexcept {
  const std::uint64_t word = word0_of(object);
  const std::int32_t shared = shared_of(object);
  const bool unshared = word == current()->self_word + 1 && shared == make(0, kPlain);
  require(unshared || (word == 0 && shared == shared_word::kDead), object,
          "H5: a dying object does not refuse references");
}

void check_merging(const Object& object) noexcept {
  const std::uint64_t word = word0_of(object);
  if (word0::is_immortal(word)) return;
  const bool merged = state(shared_of(object)) == kMerged;
  require((word0::owner(word) == 0 || word0::is_distributed(word)) == merged, object,
          "H2: the owner of an object to be merged and its state disagree");
  require(merged || word0::local(word) != 0, object,
          "an object with an owner has no local count");
}

void check_queued(const Object& object) noexcept {
  require(state(shared_of(object)) == kQueued, object,
          "H4: an object in its owner's inbox is not queued");
}

void check_some_headers(const World& world, std::uint64_t turn) noexcept {
  const SlotId slots = world.slot_count();
  const Heap& heap = *world.slot(static_cast<SlotId>(1 + turn % slots)).heap;
  std::uint64_t pages = 0;
  heap.for_each_page([&pages](const Page&) noexcept { ++pages; });
  if (pages == 0) return;
  const std::uint64_t first = turn / slots * kPagesInPause % pages;
  std::uint64_t index = 0;
  heap.for_each_page([&](Page& page) TM_NO_THREAD_SAFETY_ANALYSIS {
    const std::uint64_t place = index++;
    if (place < first || place >= first + kPagesInPause) return;
    for (std::uint32_t i = 0; i < page.handed_out; ++i) {
      const auto& object = *static_cast<const Object*>(page.block(i));
      // relaxed: the world is stopped
      check_header(object, block_state::is_live(page.liveness(i).load(relaxed)), slots);
    }
  });
}

}  // namespace detail

}  // namespace threadmill
