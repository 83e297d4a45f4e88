// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/set.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/containers/number.hpp"
#include "runtime/containers/str.hpp"
#include "runtime/containers/tuple.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

class SetTest : public ObjectTest {
 protected:
  static Ref<Object> item(std::int64_t number) { return make<Int>(number); }
  static std::vector<std::int64_t> content(const Set& set) {
    std::vector<std::int64_t> numbers;
    const auto items = set.items();
    for (std::size_t i = 0; i < items->size(); ++i)
      numbers.push_back(cast<Int>(items->get(i))->value());
    return numbers;
  }
  static void fill(Set& set, std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i)
      ASSERT_EQ(set.add(item(i)), Set::Add::added);
  }
};

TEST_F(SetTest, finds_what_was_added_and_nothing_else) {
  auto set = make<Set>();
  EXPECT_FALSE(set->contains(item(1)));
  EXPECT_EQ(set->add(item(1)), Set::Add::added);
  EXPECT_EQ(set->add(item(1)), Set::Add::was_there);
  EXPECT_TRUE(set->contains(item(1)));
  EXPECT_FALSE(set->contains(item(2)));
  EXPECT_EQ(set->size(), 1u);
  EXPECT_EQ(set->add(make<Str>("word")), Set::Add::added);
  EXPECT_TRUE(set->contains("word"));
  EXPECT_FALSE(set->contains("wore"));
  EXPECT_TRUE(set->contains(make<Str>("word")));
  EXPECT_FALSE(set->contains(make<Float>(1.0)));
}

TEST_F(SetTest, an_equal_item_leaves_the_first_one_there) {
  auto set = make<Set>();
  auto first = item(1);
  auto second = item(1);
  (void)set->add(first);
  (void)set->add(second);
  EXPECT_EQ(refcount(*first), 2);
  EXPECT_EQ(refcount(*second), 1);
  EXPECT_EQ(set->items()->get(0), first);
}

TEST_F(SetTest, discard_drops_the_item) {
  auto set = make<Set>();
  auto kept = item(5);
  (void)set->add(kept);
  EXPECT_TRUE(set->discard(item(5)));
  EXPECT_FALSE(set->discard(item(5)));
  EXPECT_FALSE(set->contains(kept));
  EXPECT_EQ(refcount(*kept), 1);
  EXPECT_EQ(set->size(), 0u);
}

TEST_F(SetTest, null_items_are_refused_and_those_without_a_hash_fail) {
  const Ref<Object> null;
  auto set = make<Set>();
  EXPECT_EQ(set->add(null), Set::Add::refused);
  EXPECT_FALSE(set->contains(null));
  EXPECT_FALSE(set->discard(null));
  EXPECT_EQ(set->size(), 0u);
  EXPECT_DEATH((void)set->add(set), "keys-are-hashable");
}

TEST_F(SetTest, items_come_in_the_order_of_insertion) {
  auto set = make<Set>();
  fill(*set, 0, 100);
  for (std::int64_t i = 0; i < 100; i += 2) ASSERT_TRUE(set->discard(item(i)));
  (void)set->add(item(0));
  const auto numbers = content(*set);
  ASSERT_EQ(numbers.size(), 51u);
  for (std::size_t i = 0; i < 50; ++i)
    EXPECT_EQ(numbers[i], static_cast<std::int64_t>(2 * i + 1));
  EXPECT_EQ(numbers.back(), 0);
}

TEST_F(SetTest, update_adds_what_is_missing) {
  auto set = make<Set>();
  auto other = make<Set>();
  ASSERT_TRUE(set->update(*other));
  fill(*set, 0, 3);
  fill(*other, 2, 50);
  ASSERT_TRUE(set->update(*other));
  ASSERT_TRUE(set->update(*other));
  EXPECT_EQ(set->size(), 50u);
  EXPECT_EQ(other->size(), 48u);
  for (std::int64_t i = 0; i < 50; ++i) EXPECT_TRUE(set->contains(item(i)));
}

TEST_F(SetTest, retain_and_subtract_keep_the_order_and_drop_the_rest) {
  auto set = make<Set>();
  auto other = make<Set>();
  fill(*set, 0, 10);
  fill(*other, 5, 20);
  auto both = make<Set>();
  ASSERT_TRUE(both->update(*set));
  ASSERT_TRUE(both->retain(*other));
  EXPECT_EQ(content(*both), (std::vector<std::int64_t>{5, 6, 7, 8, 9}));
  ASSERT_TRUE(set->subtract(*other));
  EXPECT_EQ(content(*set), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(set->contains(item(4)));
  EXPECT_FALSE(set->contains(item(5)));
  ASSERT_TRUE(set->retain(*set));
  EXPECT_EQ(set->size(), 5u);
  ASSERT_TRUE(set->subtract(*set));
  EXPECT_EQ(set->size(), 0u);
  ASSERT_TRUE(set->subtract(*other));
  ASSERT_TRUE(other->retain(*set));
  EXPECT_EQ(other->size(), 0u);
}

TEST_F(SetTest, knows_its_subsets) {
  auto set = make<Set>();
  auto other = make<Set>();
  EXPECT_TRUE(set->is_subset_of(*other));
  fill(*set, 0, 5);
  EXPECT_FALSE(set->is_subset_of(*other));
  EXPECT_TRUE(other->is_subset_of(*set));
  EXPECT_TRUE(set->is_subset_of(*set));
  fill(*other, 1, 9);
  EXPECT_FALSE(set->is_subset_of(*other));
  EXPECT_TRUE(set->discard(item(0)));
  EXPECT_TRUE(set->is_subset_of(*other));
}

TEST_F(SetTest, pop_empties_it_and_gives_the_references) {
  auto set = make<Set>();
  EXPECT_EQ(set->pop(), nullptr);
  fill(*set, 0, 20'000);
  for (std::int64_t i = 19'999; i >= 0; --i)
    ASSERT_EQ(cast<Int>(set->pop())->value(), i);
  EXPECT_EQ(set->pop(), nullptr);
  EXPECT_EQ(set->size(), 0u);
}

TEST_F(SetTest, update_by_itself_changes_nothing) {
  auto set = make<Set>();
  fill(*set, 0, 5);
  ASSERT_TRUE(set->update(*set));
  EXPECT_EQ(content(*set), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
}

TEST_F(SetTest, the_end_of_a_set_and_clear_drop_everything) {
  auto set = make<Set>();
  std::vector<Ref<Object>> items;
  for (std::int64_t i = 0; i < 50; ++i) items.push_back(item(i));
  for (const auto& each : items) (void)set->add(each);
  set->clear();
  EXPECT_EQ(set->size(), 0u);
  EXPECT_FALSE(set->contains(items[0]));
  for (const auto& each : items) ASSERT_EQ(refcount(*each), 1);
  for (const auto& each : items) (void)set->add(each);
  set.reset();
  for (const auto& each : items) EXPECT_EQ(refcount(*each), 1);
}

TEST_F(SetTest, behaves_like_a_set_under_random_operations) {
  const std::uint64_t seed = 9;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Random random(seed);
  auto set = make<Set>();
  std::set<std::int64_t> model;
  for (int step = 0; step < 20000; ++step) {
    const auto number = static_cast<std::int64_t>(random.below(300));
    switch (random.below(3)) {
      case 0:
        ASSERT_EQ(set->add(item(number)) == Set::Add::added,
                  model.insert(number).second);
        break;
      case 1:
        ASSERT_EQ(set->discard(item(number)), model.erase(number) == 1);
        break;
      default:
        ASSERT_EQ(set->contains(item(number)), model.contains(number));
    }
    ASSERT_EQ(set->size(), model.size());
  }
  auto numbers = content(*set);
  std::sort(numbers.begin(), numbers.end());
  EXPECT_EQ(numbers, std::vector<std::int64_t>(model.begin(), model.end()));
}

// Two add and discard, two look; what is there all the time is always found (K5).
TEST_F(SetTest, readers_never_miss_an_item_while_writers_resize) {
  constexpr std::int64_t kStable = 32;
  auto set = make<Set>();
  for (std::int64_t i = 0; i < kStable; ++i)
    (void)set->add(make<Str>(std::to_string(i)));
  const Detached while_waiting;
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      Random random(mix_seed(7, static_cast<std::uint64_t>(t)));
      for (int i = 0; i < 20000; ++i) {
        const auto number = static_cast<std::int64_t>(random.below(200));
        const auto text = make<Str>(std::to_string(number));
        if (number >= kStable && random.below(2) == 0)
          set->discard(text);
        else
          ASSERT_NE(set->add(text), Set::Add::refused);
      }
      done.store(true);
      leave();
    });
    threads.emplace_back([&, t] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      Random random(mix_seed(8, static_cast<std::uint64_t>(t)));
      while (!done.load()) {
        const auto number = random.below(200);
        const bool found = set->contains(std::to_string(number));
        ASSERT_TRUE(found || number >= kStable) << number;
        ASSERT_FALSE(set->contains("never"));
      }
      leave();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// tC14: a snapshot during clear() has all items or none.
TEST_F(SetTest, items_of_a_set_that_is_cleared_are_all_or_none) {
  constexpr std::int64_t kItems = 10;
  auto set = make<Set>();
  auto full = make<Set>();
  fill(*full, 0, kItems);
  const Detached while_waiting;
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    ASSERT_NE(enter(runtime_.world()), nullptr);
    for (int i = 0; i < 2000; ++i) {
      ASSERT_TRUE(set->update(*full));
      set->clear();
    }
    done.store(true);
    leave();
  });
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      while (!done.load()) {
        const std::size_t size = set->items()->size();
        ASSERT_TRUE(size == 0 || size == kItems) << size;
      }
      leave();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace threadmill
