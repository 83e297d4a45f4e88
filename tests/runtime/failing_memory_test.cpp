// SPDX-License-Identifier: Apache-2.0
//
// Memory runs out at the first allocation of a script, at the second, and so on, until the
// script gets through: whatever fails says so and leaves what it was about as it was,
// nothing is lost, and the heap is whole. In builds that have the door
// (base/memory_door.hpp).
#include "runtime/memory/failing_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/runtime.hpp"

namespace threadmill {
namespace {

const Class kPoint({.name = "failing_point", .slots = {"x"}, .has_dict = true});

struct Mortal : Object {
  explicit Mortal(int& counter) : deaths(counter) {}
  ~Mortal() { ++deaths; }
  static constexpr const char* kTypeName = "failing_mortal";
  int& deaths;
};

std::int64_t number_of(const Ref<Object>& object) {
  const Ref<Int> number = cast<Int>(object);
  return number ? number->value() : -1;
}

// What a program does with a runtime, with a model of each container beside it.
class Script {
 public:
  explicit Script(Runtime& runtime) : runtime_(runtime) {}

  void run() {
    list_ = make<List>();
    dict_ = make<Dict>();
    set_ = make<Set>();
    if (list_) change_list();
    if (dict_) change_dict();
    if (set_) change_set();
    make_values();
    make_weak_references();
    make_instance();
    make_cycles();
    drop_on_another_thread();
    (void)runtime_.gc().collect(0);
    (void)runtime_.gc().collect();
  }

  // Memory can be had again.
  void verify() {
    std::vector<Object*> roots;
    for (Object* root :
         {static_cast<Object*>(list_.get()), static_cast<Object*>(dict_.get()),
          static_cast<Object*>(set_.get())}) {
      if (root != nullptr) roots.push_back(root);
    }
    for (const Ref<Object>& value : values_) roots.push_back(value.get());
    const HeapReport heap = runtime_.verify(roots);
    EXPECT_EQ(heap.violations, 0u) << heap.message;
    if (list_) expect_list();
    if (dict_) expect_dict();
    if (set_) expect_set();
  }

  void drop() {
    list_.reset();
    dict_.reset();
    set_.reset();
    values_.clear();
    (void)runtime_.gc().collect();
    (void)runtime_.gc().collect();
    EXPECT_EQ(mortals_, deaths_);
  }

 private:
  // Small enough that a script has a few hundred allocations, and large enough that each
  // array and table is outgrown a few times, by more than a batch of retired ones.
  static constexpr int kItems = 100;

  void change_list() {
    for (int i = 0; i < kItems; ++i) {
      const Ref<Int> item = make<Int>(1000 + i);
      if (item && list_->append(item)) items_.push_back(1000 + i);
    }
    expect_list();
    if (list_->extend(*list_))
      items_.insert(items_.end(), items_.begin(), items_.end());
    expect_list();
    if (list_->insert(3, make<Int>(7777))) {
      items_.insert(items_.begin() + std::min<std::ptrdiff_t>(3, std::ssize(items_)),
                    7777);
    }
    expect_list();
    const auto less = [](const Object& a, const Object& b) {
      return static_cast<const Int&>(a).value() > static_cast<const Int&>(b).value();
    };
    if (list_->sort(less) == List::Sort::done)
      std::stable_sort(items_.begin(), items_.end(), std::greater<>());
    expect_list();
    if (const Ref<List> slice = list_->slice(10, 30)) {
      EXPECT_EQ(slice->size(),
                items_.size() < 10 ? 0 : std::min<std::size_t>(20, items_.size() - 10));
    }
    // Each of these retires the array before.
    for (int round = 0; round < 40; ++round) {
      std::vector<Ref<Object>> few(8, list_->get(0));
      if (few[0] && list_->assign(few)) items_.assign(8, number_of(few[0]));
    }
    expect_list();
  }

  void change_dict() {
    for (int i = 0; i < kItems; ++i) {
      const Ref<Int> key = make<Int>(2000 + i);
      if (key && dict_->set(key, key)) keys_.insert(2000 + i);
    }
    expect_dict();
    for (int i = 0; i < kItems; i += 3) {
      const Ref<Int> key = make<Int>(2000 + i);
      if (key && dict_->erase(key)) keys_.erase(2000 + i);
    }
    expect_dict();
    if (const Ref<Dict> other = make<Dict>()) {
      std::set<std::int64_t> others;
      for (int i = 0; i < 20; ++i) {
        const Ref<Int> key = make<Int>(3000 + i);
        if (key && other->set_default(key, key)) others.insert(3000 + i);
      }
      if (dict_->update(*other)) keys_.insert(others.begin(), others.end());
    }
    expect_dict();
    if (const Ref<List> all = dict_->items()) {
      EXPECT_EQ(all->size(), 2 * keys_.size());
    }
  }

  void change_set() {
    for (int i = 0; i < kItems; ++i) {
      const Ref<Int> item = make<Int>(4000 + i);
      if (item && set_->add(item) == Set::Add::added) members_.insert(4000 + i);
    }
    expect_set();
    if (const Ref<Set> even = make<Set>()) {
      std::set<std::int64_t> evens;
      for (int i = 0; i < kItems + 20; i += 2) {
        const Ref<Int> item = make<Int>(4000 + i);
        if (item && even->add(item) == Set::Add::added) evens.insert(4000 + i);
      }
      if (set_->update(*even)) members_.insert(evens.begin(), evens.end());
      expect_set();
      if (set_->retain(*even))
        std::erase_if(members_,
                      [&evens](auto member) { return !evens.contains(member); });
      expect_set();
    }
  }

  void make_values() {
    keep(make<Str>(std::string(300, 'x')));
    keep(make<Float>(0.5));
    for (int i = 0; i < 20; ++i) {
      const std::string text = "interned " + std::to_string(i);
      const Ref<Str> found = intern(text);
      if (!found) continue;
      EXPECT_EQ(found->view(), text);
      const Ref<Str> again = intern(text);
      if (again) {
        EXPECT_EQ(again, found);
      }
      keep(found);
    }
    const std::vector<Ref<Object>> many(200, make<Int>(5000));
    keep(make<Tuple>(std::span<const Ref<Object>>(many)));
  }

  void make_weak_references() {
    int deaths = 0;
    for (int i = 0; i < 20; ++i) {
      Ref<Mortal> mortal = make<Mortal>(deaths);
      if (!mortal) continue;
      const auto weak = WeakReference::create(
          *mortal, i % 2 == 0 ? make<Function>([](Function&, Object&) noexcept {})
                              : Ref<Function>());
      if (weak) {
        EXPECT_EQ(weak->get(), mortal);
      }
      const int before = deaths;
      mortal.reset();
      EXPECT_EQ(deaths, before + 1);
      if (weak) {
        EXPECT_EQ(weak->get(), nullptr);
      }
    }
  }

  void make_instance() {
    const Ref<Instance> point = make<Instance>(kPoint);
    if (!point) return;
    for (const char* name : {"x", "y", "z"}) {
      const Ref<Int> value = make<Int>(6000);
      if (value && point->set(name, value) == Instance::SetResult::done)
        EXPECT_EQ(point->get(name), value);
      else
        EXPECT_EQ(point->get(name), nullptr) << name;
    }
    keep(point);
  }

  void make_cycles() {
    for (int i = 0; i < 30; ++i) {
      const Ref<Cell> first = make<Cell>();
      const Ref<Cell> second = make<Cell>(first);
      const Ref<Mortal> mortal = make<Mortal>(deaths_);
      if (mortal) ++mortals_;
      const Ref<Tuple> both =
          second && mortal ? Tuple::create({second, mortal}) : nullptr;
      if (first && both) (void)first->exchange(both);
    }
  }

  // The objects stay this thread's, and their last references go elsewhere.
  void drop_on_another_thread() {
    std::vector<Ref<Mortal>> handed_over;
    for (int i = 0; i < 30; ++i) {
      handed_over.push_back(make<Mortal>(deaths_));
      if (handed_over.back()) ++mortals_;
    }
    {
      const Detached while_it_runs;
      std::thread([&] {
        const Attached here(runtime_);
        if (here) handed_over.clear();
      }).join();
    }
    handed_over.clear();
    safepoint();
  }

  void keep(Ref<Object> value) {
    if (value) values_.push_back(std::move(value));
  }

  void expect_list() {
    ASSERT_EQ(list_->size(), items_.size());
    for (std::size_t i = 0; i < items_.size(); ++i)
      ASSERT_EQ(number_of(list_->get(i)), items_[i]) << i;
  }
  void expect_dict() {
    ASSERT_EQ(dict_->size(), keys_.size());
    DictCursor cursor(dict_);
    Dict::Item item;
    std::set<std::int64_t> found;
    while (cursor.next(item) == DictCursor::Step::item)
      found.insert(number_of(item.key));
    ASSERT_EQ(found, keys_);
  }
  void expect_set() {
    ASSERT_EQ(set_->size(), members_.size());
    for (const std::int64_t member : members_) {
      // A lookup needs a key, which needs memory.
      if (const Ref<Int> key = make<Int>(member)) {
        ASSERT_TRUE(set_->contains(key));
      }
    }
  }

  Runtime& runtime_;
  Ref<List> list_;
  Ref<Dict> dict_;
  Ref<Set> set_;
  std::vector<std::int64_t> items_;  // of list_
  std::set<std::int64_t> keys_;      // of dict_
  std::set<std::int64_t> members_;   // of set_
  std::vector<Ref<Object>> values_;
  int mortals_ = 0;  // in cycles, or handed over
  int deaths_ = 0;
};

struct Walked {
  std::uint64_t allocations = 0;
  std::uint64_t failures = 0;
  std::uint64_t of_kind[kMemoryKinds] = {};
};

Walked walk(const MemoryFailures& plan) {
  Walked walked;
  std::unique_ptr<Runtime> runtime;
  std::unique_ptr<Attached> here;
  std::unique_ptr<Script> script;
  {
    const FailingMemory failing(plan);
    runtime = Runtime::create({.arena_bytes = std::size_t{64} << 20});
    if (runtime) here = std::make_unique<Attached>(*runtime);
    if (here && *here) {
      script = std::make_unique<Script>(*runtime);
      script->run();
    }
    walked.allocations = failing.allocations();
    walked.failures = failing.failures();
    for (unsigned kind = 0; kind < kMemoryKinds; ++kind)
      walked.of_kind[kind] = failing.allocations(static_cast<MemoryKind>(kind));
  }
  if (script) {
    script->verify();
    script->drop();
    EXPECT_EQ(runtime->live_objects(), 0u);
    const HeldMemory held = runtime->held_memory();
    EXPECT_EQ(held.retired_bytes, 0u);
    EXPECT_EQ(held.inbox_entries, 0u);
    EXPECT_EQ(held.empty_pages, 0u);
    EXPECT_EQ(held.lost_pages, 0u);
    EXPECT_EQ(held.dead_blocks, 0u);
  }
  return walked;
}

TEST(FailingMemory, every_allocation_of_a_script_may_fail) {
  if (!kRefusals) GTEST_SKIP() << "this build refuses nothing";
  for (std::uint64_t n = 1; n < 100'000; ++n) {
    SCOPED_TRACE(testing::Message() << "the allocation that failed: " << n);
    const Walked walked = walk({.at = n});
    if (testing::Test::HasFailure()) return;
    if (walked.failures != 0) continue;
    // Through: the script comes by every kind of allocation.
    EXPECT_GT(n, 100u);
    for (const std::uint64_t count : walked.of_kind) EXPECT_GT(count, 0u);
    return;
  }
  ADD_FAILURE() << "the script never gets through";
}

TEST(FailingMemory, many_allocations_may_fail_in_any_order) {
  if (!kRefusals) GTEST_SKIP() << "this build refuses nothing";
  for (const std::uint64_t one_in : {2U, 3U, 10U, 50U}) {
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
      SCOPED_TRACE(testing::Message() << "one in " << one_in << ", seed " << seed);
      (void)walk({.one_in = one_in, .seed = seed});
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(FailingMemory, without_a_plan_nothing_fails) {
  const Walked walked = walk({});
  EXPECT_EQ(walked.failures, 0u);
  EXPECT_EQ(walked.allocations != 0, kRefusals);
}

TEST(FailingMemory, the_nth_allocation_fails_and_no_other) {
  if (!kRefusals) GTEST_SKIP() << "this build refuses nothing";
  const auto runtime = Runtime::create();
  const Attached here(*runtime);
  const FailingMemory failing({.at = 3});
  std::string outcomes;
  for (int i = 0; i < 5; ++i) outcomes += make<Str>(std::string(2000, 'x')) ? 'x' : '-';
  EXPECT_EQ(outcomes.find('-'), outcomes.rfind('-')) << outcomes;
  EXPECT_EQ(failing.failures(), 1u);
}

}  // namespace
}  // namespace threadmill
