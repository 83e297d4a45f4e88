// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/list.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/containers/number.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

class ListTest : public ObjectTest {
 protected:
  static std::int64_t int_at(const List& list, std::size_t index) {
    const auto item = cast<Int>(list.get(index));
    return item ? item->value() : -1;
  }
  static std::vector<Ref<Object>> ints(std::int64_t first, std::size_t count) {
    std::vector<Ref<Object>> items;
    for (std::size_t i = 0; i < count; ++i)
      items.push_back(make<Int>(first + static_cast<std::int64_t>(i)));
    return items;
  }
  static std::vector<std::int64_t> content(const List& list) {
    std::vector<std::int64_t> values;
    for (std::size_t i = 0; i < list.size(); ++i) values.push_back(int_at(list, i));
    return values;
  }
};

TEST_F(ListTest, appends_grow_and_keep_the_order) {
  auto list = make<List>();
  EXPECT_EQ(list->get(0), nullptr);
  for (std::int64_t i = 0; i < 1000; ++i) ASSERT_TRUE(list->append(make<Int>(i)));
  ASSERT_EQ(list->size(), 1000u);
  for (std::size_t i = 0; i < 1000; ++i)
    ASSERT_EQ(int_at(*list, i), static_cast<std::int64_t>(i));
  EXPECT_EQ(list->get(1000), nullptr);
}

TEST_F(ListTest, pop_gives_the_last_item_with_its_reference) {
  auto list = make<List>();
  EXPECT_EQ(list->pop(), nullptr);
  auto item = make<Int>(7);
  ASSERT_TRUE(list->append(item));
  EXPECT_EQ(refcount(*item), 2);
  EXPECT_EQ(list->pop(), item);
  EXPECT_EQ(refcount(*item), 1);
  EXPECT_EQ(list->size(), 0u);
}

TEST_F(ListTest, insert_moves_what_stands_behind_and_clamps_the_index) {
  auto list = make<List>();
  ASSERT_TRUE(list->insert(7, make<Int>(1)));
  ASSERT_TRUE(list->insert(0, make<Int>(0)));
  ASSERT_TRUE(list->insert(1, make<Int>(9)));
  ASSERT_TRUE(list->insert(99, make<Int>(2)));
  ASSERT_TRUE(list->insert(0, make<Int>(-5)));  // outgrows the first array
  EXPECT_EQ(content(*list), (std::vector<std::int64_t>{-5, 0, 9, 1, 2}));
  EXPECT_FALSE(list->insert(0, nullptr));
  EXPECT_EQ(list->size(), 5u);
}

TEST_F(ListTest, extend_by_items_and_by_lists_and_by_itself) {
  auto list = make<List>();
  ASSERT_TRUE(list->extend(ints(0, 3)));
  ASSERT_TRUE(list->extend(std::span<const Ref<Object>>()));
  const auto other = make<List>();
  ASSERT_TRUE(list->extend(*other));
  ASSERT_TRUE(other->extend(ints(3, 2)));
  ASSERT_TRUE(list->extend(*other));
  EXPECT_EQ(content(*list), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  ASSERT_TRUE(other->extend(*other));
  EXPECT_EQ(content(*other), (std::vector<std::int64_t>{3, 4, 3, 4}));
  std::vector<Ref<Object>> hole = ints(0, 1);
  hole.push_back(nullptr);
  EXPECT_FALSE(list->extend(hole));
  EXPECT_EQ(list->size(), 5u);
}

TEST_F(ListTest, pop_at_an_index_moves_up_what_stands_behind) {
  auto list = make<List>();
  ASSERT_TRUE(list->extend(ints(0, 5)));
  EXPECT_EQ(cast<Int>(list->pop(1))->value(), 1);
  EXPECT_EQ(cast<Int>(list->pop(3))->value(), 4);
  EXPECT_EQ(cast<Int>(list->pop(0))->value(), 0);
  EXPECT_EQ(list->pop(2), nullptr);
  EXPECT_EQ(content(*list), (std::vector<std::int64_t>{2, 3}));
}

TEST_F(ListTest, items_are_found_and_removed_by_equality) {
  auto list = make<List>();
  ASSERT_TRUE(list->extend(ints(0, 4)));
  ASSERT_TRUE(list->extend(ints(2, 1)));
  EXPECT_EQ(list->index_of(*make<Int>(2)), 2u);
  EXPECT_EQ(list->index_of(*make<Int>(7)), List::kNotFound);
  EXPECT_TRUE(list->remove(*make<Int>(2)));
  EXPECT_EQ(list->index_of(*make<Int>(2)), 3u);
  EXPECT_FALSE(list->remove(*make<Int>(7)));
  EXPECT_EQ(content(*list), (std::vector<std::int64_t>{0, 1, 3, 2}));
}

TEST_F(ListTest, a_removed_item_dies_after_it_is_gone) {
  std::atomic<int> deaths{0};
  auto list = make<List>();
  ASSERT_TRUE(list->append(make<Mortal>(deaths)));
  ASSERT_TRUE(list->append(make<Int>(1)));
  EXPECT_TRUE(list->remove(*list->get(0)));
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_EQ(content(*list), (std::vector<std::int64_t>{1}));
}

TEST_F(ListTest, reverse_turns_even_and_odd_sizes_round) {
  for (std::size_t size = 0; size < 5; ++size) {
    auto list = make<List>();
    ASSERT_TRUE(list->extend(ints(0, size)));
    list->reverse();
    std::vector<std::int64_t> expected;
    for (std::size_t i = size; i > 0; --i)
      expected.push_back(static_cast<std::int64_t>(i) - 1);
    EXPECT_EQ(content(*list), expected);
  }
}

bool is_less(const Object& a, const Object& b) {
  return static_cast<const Int&>(a).value() < static_cast<const Int&>(b).value();
}

TEST_F(ListTest, sort_orders_any_size_and_keeps_counts) {
  Random random(7);
  for (std::size_t size : {0u, 1u, 2u, 3u, 17u, 1000u}) {
    auto list = make<List>();
    std::vector<std::int64_t> values;
    for (std::size_t i = 0; i < size; ++i) {
      values.push_back(static_cast<std::int64_t>(random.below(500)));
      ASSERT_TRUE(list->append(make<Int>(values.back())));
    }
    EXPECT_EQ(list->sort(is_less), List::Sort::done);
    std::sort(values.begin(), values.end());
    EXPECT_EQ(content(*list), values);
    if (size != 0) {
      EXPECT_EQ(refcount(*list->get(size / 2)), 2);  // the list, and here
    }
  }
}

TEST_F(ListTest, sort_is_stable) {
  auto list = make<List>();
  ASSERT_TRUE(list->extend(ints(0, 40)));
  EXPECT_EQ(list->sort([](const Object& a, const Object& b) {
    return static_cast<const Int&>(a).value() % 3 <
           static_cast<const Int&>(b).value() % 3;
  }),
            List::Sort::done);
  for (std::size_t i = 1; i < 40; ++i) {
    if (int_at(*list, i - 1) % 3 == int_at(*list, i) % 3) {
      EXPECT_LT(int_at(*list, i - 1), int_at(*list, i));
    }
  }
}

// As in Python: "list modified during sort".
TEST_F(ListTest, sort_of_a_list_that_changes_meanwhile_leaves_it_as_it_is) {
  auto list = make<List>();
  ASSERT_TRUE(list->extend(ints(0, 4)));
  bool first = true;
  EXPECT_EQ(list->sort([&](const Object& a, const Object& b) {
    if (std::exchange(first, false)) {
      EXPECT_TRUE(list->append(make<Int>(4)));
    }
    return is_less(b, a);
  }),
            List::Sort::changed);
  EXPECT_EQ(content(*list), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
}

TEST_F(ListTest, sort_survives_answers_that_contradict_each_other) {
  Random random(11);
  auto list = make<List>();
  ASSERT_TRUE(list->extend(ints(0, 300)));
  EXPECT_EQ(
      list->sort([&](const Object&, const Object&) { return random.below(2) == 0; }),
      List::Sort::done);
  EXPECT_EQ(list->sort(is_less), List::Sort::done);
  for (std::size_t i = 0; i < 300; ++i)
    ASSERT_EQ(int_at(*list, i), static_cast<std::int64_t>(i));
}

TEST_F(ListTest, set_replaces_and_drops_the_old_item) {
  std::atomic<int> deaths{0};
  auto list = make<List>();
  ASSERT_TRUE(list->append(make<Mortal>(deaths)));
  EXPECT_FALSE(list->set(1, make<Int>(1)));
  EXPECT_TRUE(list->set(0, make<Int>(1)));
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_EQ(int_at(*list, 0), 1);
}

TEST_F(ListTest, assign_and_clear_drop_the_old_content) {
  std::atomic<int> deaths{0};
  auto list = make<List>();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(list->append(make<Mortal>(deaths)));
  ASSERT_TRUE(list->assign(ints(0, 3)));
  EXPECT_EQ(deaths.load(), 10);
  EXPECT_EQ(content(*list), (std::vector<std::int64_t>{0, 1, 2}));
  ASSERT_TRUE(list->append(make<Int>(3)));
  EXPECT_EQ(content(*list), (std::vector<std::int64_t>{0, 1, 2, 3}));
  list->clear();
  EXPECT_EQ(list->size(), 0u);
  ASSERT_TRUE(list->append(make<Int>(9)));
  EXPECT_EQ(content(*list), (std::vector<std::int64_t>{9}));
}

TEST_F(ListTest, assign_of_nothing_empties_the_list) {
  auto list = make<List>();
  ASSERT_TRUE(list->assign(ints(0, 5)));
  ASSERT_TRUE(list->assign({}));
  EXPECT_EQ(list->size(), 0u);
  EXPECT_EQ(list->get(0), nullptr);
}

// What make() gives when memory is out.
TEST_F(ListTest, null_items_are_refused) {
  const Ref<Object> null;
  auto list = make<List>();
  EXPECT_FALSE(list->append(null));
  ASSERT_TRUE(list->assign(ints(0, 3)));
  EXPECT_FALSE(list->append(null));
  EXPECT_FALSE(list->set(1, null));
  for (std::size_t at = 0; at < 3; ++at) {
    auto items = ints(10, 3);
    items[at].reset();
    EXPECT_FALSE(list->assign(items));
  }
  EXPECT_EQ(content(*list), (std::vector<std::int64_t>{0, 1, 2}));
  list->clear();
}

TEST_F(ListTest, slices_are_new_lists_of_the_same_items_and_clamp) {
  auto list = make<List>();
  ASSERT_TRUE(list->assign(ints(0, 10)));
  EXPECT_EQ(content(*list->slice(2, 5)), (std::vector<std::int64_t>{2, 3, 4}));
  EXPECT_EQ(list->slice(8, 100)->size(), 2u);
  EXPECT_EQ(list->slice(5, 5)->size(), 0u);
  EXPECT_EQ(list->slice(7, 3)->size(), 0u);
  EXPECT_EQ(list->slice(10, 12)->size(), 0u);
  EXPECT_EQ(list->slice(0, 1)->get(0), list->get(0));
}

TEST_F(ListTest, the_end_of_a_list_drops_its_items) {
  std::atomic<int> deaths{0};
  auto list = make<List>();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(list->append(make<Mortal>(deaths)));
  list.reset();
  EXPECT_EQ(deaths.load(), 100);
}

TEST_F(ListTest, behaves_like_a_vector_under_random_operations) {
  const std::uint64_t seed = 20;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Random random(seed);
  auto list = make<List>();
  std::vector<std::int64_t> model;
  for (std::int64_t step = 0; step < 5000; ++step) {
    switch (random.below(6)) {
      case 0:
      case 1:
        ASSERT_TRUE(list->append(make<Int>(step)));
        model.push_back(step);
        break;
      case 2: {
        const auto got = list->pop();
        ASSERT_EQ(got != nullptr, !model.empty());
        if (!model.empty()) {
          ASSERT_EQ(cast<Int>(got)->value(), model.back());
          model.pop_back();
        }
        break;
      }
      case 3: {
        const std::size_t index = random.below(model.size() + 1);
        const bool inside = index < model.size();
        ASSERT_EQ(list->set(index, make<Int>(step)), inside);
        if (inside) model[index] = step;
        break;
      }
      case 4: {
        const std::size_t index = random.below(model.size() + 1);
        ASSERT_EQ(int_at(*list, index), index < model.size() ? model[index] : -1);
        break;
      }
      default:
        if (random.below(50) == 0) {
          const std::size_t count = random.below(40);
          ASSERT_TRUE(list->assign(ints(step, count)));
          model.clear();
          for (std::size_t i = 0; i < count; ++i)
            model.push_back(step + static_cast<std::int64_t>(i));
        }
    }
    ASSERT_EQ(list->size(), model.size());
  }
  EXPECT_EQ(content(*list), model);
}

// tC08: readers of a list that one writer appends to see item i at index i.
TEST_F(ListTest, readers_see_a_prefix_while_a_writer_appends) {
  constexpr std::int64_t kItems = 20000;
  auto list = make<List>();
  const Detached while_waiting;
  std::thread writer([&] {
    ASSERT_NE(enter(runtime_.world()), nullptr);
    for (std::int64_t i = 0; i < kItems; ++i) ASSERT_TRUE(list->append(make<Int>(i)));
    leave();
  });
  std::thread reader([&] {
    ASSERT_NE(enter(runtime_.world()), nullptr);
    for (std::size_t size = 0; size < kItems; size = list->size()) {
      if (size == 0) {
        safepoint();
        continue;
      }
      ASSERT_EQ(int_at(*list, size - 1), static_cast<std::int64_t>(size - 1));
      ASSERT_EQ(int_at(*list, size / 2), static_cast<std::int64_t>(size / 2));
    }
    leave();
  });
  writer.join();
  reader.join();
}

// tC17: a reader of a list that others resize heavily gets only what was in it.
TEST_F(ListTest, readers_get_only_what_was_stored_while_writers_replace_the_array) {
  constexpr int kRounds = 3000;
  constexpr std::size_t kLongest = 64;
  auto list = make<List>();
  const Detached while_waiting;
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      Random random(mix_seed(77, static_cast<std::uint64_t>(t)));
      // The item at index i is i.
      for (int i = 0; i < kRounds; ++i) {
        ASSERT_TRUE(list->assign(ints(0, random.below(kLongest))));
        if (random.below(4) == 0) list->clear();
        if (random.below(4) == 0) (void)list->pop();
      }
      done.store(true);
      leave();
    });
    threads.emplace_back([&, t] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      Random random(mix_seed(78, static_cast<std::uint64_t>(t)));
      while (!done.load()) {
        const std::size_t index = random.below(kLongest);
        const std::int64_t got = int_at(*list, index);
        ASSERT_TRUE(got == -1 || got == static_cast<std::int64_t>(index)) << got;
        const auto slice = list->slice(0, kLongest);
        for (std::size_t i = 0; i < slice->size(); ++i)
          ASSERT_EQ(int_at(*slice, i), static_cast<std::int64_t>(i));
      }
      leave();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace threadmill
