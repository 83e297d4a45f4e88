// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/hand_off.hpp"

#include "runtime/object/immortal.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using shared_word::kMaybeWeak;
using shared_word::kPlain;
using shared_word::kQueued;

class HandOffTest : public ObjectTest {
 protected:
  static std::uint64_t word_of(const Object& object) {
    return object.word0.load(relaxed);
  }

  std::atomic<int> deaths_{0};
};

TEST_F(HandOffTest, the_new_owner_counts_without_atomics_and_ends_the_object_at_once) {
  TM_NEEDS_OWNERS();
  Companion other(runtime_);
  Mortal* raw = release_to(make<Mortal>(deaths_), other.slot().id);
  EXPECT_EQ(word_of(*raw), other.slot().self_word + 1);
  other.run([&] {
    auto got = Ref<Mortal>::adopt(raw);
    const Ref<Mortal> second = got;
    EXPECT_EQ(word_of(*raw), current()->self_word + 2);
    EXPECT_EQ(raw->shared.load(relaxed), shared_word::make(0, kPlain));
  });
  EXPECT_EQ(deaths_.load(), 1);
  EXPECT_EQ(other.slot().longest_inbox, 0u);
}

TEST_F(HandOffTest, the_old_owner_is_like_any_other_thread_afterwards) {
  TM_NEEDS_OWNERS();
  Companion other(runtime_);
  auto kept = make<Mortal>(deaths_);
  set_maybe_weak(*kept);
  Mortal* raw = release_to(std::move(kept), other.slot().id);
  EXPECT_TRUE(try_incref(*raw));
  EXPECT_EQ(raw->shared.load(relaxed), shared_word::make(1, kMaybeWeak));
  decref(*raw);
  decref(*raw);  // the one that was on its way: asks the new owner
  EXPECT_EQ(deaths_.load(), 0);
  other.run([] { safepoint(); });
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(HandOffTest, several_references_are_not_handed_off) {
  TM_NEEDS_OWNERS();
  Companion other(runtime_);
  const auto object = make<Mortal>(deaths_);
  const Ref<Mortal> second = object;
  EXPECT_FALSE(hand_off(*object, other.slot().id));
  EXPECT_EQ(word_of(*object), current()->self_word + 2);
}

TEST_F(HandOffTest, an_object_to_which_others_have_references_may_be_handed_off) {
  TM_NEEDS_OWNERS();
  Companion first(runtime_);
  Companion second(runtime_);
  auto object = make<Mortal>(deaths_);
  first.run([&] { incref(*object); });
  Mortal* raw = object.release();
  ASSERT_TRUE(hand_off(*raw, second.slot().id));
  EXPECT_EQ(refcount(*raw), 2);
  first.run([&] { decref(*raw); });
  EXPECT_EQ(raw->shared.load(relaxed), shared_word::make(0, kPlain));
  second.run([&] { decref(*raw); });
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(HandOffTest, a_queued_object_is_not_handed_off) {
  TM_NEEDS_OWNERS();
  Companion other(runtime_);
  Object* raw = make<Mortal>(deaths_).release();
  incref(*raw);
  other.run([raw] {
    decref(*raw);  // queues
    incref(*raw);  // for this thread
  });
  decref(*raw);  // now one is counted here, the inbox's, and the shared one is ours
  ASSERT_EQ(raw->shared.load(relaxed), shared_word::make(1, kQueued));
  EXPECT_FALSE(hand_off(*raw, other.slot().id));
  safepoint();
  decref(*raw);
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(HandOffTest,
       an_object_of_another_thread_and_an_immortal_one_are_not_handed_off) {
  Companion other(runtime_);
  const auto object = make<Mortal>(deaths_);
  other.run([&] {
    incref(*object);
    EXPECT_FALSE(hand_off(*object, current()->id));
    decref(*object);
  });
  make_immortal(*object);
  EXPECT_FALSE(hand_off(*object, other.slot().id));
}

TEST_F(HandOffTest, what_was_merged_once_is_handed_off_all_the_same) {
  TM_NEEDS_OWNERS();
  Companion other(runtime_);
  Object* raw = nullptr;
  other.run([&] {
    raw = make<Mortal>(deaths_).release();
    incref(*raw);
  });
  decref(*raw);
  other.run([] { safepoint(); });
  ASSERT_EQ(word_of(*raw), 0u);
  EXPECT_EQ(release_to(Ref<Object>::adopt(raw), other.slot().id), raw);
  EXPECT_EQ(word_of(*raw), other.slot().self_word + 1);
  other.run([raw] { decref(*raw); });
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(HandOffTest, an_object_may_be_handed_off_to_a_slot_that_nobody_holds) {
  SlotId vacant = 0;
  runtime_.on_another_thread([&] { vacant = current()->id; });
  Mortal* raw = release_to(make<Mortal>(deaths_), vacant);
  decref(*raw);
  EXPECT_EQ(deaths_.load(), 1);
  raw = release_to(make<Mortal>(deaths_), vacant);
  runtime_.on_another_thread([&] {
    ASSERT_EQ(current()->id, vacant);
    EXPECT_TRUE(is_unique(*raw));
    decref(*raw);
  });
  EXPECT_EQ(deaths_.load(), 2);
}

TEST_F(HandOffTest, nothing_is_released_as_nothing) {
  EXPECT_EQ(release_to(Ref<Mortal>(), current()->id), nullptr);
  EXPECT_EQ(adopt_as_owner<Mortal>(nullptr), nullptr);
}

// Objects go round in a ring of threads, each of which owns, counts and passes them on.
TEST_F(HandOffTest, objects_that_go_round_are_queued_to_nobody_and_die_once) {
  constexpr int kThreads = 3;
  constexpr int kObjects = 16;
  constexpr int kLaps = 2000;
  std::atomic<Mortal*> boxes[kThreads] = {};
  std::atomic<SlotId> ids[kThreads] = {};
  std::atomic<int> alive{kObjects};
  const auto pass_on = [&](int to, Ref<Mortal> object) {
    Mortal* raw = release_to(std::move(object), ids[to].load());
    for (Mortal* empty = nullptr; !boxes[to].compare_exchange_strong(empty, raw);
         empty = nullptr) {
      safepoint();
      rest();
    }
  };
  std::vector<std::thread> threads;
  {
    const Detached while_waiting;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        ids[t].store(current()->id);
        for (const auto& id : ids) {
          while (id.load() == 0) rest();
        }
        const int next = (t + 1) % kThreads;
        int to_make = t == 0 ? kObjects : 0;
        int laps = 0;
        while (alive.load() > 0) {
          Mortal* got = boxes[t].exchange(nullptr);
          if (got == nullptr && to_make > 0) {
            --to_make;
            pass_on(next, make<Mortal>(deaths_));
          }
          safepoint();
          if (got == nullptr) continue;
          auto object = adopt_as_owner(got);
          if constexpr (kRefcount == Refcount::biased) {
            EXPECT_EQ(word_of(*got), current()->self_word + 1);
          }
          Ref<Mortal>(object).reset();
          if (t == 0 && ++laps > kLaps) {
            object.reset();
            alive.fetch_sub(1);
          } else {
            pass_on(next, std::move(object));
          }
        }
        EXPECT_EQ(current()->longest_inbox, 0u);
        leave();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(deaths_.load(), kObjects);
}

}  // namespace
}  // namespace threadmill
