// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/refcount.hpp"

#include <vector>

#include "runtime/object/immortal.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using shared_word::kDead;
using shared_word::kMaybeWeak;
using shared_word::kMerged;
using shared_word::kPlain;
using shared_word::kQueued;

class RefcountTest : public ObjectTest {
 protected:
  static std::int32_t shared_of(const Object& object) {
    return object.shared.load(relaxed);
  }
  static std::uint64_t word_of(const Object& object) {
    return object.word0.load(relaxed);
  }

  std::atomic<int> deaths_{0};
};

TEST_F(RefcountTest, a_new_object_has_one_reference_of_its_owner) {
  TM_NEEDS_OWNERS();
  const auto object = make<Mortal>(deaths_);
  EXPECT_EQ(refcount(*object), 1);
  EXPECT_EQ(word_of(*object), current()->self_word + 1);
  EXPECT_EQ(shared_of(*object), shared_word::make(0, kPlain));
  EXPECT_TRUE(is_unique(*object));
}

TEST_F(RefcountTest, the_owner_counts_in_the_local_half) {
  TM_NEEDS_OWNERS();
  const auto object = make<Mortal>(deaths_);
  {
    const Ref<Mortal> second = object;
    EXPECT_EQ(word_of(*object), current()->self_word + 2);
    EXPECT_FALSE(is_unique(*object));
  }
  EXPECT_EQ(word_of(*object), current()->self_word + 1);
  EXPECT_EQ(shared_of(*object), shared_word::make(0, kPlain));
}

TEST_F(RefcountTest, the_owners_last_reference_ends_the_object_at_once) {
  auto object = make<Mortal>(deaths_);
  object.reset();
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(RefcountTest, a_non_owner_counts_in_the_shared_half) {
  TM_NEEDS_OWNERS();
  const auto object = make<Mortal>(deaths_);
  runtime_.on_another_thread([&] {
    const auto theirs = Ref<Mortal>::share(object.get());
    EXPECT_EQ(shared_of(*object), shared_word::make(1, kPlain));
    EXPECT_EQ(refcount(*object), 2);
  });
  EXPECT_EQ(shared_of(*object), shared_word::make(0, kPlain));
}

TEST_F(RefcountTest, decref_by_non_owner_queues_the_object_and_keeps_the_reference) {
  TM_NEEDS_OWNERS();
  auto object = make<Mortal>(deaths_);
  Object* raw = object.release();
  Companion other(runtime_);
  other.run([raw] { decref(*raw); });
  // The owner (this thread) is attached and has not passed a safepoint.
  EXPECT_EQ(shared_of(*raw), shared_word::make(0, kQueued));
  EXPECT_EQ(deaths_.load(), 0);
  safepoint();
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(RefcountTest, the_owner_that_merges_first_leaves_the_rest_to_the_shared_count) {
  auto object = make<Mortal>(deaths_);
  Companion other(runtime_);
  other.run([&] { incref(*object); });
  Object* raw = object.get();
  object.reset();
  EXPECT_EQ(word_of(*raw), 0u);
  EXPECT_EQ(shared_of(*raw), shared_word::make(1, kMerged));
  EXPECT_EQ(deaths_.load(), 0);
  other.run([raw] { decref(*raw); });
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(RefcountTest, references_may_be_dropped_by_others_than_took_them) {
  auto object = make<Mortal>(deaths_);
  constexpr int kReferences = 100;
  for (int i = 0; i < kReferences; ++i) incref(*object);
  Companion other(runtime_);
  other.run([&] {
    for (int i = 0; i < kReferences; ++i) decref(*object);
  });
  safepoint();
  EXPECT_EQ(refcount(*object), 1);
  EXPECT_EQ(deaths_.load(), 0);
  object.reset();
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(RefcountTest, a_detached_owner_does_not_hold_memory_back) {
  auto object = make<Mortal>(deaths_);
  Object* raw = object.release();
  runtime_.on_another_thread([&] {
    decref(*raw);
    EXPECT_EQ(deaths_.load(), 1);
  });
}

TEST_F(RefcountTest, an_exited_owner_does_not_hold_memory_back) {
  Object* raw = nullptr;
  runtime_.on_another_thread([&] { raw = make<Mortal>(deaths_).release(); });
  decref(*raw);
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(RefcountTest, the_next_holder_of_a_slot_inherits_its_objects) {
  TM_NEEDS_OWNERS();
  Object* raw = nullptr;
  SlotId first = 0;
  runtime_.on_another_thread([&] {
    raw = make<Mortal>(deaths_).release();
    first = current()->id;
  });
  runtime_.on_another_thread([&] {
    ASSERT_EQ(current()->id, first);
    incref(*raw);
    EXPECT_EQ(word_of(*raw), current()->self_word + 2);
    decref(*raw);
    decref(*raw);
  });
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(RefcountTest, try_incref_refuses_what_only_the_owner_has_until_it_may_be_weak) {
  TM_NEEDS_OWNERS();
  const auto object = make<Mortal>(deaths_);
  Companion other(runtime_);
  other.run([&] { EXPECT_FALSE(try_incref(*object)); });
  set_maybe_weak(*object);
  EXPECT_EQ(shared_of(*object), shared_word::make(0, kMaybeWeak));
  other.run([&] {
    EXPECT_TRUE(try_incref(*object));
    EXPECT_EQ(refcount(*object), 2);
    decref(*object);
  });
}

TEST_F(RefcountTest, try_incref_by_the_owner_counts_locally) {
  TM_NEEDS_OWNERS();
  const auto object = make<Mortal>(deaths_);
  ASSERT_TRUE(try_incref(*object));
  EXPECT_EQ(word_of(*object), current()->self_word + 2);
  decref(*object);
}

TEST_F(RefcountTest, try_incref_refuses_the_dead) {
  auto object = make<Mortal>(deaths_);
  Object* dead = object.get();
  set_maybe_weak(*object);
  object.reset();
  ASSERT_EQ(deaths_.load(), 1);
  EXPECT_EQ(shared_of(*dead), kDead);
  EXPECT_FALSE(try_incref(*dead));
  runtime_.on_another_thread([&] { EXPECT_FALSE(try_incref(*dead)); });
}

TEST_F(RefcountTest, a_block_that_lives_again_is_not_maybe_weak) {
  TM_NEEDS_OWNERS();
  auto object = make<Mortal>(deaths_);
  set_maybe_weak(*object);
  object.reset();
  for (int i = 0; i < 1000; ++i) {
    const auto next = make<Mortal>(deaths_);
    ASSERT_EQ(shared_of(*next), shared_word::make(0, kPlain));
  }
}

TEST_F(RefcountTest, an_immortal_object_is_not_counted) {
  auto object = make<Mortal>(deaths_);
  Object* raw = object.get();
  make_immortal_owned(*object);
  EXPECT_EQ(refcount(*raw), kImmortalRefcount);
  for (int i = 0; i < 5; ++i) decref(*raw);
  incref(*raw);
  EXPECT_TRUE(try_incref(*raw));
  EXPECT_EQ(word_of(*raw), word0::kImmortal);
  EXPECT_FALSE(is_unique(*raw));
  object.reset();
  EXPECT_EQ(deaths_.load(), 0);
}

TEST_F(RefcountTest, an_object_may_become_immortal_while_it_is_queued) {
  TM_NEEDS_OWNERS();
  auto object = make<Mortal>(deaths_);
  Object* raw = object.release();
  Companion other(runtime_);
  other.run([raw] { decref(*raw); });
  ASSERT_EQ(shared_of(*raw), shared_word::make(0, kQueued));
  make_immortal_owned(*raw);
  safepoint();
  EXPECT_EQ(word_of(*raw), word0::kImmortal);
  EXPECT_EQ(deaths_.load(), 0);
}

TEST_F(RefcountTest, a_local_count_that_saturates_makes_the_object_immortal) {
  TM_NEEDS_OWNERS();
  auto object = make<Mortal>(deaths_);
  Object* raw = object.get();
  set_counts_for_test(*raw, word0::kLocalLimit, 0);
  for (int i = 0; i < 3; ++i) incref(*raw);
  EXPECT_EQ(word_of(*raw), word0::kImmortal);
  object.reset();
  EXPECT_EQ(deaths_.load(), 0);
}

TEST_F(RefcountTest, a_shared_count_that_saturates_sticks) {
  auto object = make<Mortal>(deaths_);
  Object* raw = object.get();
  const std::int32_t limit = shared_word::make(shared_word::kCountLimit, kPlain);
  set_counts_for_test(*raw, 1, limit);
  Companion other(runtime_);
  other.run([raw] {
    for (int i = 0; i < 100; ++i) incref(*raw);
    for (int i = 0; i < 200; ++i) decref(*raw);
    EXPECT_TRUE(try_incref(*raw));
  });
  EXPECT_TRUE(shared_word::is_sticky(shared_of(*raw)));
  EXPECT_EQ(refcount(*raw), kImmortalRefcount);
  object.reset();  // merges
  EXPECT_EQ(deaths_.load(), 0);
}

TEST_F(RefcountTest, a_merge_beyond_the_limit_makes_the_object_immortal) {
  TM_NEEDS_OWNERS();
  auto object = make<Mortal>(deaths_);
  Object* raw = object.get();
  set_counts_for_test(*raw, word0::kLocalLimit - 5, shared_word::make(0, kQueued));
  EXPECT_FALSE(merge(*raw, -1));
  EXPECT_EQ(word_of(*raw), word0::kImmortal);
  object.reset();
  EXPECT_EQ(deaths_.load(), 0);
}

TEST_F(RefcountTest, more_references_dropped_than_taken_are_noticed) {
  auto object = make<Mortal>(deaths_);
  Object* raw = object.release();
  decref(*raw);
  ASSERT_EQ(deaths_.load(), 1);
  EXPECT_DEATH(decref(*raw), "dead-objects-have-no-references");
  EXPECT_DEATH(
      {
        auto queued = make<Mortal>(deaths_);
        set_counts_for_test(*queued, 1, shared_word::make(-1, kQueued));
        (void)merge(*queued, -1);
      },
      "count-not-negative");
}

TEST_F(RefcountTest, many_threads_count_one_object_exactly) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 5000;
  auto object = make<Mortal>(deaths_);
  std::vector<std::thread> threads;
  {
    const Detached while_waiting;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        for (int i = 0; i < kRounds; ++i) {
          const auto one = Ref<Mortal>::share(object.get());
          const Ref<Mortal> two = one;
          safepoint();
        }
        leave();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  safepoint();
  EXPECT_EQ(refcount(*object), 1);
  object.reset();
  EXPECT_EQ(deaths_.load(), 1);
}

// Owners hand out what they made and forget it; whoever gets it drops it.
TEST_F(RefcountTest, what_is_handed_to_another_thread_dies_exactly_once) {
  constexpr int kObjects = 20000;
  std::atomic<Object*> box{nullptr};
  {
    const Detached while_waiting;
    std::thread maker([&] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      for (int i = 0; i < kObjects; ++i) {
        Object* made = make<Mortal>(deaths_).release();
        Object* empty = nullptr;
        while (!box.compare_exchange_strong(empty, made)) {
          empty = nullptr;
          safepoint();
          rest();
        }
      }
      leave();
    });
    std::thread taker([&] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      for (int i = 0; i < kObjects;) {
        Object* got = box.exchange(nullptr);
        if (got != nullptr) {
          decref(*got);
          ++i;
        } else {
          safepoint();
          rest();
        }
      }
      leave();
    });
    maker.join();
    taker.join();
  }
  EXPECT_EQ(deaths_.load(), kObjects);
}

}  // namespace
}  // namespace threadmill
