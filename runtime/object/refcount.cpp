// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/refcount.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/object/distributed.hpp"
#include "runtime/object/header_check.hpp"
#include "runtime/object/immortal.hpp"
#include "runtime/object/inbox.hpp"
#include "runtime/object/type.hpp"
#include "runtime/thread/chaos.hpp"

namespace threadmill {

using namespace shared_word;

// H1 to H6: header.hpp.

namespace {

// A count that saturated never moves again, so nothing wraps; the object is never freed.
void undo_if_sticky(Object& object, std::int32_t before, std::int32_t delta) noexcept {
  if (is_sticky(before))
    object.shared.fetch_sub(delta, relaxed);  // relaxed: the count means nothing now
}

// H5.
bool refuses(std::int32_t word) noexcept {
  if (word == make(0, kPlain)) {
    return !fault(Fault::weakref_without_maybe_weak_flag) &&
           !fault(Fault::try_incref_accepts_plain);
  }
  return word == kDead;
}

// Swings `shared` to what a merge makes of it.
bool cas_merged(Object& object, std::int32_t& word, std::int32_t next) noexcept {
  if (fault(Fault::merge_flag_relaxed))
    return object.shared.cas(word, next, relaxed);  // relaxed: the fault
  return object.shared.cas(word, next, acq_rel);    // edge: drop-to-death
}

// Swings `shared` to what a drop makes of it.
bool cas_dropped(Object& object, std::int32_t& word, std::int32_t next) noexcept {
  if (fault(Fault::last_decref_no_acquire))
    return object.shared.cas(word, next, release);  // edge: drop-to-death
  return object.shared.cas(word, next, acq_rel);    // edge: drop-to-death
}

// Swings `shared` to what taking a reference makes of it.
bool cas_taken(Object& object, std::int32_t& word) noexcept {
  if constexpr (kRefcount == Refcount::locked) {
    object.shared.store(word + kOne, relaxed);  // relaxed: the global lock orders
    return true;
  }
  // edge: drop-to-death, owner-to-reader
  return object.shared.cas(word, word + kOne, acq_rel);
}

// The owner's count is about to reach zero, and others have counted, or may.
[[gnu::noinline]] void merge_last_local(Object& object, std::int32_t word) noexcept {
  if (!fault(Fault::merge_publish_then_scrub))
    object.word0.store(0, relaxed);  // relaxed: H3, published by the cas
  std::int32_t next;
  do {
    next = make(count(word),
                fault(Fault::owner_zero_without_merged_flag) ? state(word) : kMerged);
  } while (!cas_merged(object, word, next));
  if (fault(Fault::merge_publish_then_scrub))
    object.word0.store(0, relaxed);  // relaxed: the fault
  if (next == kDead)
    die(object);
  else if (is_sticky(next))
    make_immortal_unowned(object);  // H6, and never freed, so it may still be touched
}

// Who loses against other threads so often is in a fight for the count.
constexpr int kFought = 2;

void decref_shared(Object& object) noexcept {
  std::int32_t word = fault(Fault::stale_read_then_cas)
                          ? make(0, kPlain)
                          : object.shared.load(relaxed);  // relaxed: confirmed by the
                                                          // cas
  std::int32_t next;
  bool queue;
  int lost = 0;
  do {
    if (lost++ == kFought && type_of(object).distributes && try_distribute(object)) {
      decref(object);
      return;
    }
    if (is_sticky(word)) return;
    TM_CHECK_OBJECT(word != kDead, &object, "dead-objects-have-no-references",
                    "a reference to a dead object was dropped");
    queue = count(word) == 0 && (state(word) == kPlain || state(word) == kMaybeWeak);
    // H4: the inbox inherits the reference, so the count stays.
    next = queue ? make(0, kQueued) : word - kOne;
    if (queue && fault(Fault::foreign_decref_frees_unmerged)) {
      die(object);
      return;
    }
  } while (!cas_dropped(object, word, next));
  if (queue)
    queue_to_owner(object);
  else if (next == kDead)
    die(object);
}

}  // namespace

namespace detail {

void incref_slow(Object& object, std::uint64_t word) noexcept {
  if (word0::is_immortal(word)) return;
  if (word0::is_distributed(word)) {
    count_distributed(object, word, 1);
    return;
  }
  if (word0::owner(word) == current()->id) {
    TM_CHECK_OBJECT(word0::local(word) != 0, &object, "dead-objects-have-no-references",
                    "a reference to a dying object was taken");
    make_immortal_owned(object);  // H6
    return;
  }
  // relaxed: taking a reference from one already held orders nothing
  const std::int32_t before = object.shared.fetch_add(kOne, relaxed);
  TM_ASSERT_OBJECT(before != kDead, &object, "dead-objects-have-no-references",
                   "a reference to a dead object was taken");
  undo_if_sticky(object, before, kOne);
}

void decref_slow(Object& object, std::uint64_t word) noexcept {
  if (word == current()->self_word + 1) {
    // edge: drop-to-death
    const std::int32_t shared = object.shared.load(acquire);
    if (shared != make(0, kPlain)) return merge_last_local(object, shared);
    // H5: no other thread has or can get a reference.
    chaos_point(ChaosPoint::last_local);
    return die(object);
  }
  if (word0::is_immortal(word)) return;
  if (word0::is_distributed(word)) {
    count_distributed(object, word, -1);
    return;
  }
  if (word0::owner(word) != current()->id) {
    decref_shared(object);
  } else {
    TM_CHECK_OBJECT(word0::local(word) != 0, &object, "dead-objects-have-no-references",
                    "a reference to a dying object was dropped");
    make_immortal_owned(object);  // H6
  }
}

void incref_unowned_slow(Object& object, std::int32_t before) noexcept {
  TM_ASSERT_OBJECT(before != kDead, &object, "dead-objects-have-no-references",
                   "a reference to a dead object was taken");
  undo_if_sticky(object, before, kOne);
}

void decref_unowned_slow(Object& object, std::int32_t before) noexcept {
  TM_CHECK_OBJECT(before != kDead, &object, "dead-objects-have-no-references",
                  "a reference to a dead object was dropped");
  if (before == kUnowned)
    die(object);
  else
    undo_if_sticky(object, before, -kOne);
}

}  // namespace detail

bool try_incref(Object& object) noexcept {
  assert_usable(&object);
  // edge: owner-to-reader
  const std::uint64_t owned = object.word0.load(acquire);
  if (word0::is_owned(owned, current()->self_word, 1)) {
    // relaxed: as in incref. At the limit an object that this thread knows to be alive
    // becomes immortal by the next ordinary incref.
    object.word0.store(owned + 1, relaxed);
    return true;
  }
  if (word0::is_immortal(owned)) return true;
  if (word0::is_distributed(owned)) {
    detail::count_distributed(object, owned, 1);
    return true;
  }
  std::int32_t word = object.shared.load(relaxed);  // relaxed: confirmed by the cas
  do {
    if (refuses(word)) return false;
    if (is_sticky(word)) {
      (void)object.shared.load(acquire);  // edge: owner-to-reader
      return true;
    }
  } while (!cas_taken(object, word));
  return true;
}

void set_maybe_weak(Object& object) noexcept {
  if constexpr (kRefcount != Refcount::biased) {
    // relaxed, both: as below
    if ((object.flags.load(relaxed) & flag::kMaybeWeak) == 0)
      object.flags.fetch_or(flag::kMaybeWeak, relaxed);
    return;
  }
  std::int32_t word = object.shared.load(relaxed);  // relaxed: confirmed by the cas
  while (state(word) == kPlain) {
    // relaxed: it permits references; whoever publishes the object orders it
    if (object.shared.cas(word, word | kMaybeWeak, relaxed)) return;
  }
}

bool is_unique(const Object& object) noexcept {
  if (fault(Fault::unique_is_not_stable)) return false;
  if (fault(Fault::refcount_one_is_not_unique)) return refcount(object) == 1;
  if constexpr (kRefcount != Refcount::biased) {
    // relaxed: nobody but this thread has a reference if the answer is yes
    if (object.word0.load(relaxed) != 0) return false;
    // edge: drop-to-death
    if (object.shared.load(acquire) != kUnowned) return false;
    // relaxed: set before the reference of whoever set it was dropped
    return (object.flags.load(relaxed) & flag::kMaybeWeak) == 0;
  }
  // relaxed: only this thread writes it if the answer is yes
  if (object.word0.load(relaxed) != current()->self_word + 1) return false;
  const std::int32_t shared = fault(Fault::unique_check_relaxed)
                                  ? object.shared.load(relaxed)   // relaxed: the fault
                                  : object.shared.load(acquire);  // edge: drop-to-death
  return shared == make(0, kPlain);
}

bool merge(Object& object, std::int32_t extra) noexcept {
  assert_may_merge(object);
  // relaxed: handed over with the slot
  const std::uint64_t owned = object.word0.load(relaxed);
  if (word0::is_immortal(owned)) return false;
  if (word0::is_distributed(owned)) {
    object.shared.fetch_add(extra * kOne, relaxed);  // relaxed: the world is stopped
    return false;
  }
  const auto local = static_cast<std::int64_t>(word0::local(owned));
  object.word0.store(0, relaxed);                   // relaxed: H3, published by the cas
  std::int32_t word = object.shared.load(relaxed);  // relaxed: confirmed by the cas
  std::int32_t next;
  do {
    const std::int64_t total = local + count(word) + extra;
    TM_CHECK_OBJECT(total >= 0 || is_sticky(word), &object, "count-not-negative",
                    "more references were dropped than taken");
    const bool sticks = total >= kCountLimit || is_sticky(word);
    if (sticks && !fault(Fault::local_counter_wraps_or_sticks)) {
      make_immortal_unowned(object);  // H6
      return false;
    }
    next = make(static_cast<std::int32_t>(total), kMerged);
  } while (!cas_merged(object, word, next));
  return next == kDead;
}

void set_counts_for_test(Object& object,
                         std::uint64_t local,
                         std::int32_t shared) noexcept {
  if constexpr (kRefcount != Refcount::biased) {
    shared = make(count(shared) + static_cast<std::int32_t>(local), kMerged);
    object.word0.store(0, relaxed);        // relaxed: test, private
    object.shared.store(shared, relaxed);  // relaxed: test, private
    return;
  }
  object.word0.store(current()->self_word + local, relaxed);  // relaxed: test, private
  object.shared.store(shared, relaxed);                       // relaxed: test, private
}

}  // namespace threadmill
