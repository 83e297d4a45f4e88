// SPDX-License-Identifier: Apache-2.0
//
// Making and dropping small containers, filling a list, and reading a list and a dict that
// are shared by threads which did not make them.
#include <array>
#include <cstddef>
#include <cstdint>

#include "harness/bench/families.hpp"
#include "harness/bench/scene.hpp"
#include "runtime/base/random.hpp"

namespace threadmill::bench {
namespace {

constexpr std::size_t kItems = 1024;

// --- one thread's own ---

// Nothing of what a benchmark made lives on. `before` it, so many did.
void expect_none_left(State& state, std::uint64_t before) {
  expect(state, scene().runtime().live_objects() == before, "objects are left over");
}

void tuple(State& state) {
  const Attached here(scene().runtime());
  const std::array<Ref<Object>, 2> items{make<Int>(1'000'000), make<Int>(2'000'000)};
  const std::uint64_t before = scene().runtime().live_objects();
  bool whole = items[0] && items[1];
  timed(state, [&] {
    const Ref<Tuple> made = Tuple::create(items);
    benchmark::DoNotOptimize(made.get());
    whole &= made && made->size() == 2;
  });
  expect(state, whole, "out of memory");
  expect(state, refcount(*items[0]) == 1, "the items are still referred to");
  expect_none_left(state, before);
}

void empty_list(State& state) {
  const Attached here(scene().runtime());
  const std::uint64_t before = scene().runtime().live_objects();
  bool whole = true;
  timed(state, [&] {
    const Ref<List> made = make<List>();
    benchmark::DoNotOptimize(made.get());
    whole &= static_cast<bool>(made);
  });
  expect(state, whole, "out of memory");
  expect_none_left(state, before);
}

// An iteration is one append; after kItems of them the list goes and a new one comes.
void append(State& state) {
  const Attached here(scene().runtime());
  const Ref<Object> item = make<Int>(1'000'000);
  const std::uint64_t before = scene().runtime().live_objects();
  Ref<List> list = make<List>();
  std::size_t size = 0;
  bool whole = item && list;
  if (whole) {
    timed(state, [&] {
      whole &= list->append(item);
      if (++size < kItems) return;
      whole &= list->size() == kItems;
      size = 0;
      list = make<List>();
    });
  }
  expect(state, whole, "out of memory, or an item is lost");
  list.reset();
  expect(state, item && refcount(*item) == 1, "the item is still referred to");
  expect_none_left(state, before);
}

// --- shared ---

// Below these, numbers might one day be shared ones.
constexpr std::int64_t kFirst = 1'000'000;

Ref<Object> list_of_numbers() {
  Ref<List> list = make<List>();
  for (std::size_t i = 0; list && i < kItems; ++i) {
    if (!list->append(make<Int>(kFirst + static_cast<std::int64_t>(i)))) list.reset();
  }
  return list;
}

Ref<Object> dict_of_numbers() {
  Ref<Dict> dict = make<Dict>();
  for (std::size_t i = 0; dict && i < kItems; ++i) {
    const auto number = kFirst + static_cast<std::int64_t>(i);
    if (!dict->set(make<Int>(number), make<Int>(-number))) dict.reset();
  }
  return dict;
}

// A place to begin that is another one for each thread.
std::size_t first_of(const State& state) {
  return Random(mix_seed(1, static_cast<std::uint64_t>(state.thread_index())))
      .below(kItems);
}

// What was found is added up, and must be what the iterations should have found.
class Sum {
 public:
  Sum(State& state, std::int64_t sign) : state_(state), sign_(sign), begin_(next_) {}

  [[nodiscard]] std::size_t next() { return next_++ % kItems; }
  void add(const Ref<Object>& found) {
    benchmark::DoNotOptimize(found.get());
    sum_ += static_cast<const Int&>(*found).value();
  }
  void check() {
    std::int64_t right = 0;
    for (std::size_t at = begin_; at != next_; ++at)
      right += kFirst + static_cast<std::int64_t>(at % kItems);
    expect(state_, sum_ == sign_ * right, "what was read is wrong");
  }

 private:
  State& state_;
  const std::int64_t sign_;
  std::size_t next_ = first_of(state_);
  const std::size_t begin_;
  std::int64_t sum_ = 0;
};

void read_list(State& state) {
  const Attached here(scene().runtime());
  const auto& list = static_cast<const List&>(scene().shared());
  Sum sum(state, 1);
  timed(state, [&] { sum.add(list.get(sum.next())); });
  sum.check();
}

using Keys = std::array<Ref<Object>, kItems>;

void read_with(State& state, const Dict& dict, const Keys& keys) {
  if (!keys.back()) return expect(state, false, "out of memory");
  Sum sum(state, -1);
  timed(state, [&] { sum.add(dict.get(keys[sum.next()])); });
  sum.check();
}

// The keys are the thread's own, as they would be in a program that computes them.
void read_dict(State& state) {
  const Attached here(scene().runtime());
  Keys keys;
  for (std::size_t i = 0; i < kItems; ++i)
    keys[i] = make<Int>(kFirst + static_cast<std::int64_t>(i));
  read_with(state, static_cast<const Dict&>(scene().shared()), keys);
}

// The keys are those in the dict: nothing is compared, so no key is referred to meanwhile.
void read_dict_by_its_keys(State& state) {
  const Attached here(scene().runtime());
  const auto& dict = static_cast<const Dict&>(scene().shared());
  Keys keys;
  {
    const Ref<List> items = dict.items();
    for (std::size_t i = 0; items && i < kItems; ++i) keys[i] = items->get(2 * i);
  }
  read_with(state, dict, keys);
}

void read_one_key(State& state) {
  const Attached here(scene().runtime());
  const auto& dict = static_cast<const Dict&>(scene().shared());
  const Ref<Object> key = make<Int>(kFirst);
  std::int64_t sum = 0;
  timed(state, [&] {
    const Ref<Object> found = dict.get(key);
    benchmark::DoNotOptimize(found.get());
    sum += static_cast<const Int&>(*found).value();
  });
  expect(state, sum == -kFirst * state.max_iterations, "what was read is wrong");
}

}  // namespace

void add_containers() {
  add("create_drop/tuple:2", tuple);
  add("create_drop/empty_list", empty_list);
  add("list_append/1024", append);
  add<list_of_numbers>("list_read/1024", read_list)->Threads(1)->Threads(2);
  add<dict_of_numbers>("dict_read/1024", read_dict)->Threads(1)->Threads(2);
  add<dict_of_numbers>("dict_read/1024_its_keys", read_dict_by_its_keys)
      ->Threads(1)
      ->Threads(2);
  add<dict_of_numbers>("dict_read/one_key", read_one_key)->Threads(1)->Threads(2);
}

}  // namespace threadmill::bench
