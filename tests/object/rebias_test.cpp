// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/rebias.hpp"

#include "runtime/object/immortal.hpp"
#include "runtime/object/weak.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using shared_word::kMaybeWeak;
using shared_word::kMerged;

class RebiasTest : public ObjectTest {
 protected:
  // Merged, with so many references of the caller's.
  Object* make_merged(int references) {
    Object* raw = make<Mortal>(deaths_).release();
    runtime_.on_another_thread([raw, references] {
      for (int i = 0; i < references; ++i) incref(*raw);
    });
    decref(*raw);
    EXPECT_EQ(raw->word0.load(relaxed), 0u);
    EXPECT_EQ(raw->shared.load(relaxed), shared_word::make(references, kMerged));
    return raw;
  }

  std::atomic<int> deaths_{0};
};

TEST_F(RebiasTest, who_has_the_only_reference_becomes_the_owner) {
  TM_NEEDS_OWNERS();
  Object* raw = make_merged(1);
  EXPECT_TRUE(try_rebias(*raw));
  EXPECT_EQ(raw->word0.load(relaxed), current()->self_word + 1);
  EXPECT_EQ(raw->shared.load(relaxed), shared_word::make(0, kMaybeWeak));
  incref(*raw);
  EXPECT_EQ(raw->word0.load(relaxed), current()->self_word + 2);
  decref(*raw);
  decref(*raw);
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(RebiasTest, who_has_one_of_several_references_becomes_the_owner) {
  TM_NEEDS_OWNERS();
  Object* raw = make_merged(3);
  EXPECT_TRUE(try_rebias(*raw));
  EXPECT_EQ(raw->word0.load(relaxed), current()->self_word + 1);
  EXPECT_EQ(raw->shared.load(relaxed), shared_word::make(2, kMaybeWeak));
  EXPECT_EQ(refcount(*raw), 3);
  runtime_.on_another_thread([raw] {
    decref(*raw);
    decref(*raw);
  });
  EXPECT_EQ(deaths_.load(), 0);
  decref(*raw);
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(RebiasTest, an_object_with_an_owner_and_an_immortal_one_stay_as_they_are) {
  TM_NEEDS_OWNERS();
  const auto object = make<Mortal>(deaths_);
  EXPECT_FALSE(try_rebias(*object));
  runtime_.on_another_thread([&] {
    incref(*object);
    EXPECT_FALSE(try_rebias(*object));
    decref(*object);
  });
  EXPECT_EQ(object->word0.load(relaxed), current()->self_word + 1);
  Object* immortal = make_merged(1);
  make_immortal(*immortal);
  EXPECT_FALSE(try_rebias(*immortal));
  EXPECT_TRUE(word0::is_immortal(immortal->word0.load(relaxed)));
}

TEST_F(RebiasTest, a_count_that_saturated_gets_no_owner) {
  Object* raw = make_merged(1);
  raw->shared.store(shared_word::make(shared_word::kCountLimit, kMerged), relaxed);
  EXPECT_FALSE(try_rebias(*raw));
  EXPECT_EQ(raw->word0.load(relaxed), 0u);
}

TEST_F(RebiasTest, weak_references_work_before_and_after) {
  TM_NEEDS_OWNERS();
  auto object = Ref<Object>::adopt(make_merged(1));
  const Weak<Object> weak(object);
  ASSERT_TRUE(try_rebias(*object));
  runtime_.on_another_thread([&] { EXPECT_EQ(weak.lock(), object); });
  object.reset();
  EXPECT_TRUE(weak.expired());
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(RebiasTest, an_object_may_be_queued_and_merged_once_in_each_ownership) {
  TM_NEEDS_OWNERS();
  Object* raw = make_merged(1);
  Companion other(runtime_);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(try_rebias(*raw));
    incref(*raw);
    other.run([raw] { decref(*raw); });
    EXPECT_EQ(shared_word::state(raw->shared.load(relaxed)), shared_word::kQueued);
    safepoint();
    EXPECT_EQ(raw->shared.load(relaxed), shared_word::make(1, kMerged));
  }
  decref(*raw);
  EXPECT_EQ(deaths_.load(), 1);
}

// Every thread wants to be the owner of the same few objects.
TEST_F(RebiasTest, threads_that_fight_for_ownership_lose_no_reference) {
  TM_NEEDS_OWNERS();
  constexpr int kThreads = 4;
  constexpr int kRounds = 5000;
  Object* raw = make_merged(kThreads + 1);
  const Weak<Object> weak(Ref<Object>::share(raw));
  std::atomic<int> owned{0};
  std::vector<std::thread> threads;
  {
    const Detached while_waiting;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        for (int i = 0; i < kRounds; ++i) {
          if (const auto one = weak.lock()) {
            if (try_rebias(*one)) owned.fetch_add(1);
            const Ref<Object> two = one;
          }
          safepoint();
        }
        decref(*raw);
        leave();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  safepoint();
  EXPECT_GT(owned.load(), 0);
  EXPECT_EQ(refcount(*raw), 1);
  EXPECT_EQ(deaths_.load(), 0);
  decref(*raw);
  EXPECT_EQ(deaths_.load(), 1);
}

}  // namespace
}  // namespace threadmill
