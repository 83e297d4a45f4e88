// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/weak_dict.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "runtime/containers/number.hpp"
#include "runtime/containers/str.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

class WeakDictTest : public ObjectTest {
 protected:
  static Ref<Object> key(std::int64_t number) { return make<Int>(number); }
  Ref<Object> mortal() { return make<Mortal>(deaths_); }
  std::atomic<int> deaths_{0};
};

// Statement tW37.
TEST_F(WeakDictTest, an_item_goes_as_its_value_dies) {
  auto cache = WeakValueDict::create();
  Ref<Object> one = mortal();
  Ref<Object> two = mortal();
  ASSERT_TRUE(cache.set(key(1), one));
  ASSERT_TRUE(cache.set(key(2), two));
  EXPECT_EQ(cache.get(key(1)), one);
  EXPECT_EQ(cache.size(), 2u);
  one.reset();
  EXPECT_EQ(deaths_.load(), 1);
  EXPECT_EQ(cache.get(key(1)), nullptr);
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ(cache.items()->size(), 2u);
  EXPECT_EQ(cache.get(key(2)), two);
}

// Statement tW41.
TEST_F(WeakDictTest, an_old_value_that_dies_removes_no_new_one) {
  auto cache = WeakValueDict::create();
  Ref<Object> old = mortal();
  const Ref<Object> now = mortal();
  ASSERT_TRUE(cache.set(key(1), old));
  ASSERT_TRUE(cache.set(key(1), now));
  old.reset();
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ(cache.get(key(1)), now);
}

TEST_F(WeakDictTest, set_default_gives_the_living_value_or_the_new_one) {
  auto cache = WeakValueDict::create();
  Ref<Object> first = mortal();
  const Ref<Object> second = mortal();
  EXPECT_EQ(cache.set_default(key(1), first), first);
  EXPECT_EQ(cache.set_default(key(1), second), first);
  first.reset();
  EXPECT_EQ(cache.set_default(key(1), second), second);
  EXPECT_EQ(cache.set_default(nullptr, second), nullptr);
  EXPECT_EQ(cache.set_default(key(1), nullptr), nullptr);
}

TEST_F(WeakDictTest, pop_and_erase_remove_what_is_there) {
  auto cache = WeakValueDict::create();
  const Ref<Object> value = mortal();
  ASSERT_TRUE(cache.set(make<Str>("name"), value));
  EXPECT_EQ(cache.pop(make<Str>("other")), nullptr);
  EXPECT_EQ(cache.pop(make<Str>("name")), value);
  EXPECT_FALSE(cache.erase(make<Str>("name")));
  EXPECT_EQ(cache.size(), 0u);
}

TEST_F(WeakDictTest, a_cache_that_is_gone_is_not_called_back) {
  Ref<Object> value = mortal();
  {
    auto cache = WeakValueDict::create();
    ASSERT_TRUE(cache.set(key(1), value));
  }
  value.reset();
  EXPECT_EQ(deaths_.load(), 1);
}

// Statement tW38.
TEST_F(WeakDictTest, an_item_goes_as_its_key_dies_and_its_value_with_it) {
  auto cache = WeakKeyDict::create();
  Ref<Object> one = mortal();
  const Ref<Object> two = mortal();
  ASSERT_TRUE(cache.set(one, mortal()));
  ASSERT_TRUE(cache.set(two, key(2)));
  EXPECT_EQ(cache.size(), 2u);
  one.reset();
  EXPECT_EQ(deaths_.load(), 2);
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ(cast<Int>(cache.get(two))->value(), 2);
  ASSERT_TRUE(cache.set(two, key(3)));
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ(cast<Int>(cache.get(two))->value(), 3);
  EXPECT_EQ(cache.items()->size(), 2u);
}

TEST_F(WeakDictTest, keys_are_equal_to_themselves_only) {
  auto cache = WeakKeyDict::create();
  const Ref<Object> one = key(1'000'000);
  ASSERT_TRUE(cache.set(one, key(1)));
  EXPECT_TRUE(cache.get(one));
  EXPECT_EQ(cache.get(key(1'000'000)), nullptr);
  EXPECT_EQ(cache.get(nullptr), nullptr);
  EXPECT_EQ(cast<Int>(cache.pop(one))->value(), 1);
  EXPECT_FALSE(cache.erase(one));
}

TEST_F(WeakDictTest, lookups_make_no_object) {
  auto cache = WeakKeyDict::create();
  const Ref<Object> one = mortal();
  ASSERT_TRUE(cache.set(one, key(1)));
  const auto objects_made = [] {
    return current()->heap->counts().of(Int::kTypeId).made;
  };
  const auto before = objects_made();
  EXPECT_TRUE(cache.get(one));
  EXPECT_TRUE(cache.pop(one));
  EXPECT_FALSE(cache.pop(one));
  EXPECT_EQ(objects_made(), before);
}

// The new object is in the block of the old one, as long as nobody else took it.
TEST_F(WeakDictTest, a_new_object_does_not_find_what_its_block_held) {
  auto cache = WeakKeyDict::create();
  for (int i = 0; i < 100; ++i) {
    Ref<Object> object = mortal();
    EXPECT_EQ(cache.get(object), nullptr);
    ASSERT_TRUE(cache.set(object, key(i)));
    EXPECT_EQ(cast<Int>(cache.get(object))->value(), i);
  }
  EXPECT_EQ(cache.size(), 0u);
}

// Statements tW40, tW42 and tW43: lookups never give a dead value, and in the end nothing
// is left.
TEST_F(WeakDictTest, values_that_die_under_many_threads_are_never_found_dead) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 1500;
  auto cache = WeakValueDict::create();
  {
    const Detached while_they_run;
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        for (int round = 0; round < kRounds; ++round) {
          Ref<Object> mine = mortal();
          const Ref<Object> found = cache.set_default(key(round % 8), std::move(mine));
          ASSERT_NE(found, nullptr);
          ASSERT_GE(refcount(*found), 1);
          if (round % 16 == 0) {
            ASSERT_NE(cache.items(), nullptr);
          }
          if (round % 5 == 0) (void)cache.pop(key(round % 8));
        }
        leave();
      });
    }
  }
  safepoint();
  EXPECT_EQ(deaths_.load(), kThreads * kRounds);
  EXPECT_EQ(cache.size(), 0u);
}

}  // namespace
}  // namespace threadmill
