// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/weak.hpp"

#include <string>
#include <vector>

#include "runtime/object/make.hpp"
#include "runtime/thread/safepoint.hpp"
#include "tests/object/lifetime_types.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using WeakTest = ObjectTest;

TEST_F(WeakTest, it_gives_the_object_while_that_lives_and_nothing_afterwards) {  // tW01
  std::string log;
  auto object = make<Ephemeral>(log);
  const Weak<Ephemeral> weak(object);
  EXPECT_EQ(weak.lock(), object);
  EXPECT_FALSE(weak.expired());
  EXPECT_EQ(refcount(*object), 1);
  object.reset();
  EXPECT_EQ(weak.lock(), nullptr);
  EXPECT_TRUE(weak.expired());
  EXPECT_EQ(log, "fd");
}

TEST_F(WeakTest, those_without_a_callback_are_one_object) {  // tW07
  std::string log;
  auto object = make<Ephemeral>(log);
  const Weak<Ephemeral> weak(object);
  const Weak<Ephemeral> same(object);
  EXPECT_EQ(weak.reference(), same.reference());
  const Weak<Ephemeral> other(object, make<Callback>([](WeakReference&) {}));
  EXPECT_FALSE(weak.reference() == other.reference());  // tW09
  const Weak<Ephemeral> third(object);
  EXPECT_EQ(weak.reference(), third.reference());
}

TEST_F(WeakTest, a_new_one_is_made_after_the_shared_one_has_died) {
  std::string log;
  auto object = make<Ephemeral>(log);
  { const Weak<Ephemeral> dies(object); }
  const Weak<Ephemeral> weak(object);
  EXPECT_EQ(weak.lock(), object);
}

TEST_F(WeakTest, callbacks_are_called_once_and_the_newest_first) {  // tW03 to tW06
  std::string log;
  std::string called;
  auto object = make<Ephemeral>(log);
  std::vector<Weak<Ephemeral>> weak;
  const Weak<Ephemeral> plain(object);
  for (char name = 'a'; name < 'e'; ++name) {
    weak.emplace_back(object, make<Callback>([&, name](WeakReference& reference) {
                        EXPECT_TRUE(reference.is_dead());
                        EXPECT_TRUE(plain.expired());
                        for (const auto& other : weak) EXPECT_TRUE(other.expired());
                        called += name;
                      }));
  }
  object.reset();
  EXPECT_EQ(called, "dcba");
  EXPECT_EQ(log, "fd");
}

TEST_F(WeakTest, it_tells_its_callback_as_long_as_its_target_lives) {  // tW22
  std::string log;
  auto object = make<Ephemeral>(log);
  const Ref<Object> callback = make<Callback>([](WeakReference&) {});
  const Weak<Ephemeral> weak(object, callback);
  const Weak<Ephemeral> plain(object);
  EXPECT_EQ(weak.reference()->callback(), callback);
  EXPECT_EQ(plain.reference()->callback(), nullptr);
  object.reset();
  EXPECT_EQ(weak.reference()->callback(), nullptr);
  EXPECT_EQ(refcount(*callback), 1);
}

TEST_F(WeakTest, one_that_died_before_its_target_is_not_called_back) {  // tW13
  std::string log;
  bool called = false;
  auto object = make<Ephemeral>(log);
  {
    const Weak<Ephemeral> dies(object,
                               make<Callback>([&](WeakReference&) { called = true; }));
  }
  object.reset();
  EXPECT_FALSE(called);
}

TEST_F(WeakTest, lists_stay_in_order_whoever_leaves_them) {
  std::string log;
  std::string called;
  auto object = make<Ephemeral>(log);
  std::vector<Weak<Ephemeral>> weak;
  for (char name = 'a'; name < 'f'; ++name) {
    weak.emplace_back(
        object, make<Callback>([&called, name](WeakReference&) { called += name; }));
  }
  weak[0] = {};
  weak[2] = {};
  weak[4] = {};
  object.reset();
  EXPECT_EQ(called, "db");
}

TEST_F(WeakTest, a_callback_may_drop_the_weak_references_that_wait_for_theirs) {
  std::string log;
  std::string called;
  auto object = make<Ephemeral>(log);
  std::vector<Weak<Ephemeral>> weak;
  for (char name = 'a'; name < 'd'; ++name) {
    weak.emplace_back(object, make<Callback>([&, name](WeakReference&) {
                        called += name;
                        weak.clear();
                      }));
  }
  object.reset();
  EXPECT_EQ(called, "cba");
}

TEST_F(WeakTest, it_works_across_threads_and_for_objects_of_others) {
  std::string log;
  auto object = make<Ephemeral>(log);
  runtime_.on_another_thread([&] {
    const Weak<Ephemeral> weak(object);
    EXPECT_EQ(weak.lock(), object);
  });
  const Weak<Ephemeral> weak(object);
  runtime_.on_another_thread([&] { EXPECT_EQ(weak.lock(), object); });
  safepoint(*current());
  object.reset();
  EXPECT_TRUE(weak.expired());
  EXPECT_EQ(log, "fd");
}

TEST_F(WeakTest, it_is_an_object_and_can_be_weakly_referenced) {
  std::string log;
  auto object = make<Ephemeral>(log);
  Weak<Ephemeral> weak(object);
  const Weak<WeakReference> of_weak(weak.reference());
  EXPECT_EQ(of_weak.lock(), weak.reference());
  weak = {};
  EXPECT_TRUE(of_weak.expired());
}

TEST_F(WeakTest, the_block_of_a_dead_target_is_not_mistaken_for_it) {
  std::string log;
  auto object = make<Ephemeral>(log);
  const Weak<Ephemeral> weak(object);
  object.reset();
  std::vector<Ref<Ephemeral>> others;
  for (int i = 0; i < 1000; ++i) others.push_back(make<Ephemeral>(log));
  EXPECT_EQ(weak.lock(), nullptr);
}

TEST_F(WeakTest, one_that_a_finalizer_makes_of_its_own_object_dies_with_it) {  // tF18
  std::string log;
  Weak<Ephemeral> weak;
  auto object = make<Ephemeral>(log, [&](Ephemeral& self) {
    weak = Weak<Ephemeral>(Ref<Ephemeral>::share(&self));
    EXPECT_FALSE(weak.expired());
  });
  object.reset();
  EXPECT_TRUE(weak.expired());
  EXPECT_EQ(log, "fd");
}

}  // namespace
}  // namespace threadmill
