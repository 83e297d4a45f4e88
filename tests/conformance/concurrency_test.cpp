// SPDX-License-Identifier: Apache-2.0
//
// Section 3.8: many threads on the same objects, and the locks. A reader that finds what
// nobody put there fails; sanitizers see the rest.
#include <algorithm>
#include <cstring>
#include <set>
#include <string>

#include "runtime/base/random.hpp"
#include "tests/conformance/support.hpp"
#include "tests/thread/lets_others_run.hpp"

namespace threadmill {
namespace {

const Class kOpen({.name = "open_to_all", .has_dict = true});
const Class kCounter({.name = "counter", .slots = {"count"}});

std::int64_t value_of(const Ref<Object>& object) {
  const auto number = cast<Int>(object);
  return number ? number->value() : -1;
}

std::string name_of(int i) { return "attribute" + std::to_string(i); }

// --- looking at the heap ---

TEST_F(Conformance, C01_objects_are_listed_while_4_threads_make_and_drop_them) {
  on_threads(
      1, 4,
      [&](int) {
        for (int i = 0; i < scaled(100); ++i) {
          const auto objects = gc().objects();
          ASSERT_TRUE(objects);
          for (std::size_t n = 0; n < objects->size(); ++n) {
            const auto object = objects->get(n);
            ASSERT_TRUE(object);
            ASSERT_NE(std::strlen(type_of(*object).name), 0u);
            ASSERT_GE(refcount(*object), 2);
          }
        }
      },
      [] {
        std::vector<Ref<List>> lists;
        for (int i = 0; i < 100; ++i) {
          lists.push_back(make_cyclic_list());
          ASSERT_TRUE(lists.back()->append(create<Dict>()));
        }
        for (const auto& list : lists) list->clear();
      });
}

TEST_F(Conformance, C02_referrers_are_listed_by_2_threads_while_4_make_and_drop_them) {
  const auto target = create<Int>(7);
  on_threads(
      2, 4,
      [&](int) {
        for (int i = 0; i < scaled(100); ++i) {
          const auto referrers = gc().referrers(*target);
          ASSERT_TRUE(referrers);
          for (std::size_t n = 0; n < referrers->size(); ++n)
            ASSERT_TRUE(cast<Dict>(referrers->get(n)));
        }
      },
      [&] {
        std::vector<Ref<Dict>> dicts;
        for (int i = 0; i < 10; ++i) {
          dicts.push_back(create<Dict>());
          ASSERT_TRUE(dicts.back()->set(target, target));
        }
      });
  EXPECT_EQ(refcount(*target), 1);
}

// --- dicts and attributes ---

// With dicts that are not made yet, that are there, and that stand in for the first ones.
// Functions have no attributes.
TEST_F(Conformance, C03_10_threads_set_attributes_of_100_objects_and_none_is_lost) {
  constexpr int kThreads = 10;
  for (int variant = 0; variant < 3; ++variant) {
    std::vector<Ref<Instance>> instances;
    for (int i = 0; i < 100; ++i) {
      instances.push_back(create<Instance>(kOpen));
      if (variant == 1) {
        ASSERT_EQ(instances.back()->set("other", none()), Instance::SetResult::done);
        ASSERT_TRUE(instances.back()->erase("other"));
      }
      if (variant == 2) {
        ASSERT_TRUE(instances.back()->set_dict(create<Dict>()));
      }
    }
    on_threads(kThreads, [&](int thread) {
      for (const auto& instance : instances) {
        ASSERT_EQ(instance->set(name_of(thread), create<Int>(thread)),
                  Instance::SetResult::done);
      }
    });
    for (const auto& instance : instances) {
      EXPECT_EQ(instance->dict()->size(), static_cast<std::size_t>(kThreads));
      for (int i = 0; i < kThreads; ++i)
        EXPECT_EQ(value_of(instance->get(name_of(i))), i);
    }
  }
}

// Replaces the dict of `instance`, and gives weak references to those it had.
std::vector<Ref<WeakReference>> replace_dicts(Instance& instance,
                                              int times,
                                              bool cyclic) {
  std::vector<Ref<WeakReference>> weak;
  for (int i = 0; i < times; ++i) {
    auto dict = create<Dict>();
    EXPECT_TRUE(dict->set(create<Str>("a"), create<Int>(i)));
    EXPECT_TRUE(!cyclic || dict->set(create<Str>("itself"), dict));
    weak.push_back(WeakReference::create(*dict));
    EXPECT_TRUE(instance.set_dict(std::move(dict)));
  }
  return weak;
}

std::size_t living(const std::vector<std::vector<Ref<WeakReference>>>& weak) {
  std::size_t count = 0;
  for (const auto& references : weak)
    for (const auto& reference : references) count += reference->is_dead() ? 0 : 1;
  return count;
}

TEST_F(Conformance, C04_10_threads_replace_a_dict_1000_times_and_each_is_dead_after) {
  const auto instance = create<Instance>(kOpen);
  std::vector<std::vector<Ref<WeakReference>>> weak(10);
  on_threads(10, [&](int thread) {
    weak[static_cast<std::size_t>(thread)] =
        replace_dicts(*instance, scaled(1000), false);
  });
  (void)collect();
  EXPECT_EQ(living(weak), 1u);  // the one that it has
  ASSERT_TRUE(instance->set_dict(create<Dict>()));
  EXPECT_EQ(living(weak), 0u);
}

TEST_F(Conformance, C05_dicts_that_10_readers_read_are_dead_after_two_collections) {
  for (const bool cyclic : {false, true}) {
    const auto instance = create<Instance>(kOpen);
    ASSERT_TRUE(instance->dict());
    std::vector<std::vector<Ref<WeakReference>>> weak(1);
    const int times = scaled(1000);
    on_threads(
        1, 10, [&](int) { weak[0] = replace_dicts(*instance, times, cyclic); },
        [&] {
          const std::int64_t found = value_of(instance->get("a"));
          ASSERT_TRUE(found >= -1 && found < times);
        });
    ASSERT_TRUE(instance->set_dict(create<Dict>()));
    (void)collect();
    (void)collect();
    EXPECT_EQ(weak[0].size(), static_cast<std::size_t>(times));
    EXPECT_EQ(living(weak), 0u);
  }
}

TEST_F(Conformance, C06_10_threads_set_and_get_one_key_1000_times) {
  const auto dict = create<Dict>();
  const auto key = create<Str>("key");
  ASSERT_TRUE(dict->set(key, create<Int>(0)));
  on_threads(10, [&](int thread) {
    for (int i = 0; i < scaled(1000); ++i) {
      if (i % 3 == thread % 3) {
        ASSERT_TRUE(dict->set(key, create<Int>(i)));
      } else {
        const std::int64_t found = value_of(dict->get("key"));
        ASSERT_TRUE(found >= 0 && found < scaled(1000)) << found;
      }
    }
  });
  EXPECT_EQ(dict->size(), 1u);
}

// Exceptions are no objects here; any instance with a dict is as good.
TEST_F(Conformance, C07_a_dict_is_read_and_replaced_10000_times_at_once) {
  const auto instance = create<Instance>(kOpen);
  ASSERT_TRUE(instance->dict());
  on_threads(2, [&](int thread) {
    for (int i = 0; i < scaled(10'000); ++i) {
      if (thread == 0) {
        const auto dict = instance->dict();
        ASSERT_TRUE(dict);
        ASSERT_LE(dict->size(), 1u);
      } else {
        auto dict = create<Dict>();
        ASSERT_TRUE(i % 2 == 0 || dict->set(none(), none()));
        ASSERT_TRUE(instance->set_dict(std::move(dict)));
      }
    }
  });
}

// --- lists and sets ---

constexpr int kItems = 5000;

// Item i is at index i, up to where there is none.
void expect_prefix(const List& list) {
  std::size_t i = 0;
  while (const auto item = list.get(i))
    ASSERT_EQ(value_of(item), static_cast<std::int64_t>(i++));
  ASSERT_LE(i, static_cast<std::size_t>(kItems));
}

TEST_F(Conformance, C08_readers_of_a_list_that_grows_by_append_see_prefixes) {
  const auto list = create<List>();
  on_threads(
      1, 3,
      [&](int) {
        for (int i = 0; i < kItems; ++i) ASSERT_TRUE(list->append(create<Int>(i)));
      },
      [&] { expect_prefix(*list); });
  EXPECT_EQ(list->size(), static_cast<std::size_t>(kItems));
  expect_prefix(*list);
}

TEST_F(Conformance, C09_readers_of_a_list_that_grows_by_extend_see_prefixes) {
  const auto list = create<List>();
  on_threads(
      1, 3,
      [&](int) {
        for (int i = 0; i < kItems;) {
          std::vector<Ref<Object>> items;
          for (int left = 1 + i % 7; left > 0 && i < kItems; --left)
            items.push_back(create<Int>(i++));
          if (i % 2 == 0) {
            ASSERT_TRUE(list->extend(items));
            continue;
          }
          const auto other = create<List>();
          ASSERT_TRUE(other->extend(items));
          ASSERT_TRUE(list->extend(*other));
        }
      },
      [&] { expect_prefix(*list); });
  EXPECT_EQ(list->size(), static_cast<std::size_t>(kItems));
  expect_prefix(*list);
}

TEST_F(Conformance, C10_10_threads_exchange_two_items_and_no_other_value_appears) {
  const auto list = create<List>();
  const Ref<Object> original[] = {create<Int>(1000), create<Int>(2000)};
  ASSERT_TRUE(list->extend(original));
  on_threads(10, [&](int) {
    for (int i = 0; i < scaled(2000); ++i) {
      ASSERT_TRUE(list->set(0, list->get(1)));
      ASSERT_TRUE(list->set(1, list->get(0)));
    }
  });
  ASSERT_EQ(list->size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto item = list->get(i);
    EXPECT_TRUE(item == original[0] || item == original[1]);
  }
}

TEST_F(Conformance, C11_readers_of_a_slot_that_counts_to_20000_see_numbers_up_to_that) {
  const auto counter = create<Instance>(kCounter);
  const int last = scaled(20'000);
  ASSERT_EQ(counter->set("count", create<Int>(0)), Instance::SetResult::done);
  on_threads(
      1, 3,
      [&](int) {
        for (int i = 0; i < last; ++i) {
          const std::int64_t now = value_of(counter->get("count"));
          ASSERT_EQ(counter->set("count", create<Int>(now + 1)),
                    Instance::SetResult::done);
        }
      },
      [&] {
        const std::int64_t now = value_of(counter->get("count"));
        ASSERT_TRUE(now >= 0 && now <= last) << now;
        ASSERT_GE(value_of(counter->get("count")), now);
      });
  EXPECT_EQ(value_of(counter->get("count")), last);
}

// The items of a set are listed as its repr() would.
TEST_F(Conformance, C14_a_set_that_is_cleared_is_listed_full_or_empty) {
  constexpr std::size_t kSize = 100;
  for (int round = 0; round < scaled(100); ++round) {
    const auto set = create<Set>();
    for (std::size_t i = 0; i < kSize; ++i)
      ASSERT_EQ(set->add(create<Int>(static_cast<std::int64_t>(i))), Set::Add::added);
    on_threads(11, [&](int thread) {
      if (thread == 0) {
        set->clear();
        return;
      }
      const auto items = set->items();
      ASSERT_TRUE(items->size() == 0 || items->size() == kSize) << items->size();
    });
    EXPECT_EQ(set->items()->size(), 0u);
  }
}

TEST_F(Conformance, C15_5_threads_that_iterate_by_themselves_see_all_items_each) {
  constexpr int kSize = 1000;
  const auto list = create<List>();
  const auto dict = create<Dict>();
  const auto set = create<Set>();
  for (int i = 0; i < kSize; ++i) {
    ASSERT_TRUE(list->append(create<Int>(i)));
    ASSERT_TRUE(dict->set(list->get(static_cast<std::size_t>(i)), create<Int>(-i)));
    ASSERT_EQ(set->add(create<Int>(i)), Set::Add::added);
  }
  const auto tuple = Tuple::create(std::vector<Ref<Object>>(kSize, none()));
  on_threads(5, [&](int) {
    for (int round = 0; round < scaled(20); ++round) {
      std::size_t of_list = 0;
      while (const auto item = list->get(of_list))
        ASSERT_EQ(value_of(item), static_cast<std::int64_t>(of_list++));
      ASSERT_EQ(of_list, static_cast<std::size_t>(kSize));
      std::size_t of_tuple = 0;
      while (tuple->at(of_tuple)) ++of_tuple;
      ASSERT_EQ(of_tuple, static_cast<std::size_t>(kSize));
      DictCursor cursor(dict);
      Dict::Item item;
      std::int64_t of_dict = 0;
      while (cursor.next(item) == DictCursor::Step::item)
        ASSERT_EQ(value_of(item.key), of_dict++);
      ASSERT_EQ(of_dict, kSize);
      std::set<std::int64_t> of_set;
      const auto items = set->items();
      for (std::size_t i = 0; i < items->size(); ++i)
        of_set.insert(value_of(items->get(i)));
      ASSERT_EQ(of_set.size(), static_cast<std::size_t>(kSize));
    }
  });
}

TEST_F(Conformance, C17_iterating_a_list_that_2_threads_resize_gives_what_was_in_it) {
  const auto list = create<List>();
  on_threads(
      2, 3,
      [&](int thread) {
        Random random(static_cast<std::uint64_t>(thread));
        for (int i = 0; i < scaled(2000); ++i) {
          const std::size_t length = 1 + random.below(100);
          std::vector<Ref<Object>> items;
          for (std::size_t n = 0; n < length; ++n)
            items.push_back(create<Int>(static_cast<std::int64_t>(random.below(1000))));
          switch (random.below(4)) {
            case 0:
              ASSERT_TRUE(list->extend(items));
              break;
            case 1:
              ASSERT_TRUE(list->assign(items));
              break;
            case 2:
              for (std::size_t n = 0; n < length; ++n) (void)list->pop();
              break;
            default:
              list->clear();
          }
        }
      },
      [&] {
        std::size_t i = 0;
        while (const auto item = list->get(i++)) {
          const std::int64_t found = value_of(item);
          ASSERT_TRUE(found >= 0 && found < 1000) << found;
        }
      });
}

// Str has no join(); this is one.
std::string join(const List& list) {
  std::string joined;
  std::size_t i = 0;
  while (const auto item = cast<Str>(list.get(i++))) joined += item->view();
  return joined;
}

TEST_F(Conformance, C18_a_list_of_strings_is_joined_while_it_is_changed) {
  const auto list = create<List>();
  const std::string longer(100, 'b');
  on_threads(
      1, 2,
      [&](int) {
        for (int i = 0; i < scaled(2000); ++i) {
          std::vector<Ref<Object>> items;
          for (int n = 0; n < 10; ++n) items.push_back(create<Str>("aa"));
          ASSERT_TRUE(list->extend(items));
          for (std::size_t n = 0; n < list->size(); n += 3)
            ASSERT_TRUE(list->set(n, create<Str>(longer)));
          if (i % 10 == 9) list->clear();
        }
      },
      [&] {
        const std::string joined = join(*list);
        // Of whole strings.
        const auto a = std::count(joined.begin(), joined.end(), 'a');
        const auto b = std::count(joined.begin(), joined.end(), 'b');
        ASSERT_EQ(a % 2, 0);
        ASSERT_EQ(b % 100, 0);
        ASSERT_EQ(static_cast<std::size_t>(a + b), joined.size());
      });
}

// --- caches ---

// A cache of the values that were asked for last, in a Dict in the order of their use.
class Cache {
 public:
  explicit Cache(std::size_t limit) : limit_(limit) {}

  template <class Make>
  Ref<Object> get(std::int64_t number, Make make_value) {
    const auto key = create<Int>(number);
    if (auto found = use(key, nullptr)) return found;
    return use(key, make_value());
  }
  void clear() { entries_->clear(); }
  [[nodiscard]] std::size_t size() const { return entries_->size(); }

 private:
  // What is there for `key`, or else `fallback`, becomes the newest.
  Ref<Object> use(const Ref<Int>& key, Ref<Object> fallback) {
    Dict::Item evicted;  // ends outside the section
    const CriticalSection section(*entries_);
    Ref<Object> value = entries_->pop(key);
    if (!value) value = std::move(fallback);
    if (!value) return nullptr;
    EXPECT_TRUE(entries_->set(key, value));
    if (entries_->size() > limit_) {
      DictCursor oldest(entries_);
      EXPECT_EQ(oldest.next(evicted), DictCursor::Step::item);
      EXPECT_TRUE(entries_->erase(evicted.key));
    }
    return value;
  }

  const std::size_t limit_;
  const Ref<Dict> entries_ = create<Dict>();
};

TEST_F(Conformance, C19_10_threads_use_a_cache_with_and_without_limit_and_clear_it) {
  for (const std::size_t limit : {std::size_t{20}, std::size_t{1} << 20}) {
    Cache cache(limit);
    on_threads(10, [&](int thread) {
      Random random(static_cast<std::uint64_t>(thread));
      for (int i = 0; i < scaled(1000); ++i) {
        const auto number = static_cast<std::int64_t>(random.below(100));
        const auto value = cache.get(number, [&]() -> Ref<Object> {
          // Now and then one whose end clears the cache that held it.
          auto made = create<Finalized>([&cache, number](Finalized&) {
            if (number == 50) cache.clear();
          });
          made->first.store(create<Int>(number));
          return made;
        });
        ASSERT_EQ(value_of(cast<Finalized>(value)->first.load()), number);
        if (i % 100 == 99) cache.clear();
      }
    });
    EXPECT_LE(cache.size(), std::min<std::size_t>(limit, 100));
    cache.clear();
    EXPECT_EQ(cache.size(), 0u);
  }
}

// The dict of an instance, and the basic weak reference to it.
TEST_F(Conformance, C20_what_is_made_when_it_is_asked_for_is_one_object_for_all) {
  constexpr int kThreads = 10;
  const int rounds = scaled(200);
  std::vector<Ref<Instance>> instances;
  for (int i = 0; i < rounds; ++i) instances.push_back(create<Instance>(kOpen));
  std::vector<std::vector<Ref<Object>>> found(kThreads);
  on_threads(kThreads, [&](int thread) {
    auto& mine = found[static_cast<std::size_t>(thread)];
    for (const auto& instance : instances) {
      mine.push_back(instance->dict());
      mine.push_back(WeakReference::create(*instance));
    }
  });
  for (const auto& theirs : found) {
    EXPECT_EQ(theirs.size(), found[0].size());
    for (std::size_t i = 0; i < theirs.size(); ++i) {
      ASSERT_TRUE(theirs[i]);
      EXPECT_EQ(theirs[i], found[0][i]);
    }
  }
}

TEST_F(Conformance, C22_a_cell_is_set_read_and_compared_at_once) {
  const auto cell = create<Cell>();
  const auto other = create<Cell>(create<Int>(1));
  on_threads(6, [&](int thread) {
    for (int i = 0; i < scaled(5000); ++i) {
      switch (thread % 3) {
        case 0:
          cell->set(create<Int>(i % 100));
          if (i % 7 == 0) cell->clear();
          break;
        case 1: {
          const auto old = cell->exchange(create<Int>(i % 100));
          ASSERT_TRUE(old == nullptr || (value_of(old) >= 0 && value_of(old) < 100));
          break;
        }
        default: {
          const auto mine = cell->get();
          const auto theirs = other->get();
          if (!mine) break;
          ASSERT_TRUE(value_of(mine) >= 0 && value_of(mine) < 100);
          ASSERT_EQ(value_of(theirs), 1);
        }
      }
    }
  });
}

// --- locks ---

// A lock as others see it: its first word.
template <class Word, class Lock>
Word word_of(const Lock& lock) {
  auto& word = const_cast<Word&>(reinterpret_cast<const Word&>(lock));
  return std::atomic_ref(word).load();
}
int byte_of(const Mutex& mutex) { return word_of<std::uint8_t>(mutex); }

TEST_F(Conformance, C25_a_mutex_is_1_while_held_3_with_a_sleeper_and_0_in_the_end) {
  Mutex mutex;
  EXPECT_EQ(byte_of(mutex), 0);
  std::jthread sleeper;
  {
    const MutexGuard guard(mutex);
    EXPECT_EQ(byte_of(mutex), 1);
    sleeper = std::jthread([&] { const MutexGuard theirs(mutex); });
    wait_for_others([&] { return byte_of(mutex) == 3; });
  }
  sleeper.join();
  EXPECT_EQ(byte_of(mutex), 0);
}

TEST_F(Conformance, C26_5_threads_count_under_a_mutex_also_when_it_is_held_for_long) {
  for (const bool slow : {false, true}) {
    const int each = scaled(slow ? 200 : 10'000);
    Mutex mutex;
    int count = 0;
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 5; ++t) {
        threads.emplace_back([&] {
          for (int i = 0; i < each; ++i) {
            const MutexGuard guard(mutex);
            const int before = count;
            if (slow) let_others_go_on();
            count = before + 1;
          }
        });
      }
    }
    EXPECT_EQ(count, 5 * each);
  }
}

TEST_F(Conformance, C27_what_fails_4_times_and_then_succeeds_is_begun_5_times_in_10) {
  Once once;
  int begun = 0;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(once.call([&] { return ++begun == 5; }), i >= 4);
    EXPECT_EQ(once.is_done(), i >= 4);
  }
  EXPECT_EQ(begun, 5);
}

// The word has the writer's bit at 1 and counts readers above it (CPython's: 8, 10, 3, 8,
// 0); readers that a writer keeps out wait elsewhere.
TEST_F(Conformance, C28_a_rw_lock_goes_from_readers_to_a_writer_and_back_to_free) {
  RwLock lock;
  const auto is = [&](std::uint32_t word) {
    return word_of<std::uint32_t>(lock) == word;
  };
  std::atomic<int> step{0};
  const auto until = [&](int wanted) {
    wait_for_others([&] { return step.load() >= wanted; });
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i]() TM_NO_THREAD_SAFETY_ANALYSIS {
      lock.lock_shared();
      until(i + 1);
      lock.unlock_shared();
      until(2);  // the writer has been waiting since step 1 at the latest
      lock.lock_shared();
      until(4);
      lock.unlock_shared();
    });
  }
  wait_for_others([&] { return is(4); });
  threads.emplace_back([&]() TM_NO_THREAD_SAFETY_ANALYSIS {
    lock.lock();
    until(3);
    lock.unlock();
  });
  wait_for_others([&] { return is(4 | 1); });
  step.store(1);
  wait_for_others([&] { return is(2 | 1); });
  step.store(2);
  wait_for_others([&] { return is(1); });
  let_others_go_on();
  EXPECT_TRUE(is(1));
  step.store(3);
  wait_for_others([&] { return is(4); });
  step.store(4);
  wait_for_others([&] { return is(0); });
}

TEST_F(Conformance, C29_a_recursive_mutex_knows_its_owner_and_level) {
  RecursiveMutex mutex;
  EXPECT_FALSE(mutex.is_held_by(1));
  mutex.lock(1);
  EXPECT_TRUE(mutex.is_held_by(1));
  EXPECT_EQ(mutex.level(), 1u);
  mutex.lock(1);
  EXPECT_EQ(mutex.level(), 2u);
  std::jthread([&] {
    EXPECT_FALSE(mutex.is_held_by(2));
    EXPECT_FALSE(mutex.try_lock(2));
  }).join();
  mutex.unlock(1);
  EXPECT_TRUE(mutex.is_held_by(1));
  EXPECT_EQ(mutex.level(), 1u);
  mutex.unlock(1);
  EXPECT_FALSE(mutex.is_held_by(1));
  EXPECT_TRUE(mutex.try_lock(2));
  EXPECT_TRUE(mutex.is_held_by(2));
  mutex.unlock(2);
}

// --- critical sections ---

TEST_F(Conformance, C30_a_section_locks_its_objects_also_one_twice_and_lets_them_go) {
  const auto a = create<List>();
  const auto b = create<List>();
  {
    const CriticalSection section(*a);
    EXPECT_TRUE(a->lock.is_locked());
    EXPECT_FALSE(b->lock.is_locked());
  }
  EXPECT_FALSE(a->lock.is_locked());
  {
    const CriticalSection section(*b, *a);
    EXPECT_TRUE(a->lock.is_locked() && b->lock.is_locked());
  }
  EXPECT_FALSE(a->lock.is_locked() || b->lock.is_locked());
  {
    const CriticalSection section(*a, *a);
    EXPECT_TRUE(a->lock.is_locked());
  }
  EXPECT_FALSE(a->lock.is_locked());
  EXPECT_EQ(current()->sections, nullptr);
}

void nest(int depth, const List& a, const List& b) {
  if (depth == 0) return;
  if (depth % 2 == 0) {
    const CriticalSection section(a);
    nest(depth - 1, a, b);
    EXPECT_TRUE(a.lock.is_locked());
  } else {
    const CriticalSection section(a, b);
    nest(depth - 1, a, b);
    EXPECT_TRUE(a.lock.is_locked() && b.lock.is_locked());
  }
}

TEST_F(Conformance, C31_sections_on_the_same_objects_nest_10_deep) {
  const auto a = create<List>();
  const auto b = create<List>();
  nest(10, *a, *b);
  nest(10, *b, *b);
  EXPECT_FALSE(a->lock.is_locked() || b->lock.is_locked());
}

TEST_F(Conformance, C32_detaching_suspends_a_section_and_attaching_resumes_it) {
  const auto a = create<List>();
  const auto b = create<List>();
  const auto are_locked = [first = &a->lock, second = &b->lock](bool locked) {
    return first->is_locked() == locked && second->is_locked() == locked;
  };
  const CriticalSection outer(*a);
  const CriticalSection inner(*a, *b);
  EXPECT_TRUE(are_locked(true));
  {
    const Detached away;
    EXPECT_TRUE(are_locked(false));
    std::jthread([&] {
      const Attached there(*runtime_);
      const CriticalSection theirs(*b, *a);
      EXPECT_TRUE(are_locked(true));
    }).join();
    EXPECT_TRUE(are_locked(false));
  }
  EXPECT_TRUE(are_locked(true));
}

TEST_F(Conformance, C33_4_threads_in_sections_of_all_orders_do_not_deadlock) {
  const Ref<List> lists[] = {create<List>(), create<List>(), create<List>()};
  int counts[3] = {};
  constexpr int kRounds = 200;
  on_threads(4, [&](int thread) {
    Random random(static_cast<std::uint64_t>(thread));
    for (int i = 0; i < kRounds; ++i) {
      const std::size_t one = random.below(3);
      const std::size_t other = random.below(3);
      const CriticalSection outer(*lists[one]);
      const CriticalSection inner(*lists[other], *lists[one]);
      // Of the innermost section all is held, and nothing here detaches.
      const int before = counts[other];
      counts[other] = before + 1;
      if (i % 10 == 0) {
        const Detached away;
        rest();
      }
    }
  });
  EXPECT_EQ(counts[0] + counts[1] + counts[2], 4 * kRounds);
}

TEST_F(Conformance, C34_threads_that_wait_for_sections_keep_no_collection_waiting) {
  const auto shared = create<List>();
  std::atomic<int> entered{0};
  on_threads(
      1, 3,
      [&](int) {
        for (int i = 0; i < scaled(100) || entered.load() == 0; ++i)
          ASSERT_TRUE(gc().collect().completed);
      },
      [&] {
        const CriticalSection section(*shared);
        entered.fetch_add(1);
        (void)make_cyclic_list();  // a safepoint, at which the section is handed on
      });
  EXPECT_FALSE(shared->lock.is_locked());
}

}  // namespace
}  // namespace threadmill
