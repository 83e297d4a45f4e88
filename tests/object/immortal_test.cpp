// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/immortal.hpp"

#include "runtime/object/refcount.hpp"
#include "runtime/object/weak.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using shared_word::kMerged;
using shared_word::kQueued;

class ImmortalTest : public ObjectTest {
 protected:
  static bool is_immortal_by_word(const Object& object) {
    return word0::is_immortal(object.word0.load(relaxed));
  }
  static shared_word::State state_of(const Object& object) {
    return shared_word::state(object.shared.load(relaxed));
  }

  std::atomic<int> deaths_{0};
};

TEST_F(ImmortalTest, the_owner_makes_an_object_immortal_at_once) {
  auto object = make<Mortal>(deaths_);
  Object* raw = object.get();
  EXPECT_FALSE(is_immortal(*raw));
  make_immortal(*raw);
  make_immortal(*raw);
  EXPECT_TRUE(is_immortal_by_word(*raw));
  EXPECT_EQ(refcount(*raw), kImmortalRefcount);
  object.reset();
  EXPECT_EQ(deaths_.load(), 0);
}

TEST_F(ImmortalTest,
       an_object_of_another_attached_owner_is_safe_before_the_owner_knows) {
  TM_NEEDS_OWNERS();
  Companion owner(runtime_);
  Object* raw = nullptr;
  owner.run([&] { raw = make<Mortal>(deaths_).release(); });
  make_immortal(*raw);
  EXPECT_TRUE(is_immortal(*raw));
  EXPECT_FALSE(is_immortal_by_word(*raw));
  EXPECT_EQ(refcount(*raw), kImmortalRefcount);
  EXPECT_EQ(state_of(*raw), kQueued);
  owner.run([&] {
    incref(*raw);
    decref(*raw);
    decref(*raw);  // its last
  });
  for (int i = 0; i < 10; ++i) decref(*raw);
  EXPECT_TRUE(is_immortal_by_word(*raw));
  owner.run([] { safepoint(); });
  EXPECT_TRUE(is_immortal_by_word(*raw));
  EXPECT_EQ(deaths_.load(), 0);
}

TEST_F(ImmortalTest, the_owner_makes_it_so_in_word0_at_its_next_safepoint) {
  Companion owner(runtime_);
  Object* raw = nullptr;
  owner.run([&] { raw = make<Mortal>(deaths_).release(); });
  make_immortal(*raw);
  owner.run([] { safepoint(); });
  EXPECT_TRUE(is_immortal_by_word(*raw));
}

TEST_F(ImmortalTest, an_object_of_an_absent_owner_is_immortal_in_word0_at_once) {
  Object* raw = nullptr;
  runtime_.on_another_thread([&] { raw = make<Mortal>(deaths_).release(); });
  make_immortal(*raw);
  EXPECT_TRUE(is_immortal_by_word(*raw));
  decref(*raw);
  EXPECT_EQ(deaths_.load(), 0);
}

TEST_F(ImmortalTest, an_object_that_is_queued_already_is_not_queued_again) {
  TM_NEEDS_OWNERS();
  Companion owner(runtime_);
  Object* raw = nullptr;
  owner.run([&] {
    raw = make<Mortal>(deaths_).release();
    incref(*raw);
  });
  decref(*raw);
  ASSERT_EQ(state_of(*raw), kQueued);
  make_immortal(*raw);
  EXPECT_TRUE(is_immortal(*raw));
  owner.run([&] {
    EXPECT_EQ(owner.slot().longest_inbox, 0u);
    safepoint();
    EXPECT_EQ(owner.slot().longest_inbox, 1u);
  });
  EXPECT_TRUE(is_immortal_by_word(*raw));
  EXPECT_EQ(deaths_.load(), 0);
}

TEST_F(ImmortalTest, an_object_without_owner_is_immortal_in_word0_at_once) {
  auto object = make<Mortal>(deaths_);
  Object* raw = object.get();
  runtime_.on_another_thread([raw] { incref(*raw); });
  object.reset();
  ASSERT_EQ(raw->shared.load(relaxed), shared_word::make(1, kMerged));
  make_immortal(*raw);
  EXPECT_TRUE(is_immortal_by_word(*raw));
  decref(*raw);
  decref(*raw);
  EXPECT_EQ(deaths_.load(), 0);
}

TEST_F(ImmortalTest, an_owner_that_drops_its_last_reference_leaves_it_immortal) {
  auto object = make<Mortal>(deaths_);
  Object* raw = object.get();
  Companion other(runtime_);
  other.run([raw] { make_immortal(*raw); });
  object.reset();
  EXPECT_TRUE(is_immortal_by_word(*raw));
  EXPECT_EQ(state_of(*raw), kMerged);
  safepoint();
  EXPECT_EQ(deaths_.load(), 0);
}

TEST_F(ImmortalTest, an_immortal_object_is_never_unique_and_always_found) {
  auto object = make<Mortal>(deaths_);
  const Weak<Mortal> weak(object);
  runtime_.on_another_thread([&] { make_immortal(*object); });
  EXPECT_FALSE(is_unique(*object));
  object.reset();
  EXPECT_NE(weak.lock(), nullptr);
  EXPECT_EQ(deaths_.load(), 0);
}

// gh-152276, gh-113956: bulks of objects become immortal in other threads than the one
// that made them, while a third one drops them and the owner counts.
TEST_F(ImmortalTest, threads_that_make_bulks_of_objects_immortal_lose_none) {
  constexpr int kObjects = 2000;
  std::vector<Object*> objects(kObjects);
  for (Object*& object : objects) {
    object = make<Mortal>(deaths_).release();
    incref(*object);
  }
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      for (Object* object : objects) {
        if (t == 0) make_immortal(*object);
        decref(*object);
      }
      leave();
      done.fetch_add(1);
    });
  }
  while (done.load() < 2) {
    for (Object* object : objects) {
      if (!word0::is_owned(object->word0.load(relaxed), current()->self_word, 1))
        continue;
      incref(*object);
      decref(*object);
    }
    safepoint();
  }
  for (std::thread& thread : threads) thread.join();
  safepoint();
  for (Object* object : objects) EXPECT_TRUE(is_immortal_by_word(*object));
  EXPECT_EQ(deaths_.load(), 0);
}

}  // namespace
}  // namespace threadmill
