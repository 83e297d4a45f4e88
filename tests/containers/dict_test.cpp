// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/dict.hpp"

#include <map>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/containers/number.hpp"
#include "runtime/containers/str.hpp"
#include "runtime/containers/tuple.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

class DictTest : public ObjectTest {
 protected:
  static Ref<Object> key(std::int64_t number) { return make<Int>(number); }
  static std::int64_t int_in(const Dict& dict, std::int64_t number) {
    const auto value = cast<Int>(dict.get(key(number)));
    return value ? value->value() : -1;
  }
};

TEST_F(DictTest, finds_what_was_set_and_nothing_else) {
  auto dict = make<Dict>();
  EXPECT_EQ(dict->get(key(1)), nullptr);
  ASSERT_TRUE(dict->set(key(1), make<Int>(10)));
  EXPECT_EQ(int_in(*dict, 1), 10);
  EXPECT_EQ(int_in(*dict, 2), -1);
  ASSERT_TRUE(dict->set(key(1), make<Int>(11)));
  EXPECT_EQ(int_in(*dict, 1), 11);
  EXPECT_EQ(dict->size(), 1u);
}

TEST_F(DictTest, keys_are_equal_by_value_within_a_type) {
  auto dict = make<Dict>();
  ASSERT_TRUE(dict->set(make<Str>("word"), make<Int>(1)));
  EXPECT_TRUE(dict->get(make<Str>("word")));
  EXPECT_TRUE(dict->get("word"));
  EXPECT_FALSE(dict->get("wore"));
  EXPECT_FALSE(dict->get(""));
  ASSERT_TRUE(dict->set(make<Str>(""), make<Int>(2)));
  EXPECT_TRUE(dict->get(""));
  ASSERT_TRUE(dict->set(make<Float>(1.0), make<Int>(3)));
  EXPECT_FALSE(dict->get(key(1)));
  auto pair = make<Tuple>(std::initializer_list<Ref<Object>>{key(1), make<Str>("a")});
  ASSERT_TRUE(dict->set(pair, make<Int>(4)));
  auto same = make<Tuple>(std::initializer_list<Ref<Object>>{key(1), make<Str>("a")});
  auto other = make<Tuple>(std::initializer_list<Ref<Object>>{key(1), make<Str>("b")});
  EXPECT_TRUE(dict->get(same));
  EXPECT_FALSE(dict->get(other));
}

TEST_F(DictTest, pop_gives_the_value_with_its_reference) {
  auto dict = make<Dict>();
  auto value = make<Int>(10);
  ASSERT_TRUE(dict->set(key(1), value));
  ASSERT_TRUE(dict->set(make<Str>("word"), value));
  EXPECT_EQ(refcount(*value), 3);
  EXPECT_EQ(dict->pop(key(1)), value);
  EXPECT_EQ(dict->pop(key(1)), nullptr);
  EXPECT_EQ(dict->pop("word"), value);
  EXPECT_EQ(dict->pop(Ref<Object>()), nullptr);
  EXPECT_EQ(refcount(*value), 1);
  EXPECT_EQ(dict->size(), 0u);
}

TEST_F(DictTest, pop_item_takes_what_was_inserted_last) {
  auto dict = make<Dict>();
  EXPECT_EQ(dict->pop_item().key, nullptr);
  for (std::int64_t i = 0; i < 3; ++i)
    ASSERT_TRUE(dict->set(key(i), make<Int>(10 + i)));
  ASSERT_TRUE(dict->set(key(0), make<Int>(20)));
  EXPECT_TRUE(dict->erase(key(2)));
  const Dict::Item last = dict->pop_item();
  EXPECT_EQ(cast<Int>(last.key)->value(), 1);
  EXPECT_EQ(cast<Int>(last.value)->value(), 11);
  EXPECT_EQ(cast<Int>(dict->pop_item().value)->value(), 20);
  EXPECT_EQ(dict->pop_item().value, nullptr);
}

// Quadratic, this would not end in the time of a test.
TEST_F(DictTest, pop_item_empties_a_large_dict_with_holes) {
  constexpr std::int64_t kSize = 50'000;
  auto dict = make<Dict>();
  for (std::int64_t i = 0; i < kSize; ++i) ASSERT_TRUE(dict->set(key(i), key(0)));
  for (std::int64_t i = 0; i < kSize; i += 3) EXPECT_TRUE(dict->erase(key(i)));
  for (std::int64_t i = kSize - 1; i >= 0; --i) {
    if (i % 3 == 0) continue;
    ASSERT_EQ(cast<Int>(dict->pop_item().key)->value(), i);
    if (i % 1000 == 1 && i != 1) {
      EXPECT_TRUE(dict->get(key(1)));
    }
  }
  EXPECT_EQ(dict->size(), 0u);
}

TEST_F(DictTest, erase_if_looks_for_the_object_and_not_for_an_equal_one) {
  auto dict = make<Dict>();
  const auto value = make<Int>(1'000'000);
  ASSERT_TRUE(dict->set(key(1), value));
  EXPECT_FALSE(dict->erase_if(key(1), *make<Int>(1'000'000)));
  EXPECT_FALSE(dict->erase_if(key(2), *value));
  EXPECT_TRUE(dict->erase_if(key(1), *value));
  EXPECT_EQ(dict->size(), 0u);
}

TEST_F(DictTest, update_adds_replaces_and_drops_what_it_replaced) {
  std::atomic<int> deaths{0};
  auto dict = make<Dict>();
  const auto other = make<Dict>();
  ASSERT_TRUE(dict->update(*other));
  ASSERT_TRUE(dict->set(key(1), make<Mortal>(deaths)));
  ASSERT_TRUE(dict->set(key(2), make<Int>(2)));
  ASSERT_TRUE(other->set(key(3), make<Int>(30)));
  ASSERT_TRUE(other->set(key(1), make<Int>(10)));
  ASSERT_TRUE(dict->update(*other));
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_EQ(int_in(*dict, 1), 10);
  EXPECT_EQ(int_in(*dict, 2), 2);
  EXPECT_EQ(int_in(*dict, 3), 30);
  EXPECT_EQ(dict->size(), 3u);
  EXPECT_EQ(other->size(), 2u);
  ASSERT_TRUE(dict->update(*dict));
  EXPECT_EQ(dict->size(), 3u);
  EXPECT_EQ(refcount(*other->get(key(3))), 3);  // two dicts, and here
}

TEST_F(DictTest, a_cursor_gives_each_item_in_order_and_then_the_end) {
  auto dict = make<Dict>();
  for (std::int64_t i = 0; i < 10; ++i) ASSERT_TRUE(dict->set(key(i), make<Int>(-i)));
  EXPECT_TRUE(dict->erase(key(4)));
  DictCursor cursor(dict);
  Dict::Item item;
  for (std::int64_t i = 0; i < 10; ++i) {
    if (i == 4) continue;
    ASSERT_EQ(cursor.next(item), DictCursor::Step::item);
    EXPECT_EQ(cast<Int>(item.key)->value(), i);
    EXPECT_EQ(cast<Int>(item.value)->value(), -i);
    // Replacing a value is no change.
    ASSERT_TRUE(dict->set(key(9), make<Int>(-9)));
  }
  EXPECT_EQ(cursor.next(item), DictCursor::Step::end);
  EXPECT_EQ(cursor.next(item), DictCursor::Step::end);
}

TEST_F(DictTest, a_cursor_sees_another_size_and_entries_that_were_numbered_anew) {
  auto dict = make<Dict>();
  for (std::int64_t i = 0; i < 5; ++i) ASSERT_TRUE(dict->set(key(i), key(0)));
  Dict::Item item;
  DictCursor grown(dict);
  DictCursor same_size(dict);
  EXPECT_EQ(grown.next(item), DictCursor::Step::item);
  ASSERT_TRUE(dict->set(key(5), key(0)));  // a larger table
  EXPECT_EQ(grown.next(item), DictCursor::Step::changed);
  EXPECT_TRUE(dict->erase(key(5)));
  EXPECT_EQ(grown.next(item), DictCursor::Step::changed);  // and so it stays
  EXPECT_EQ(same_size.next(item), DictCursor::Step::changed);
  DictCursor cleared(dict);
  dict->clear();
  EXPECT_EQ(cleared.next(item), DictCursor::Step::changed);
  DictCursor none_there(dict);
  EXPECT_EQ(none_there.next(item), DictCursor::Step::end);
}

TEST_F(DictTest, a_key_without_a_hash_is_refused) {
  auto dict = make<Dict>();
  EXPECT_DEATH((void)dict->set(make<List>(), key(1)), "keys-are-hashable");
}

TEST_F(DictTest, set_default_keeps_the_first_value) {
  auto dict = make<Dict>();
  auto first = make<Int>(1);
  EXPECT_EQ(dict->set_default(key(5), first), first);
  EXPECT_EQ(dict->set_default(key(5), make<Int>(2)), first);
  EXPECT_EQ(int_in(*dict, 5), 1);
}

TEST_F(DictTest, erase_drops_key_and_value) {
  std::atomic<int> deaths{0};
  auto dict = make<Dict>();
  auto erased = key(1);
  ASSERT_TRUE(dict->set(erased, make<Mortal>(deaths)));
  EXPECT_EQ(refcount(*erased), 2);
  EXPECT_TRUE(dict->erase(key(1)));
  EXPECT_FALSE(dict->erase(key(1)));
  EXPECT_EQ(refcount(*erased), 1);
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_EQ(dict->size(), 0u);
}

TEST_F(DictTest, items_come_in_the_order_of_insertion) {
  auto dict = make<Dict>();
  for (std::int64_t i = 0; i < 100; ++i) ASSERT_TRUE(dict->set(key(i * 7), key(i)));
  for (std::int64_t i = 0; i < 100; i += 2) ASSERT_TRUE(dict->erase(key(i * 7)));
  ASSERT_TRUE(dict->set(key(0), key(1000)));
  const auto items = dict->items();
  ASSERT_EQ(items->size(), 102u);
  for (std::size_t i = 0; i < 50; ++i) {
    const auto number = static_cast<std::int64_t>(2 * i + 1);
    EXPECT_EQ(cast<Int>(items->get(2 * i))->value(), number * 7);
    EXPECT_EQ(cast<Int>(items->get(2 * i + 1))->value(), number);
  }
  EXPECT_EQ(cast<Int>(items->get(100))->value(), 0);
}

// In its section, where retiring an array may stop the world and let others in.
TEST_F(DictTest, items_of_any_number_are_listed_without_outgrowing_an_array) {
  auto dict = make<Dict>();
  for (std::int64_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(dict->set(key(i), key(i)));
    current()->retired->free_all();
    const auto items = dict->items();
    ASSERT_EQ(items->size(), 2 * dict->size());
    ASSERT_EQ(current()->retired->bytes(), 0u);
  }
}

TEST_F(DictTest, the_list_of_items_can_grow) {
  auto dict = make<Dict>();
  const auto none = dict->items();
  EXPECT_EQ(none->size(), 0u);
  EXPECT_TRUE(none->append(key(1)));
  ASSERT_TRUE(dict->set(key(1), key(2)));
  const auto items = dict->items();
  for (std::int64_t i = 3; i < 20; ++i) ASSERT_TRUE(items->append(key(i)));
  for (std::size_t i = 0; i < 19; ++i)
    EXPECT_EQ(cast<Int>(items->get(i))->value(), static_cast<std::int64_t>(i + 1));
}

// What make() gives when memory is out.
TEST_F(DictTest, null_keys_and_values_are_refused) {
  const Ref<Object> null;
  auto dict = make<Dict>();
  ASSERT_TRUE(dict->set(key(1), make<Int>(10)));
  EXPECT_FALSE(dict->set(null, make<Int>(1)));
  EXPECT_FALSE(dict->set(key(1), null));
  EXPECT_FALSE(dict->set(key(2), null));
  EXPECT_EQ(dict->set_default(null, make<Int>(1)), nullptr);
  EXPECT_EQ(dict->set_default(key(1), null), nullptr);
  EXPECT_EQ(dict->set_default(key(2), null), nullptr);
  EXPECT_EQ(dict->get(null), nullptr);
  EXPECT_FALSE(dict->erase(null));
  EXPECT_EQ(dict->size(), 1u);
  EXPECT_EQ(int_in(*dict, 1), 10);
  EXPECT_EQ(int_in(*dict, 2), -1);
  dict->clear();
}

TEST_F(DictTest, the_end_of_a_dict_and_clear_drop_everything) {
  std::atomic<int> deaths{0};
  auto dict = make<Dict>();
  for (std::int64_t i = 0; i < 50; ++i)
    ASSERT_TRUE(dict->set(key(i), make<Mortal>(deaths)));
  dict->clear();
  EXPECT_EQ(deaths.load(), 50);
  EXPECT_EQ(dict->size(), 0u);
  for (std::int64_t i = 0; i < 50; ++i)
    ASSERT_TRUE(dict->set(key(i), make<Mortal>(deaths)));
  dict.reset();
  EXPECT_EQ(deaths.load(), 100);
}

TEST_F(DictTest, behaves_like_a_map_under_random_operations) {
  const std::uint64_t seed = 4;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Random random(seed);
  auto dict = make<Dict>();
  std::map<std::int64_t, std::int64_t> model;
  for (std::int64_t step = 0; step < 20000; ++step) {
    const auto number = static_cast<std::int64_t>(random.below(300));
    switch (random.below(4)) {
      case 0:
        ASSERT_TRUE(dict->set(key(number), make<Int>(step)));
        model[number] = step;
        break;
      case 1:
        ASSERT_EQ(dict->erase(key(number)), model.erase(number) == 1);
        break;
      case 2: {
        const auto got = cast<Int>(dict->set_default(key(number), make<Int>(step)));
        ASSERT_EQ(got->value(), model.emplace(number, step).first->second);
        break;
      }
      default: {
        const auto found = model.find(number);
        ASSERT_EQ(int_in(*dict, number), found == model.end() ? -1 : found->second);
      }
    }
    ASSERT_EQ(dict->size(), model.size());
  }
}

// tC06, and K5: a key that is there all the time is always found, whatever happens to
// the table; a value belongs to its key.
TEST_F(DictTest, readers_never_miss_a_key_while_writers_resize) {
  constexpr std::int64_t kStable = 32;
  auto dict = make<Dict>();
  for (std::int64_t i = 0; i < kStable; ++i)
    ASSERT_TRUE(dict->set(make<Str>(std::to_string(i)), make<Int>(i)));
  const Detached while_waiting;
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      Random random(mix_seed(5, static_cast<std::uint64_t>(t)));
      for (int i = 0; i < 20000; ++i) {
        const auto number = static_cast<std::int64_t>(random.below(200));
        const auto text = make<Str>(std::to_string(number));
        if (number >= kStable && random.below(2) == 0) {
          dict->erase(text);
          continue;
        }
        ASSERT_TRUE(dict->set(text, make<Int>(number)));
      }
      done.store(true);
      leave();
    });
    threads.emplace_back([&, t] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      Random random(mix_seed(6, static_cast<std::uint64_t>(t)));
      while (!done.load()) {
        const auto number = static_cast<std::int64_t>(random.below(200));
        const auto got = cast<Int>(dict->get(std::to_string(number)));
        ASSERT_TRUE(got || number >= kStable) << number;
        ASSERT_EQ(got ? got->value() : number, number);
      }
      leave();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(DictTest, set_default_by_many_threads_gives_all_the_same_value) {
  constexpr std::int64_t kKeys = 500;
  constexpr int kThreads = 4;
  auto dict = make<Dict>();
  const Detached while_waiting;
  std::vector<std::vector<Object*>> seen(kThreads);
  std::vector<std::thread> threads;
  for (auto& mine : seen) {
    threads.emplace_back([&] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      for (std::int64_t i = 0; i < kKeys; ++i)
        mine.push_back(dict->set_default(key(i), make<Int>(i)).get());
      leave();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& mine : seen) EXPECT_EQ(mine, seen.front());
}

}  // namespace
}  // namespace threadmill
