// SPDX-License-Identifier: Apache-2.0
//
// How objects without owners are counted, which is how all are where kRefcount is atomic or
// locked.
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/object/immortal.hpp"
#include "runtime/object/make.hpp"
#include "runtime/object/rebias.hpp"
#include "runtime/object/weak.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using namespace shared_word;

TEST(UnownedWordTest, one_compare_tells_ordinary_counts_from_all_others) {
  EXPECT_TRUE(is_counted(make(1, kMerged), 1));
  EXPECT_TRUE(is_counted(make(kCountLimit - 1, kMerged), 2));
  EXPECT_FALSE(is_counted(make(1, kMerged), 2));
  EXPECT_FALSE(is_counted(kDead, 1));
  EXPECT_FALSE(is_counted(make(kCountLimit, kMerged), 1));
  EXPECT_FALSE(is_counted(make(-1, kMerged), 1));
  EXPECT_FALSE(is_counted(make(-kCountLimit, kMerged), 1));
}

class UnownedTest : public ObjectTest {
 protected:
  void SetUp() override {
    if constexpr (kRefcount == Refcount::biased)
      GTEST_SKIP() << "objects are born with an owner in this variant of the runtime";
    ObjectTest::SetUp();
  }
  void TearDown() override {
    if constexpr (kRefcount != Refcount::biased) ObjectTest::TearDown();
  }

  static std::int32_t shared_of(const Object& object) {
    return object.shared.load(relaxed);
  }

  std::atomic<int> deaths_{0};
};

TEST_F(UnownedTest, a_new_object_has_one_reference_and_no_owner) {
  const auto object = make<Mortal>(deaths_);
  EXPECT_EQ(object->word0.load(relaxed), 0u);
  EXPECT_EQ(shared_of(*object), make(1, kMerged));
  EXPECT_FALSE(try_rebias(*object));
}

TEST_F(UnownedTest, every_thread_counts_in_one_word_and_the_last_one_ends_the_object) {
  Object* raw = make<Mortal>(deaths_).release();
  incref(*raw);
  EXPECT_EQ(shared_of(*raw), make(2, kMerged));
  runtime_.on_another_thread([&] {
    incref(*raw);
    EXPECT_EQ(refcount(*raw), 3);
    decref(*raw);
    decref(*raw);
  });
  EXPECT_EQ(deaths_.load(), 0);
  runtime_.on_another_thread([&] { decref(*raw); });
  EXPECT_EQ(deaths_.load(), 1);
}

TEST_F(UnownedTest, what_others_may_reach_without_a_reference_is_not_unique) {
  const auto object = make<Mortal>(deaths_);
  EXPECT_TRUE(is_unique(*object));
  runtime_.on_another_thread([&] { EXPECT_TRUE(is_unique(*object)); });
  incref(*object);
  EXPECT_FALSE(is_unique(*object));
  decref(*object);
  EXPECT_TRUE(is_unique(*object));
  const Weak<Object> weak(object);
  EXPECT_FALSE(is_unique(*object));
}

TEST_F(UnownedTest, a_block_that_lives_again_is_not_maybe_weak) {
  auto object = make<Mortal>(deaths_);
  const Object* block = object.get();
  set_maybe_weak(*object);
  EXPECT_FALSE(is_unique(*object));
  object.reset();
  object = make<Mortal>(deaths_);
  ASSERT_EQ(object.get(), block);
  EXPECT_TRUE(is_unique(*object));
}

TEST_F(UnownedTest, a_count_sticks_at_both_ends) {
  for (const std::int32_t count : {kCountLimit, -kCountLimit}) {
    const auto object = make<Mortal>(deaths_);
    object->shared.store(make(count, kMerged), relaxed);
    for (int i = 0; i < 3; ++i) incref(*object);
    for (int i = 0; i < 9; ++i) decref(*object);
    EXPECT_EQ(shared_of(*object), make(count, kMerged));
    EXPECT_TRUE(is_immortal(*object));
    object->shared.store(kUnowned, relaxed);
  }
  EXPECT_EQ(deaths_.load(), 2);
}

using UnownedDeathTest = UnownedTest;

TEST_F(UnownedDeathTest, a_reference_to_a_dead_object_is_not_dropped) {
  Object* raw = make<Mortal>(deaths_).release();
  decref(*raw);
  EXPECT_EQ(deaths_.load(), 1);
  EXPECT_FALSE(try_incref(*raw));
  EXPECT_DEATH(decref(*raw), "dead-objects-have-no-references");
}

TEST_F(UnownedTest, threads_that_count_at_once_lose_nothing) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 20000;
  auto object = make<Mortal>(deaths_);
  {
    const Detached while_waiting;
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        for (int i = 0; i < kRounds; ++i) {
          const Ref<Mortal> another = object;
          if (i % 16 == 0) safepoint();
        }
        leave();
      });
    }
  }
  EXPECT_EQ(refcount(*object), 1);
  object.reset();
  EXPECT_EQ(deaths_.load(), 1);
}

}  // namespace
}  // namespace threadmill
