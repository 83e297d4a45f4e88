// SPDX-License-Identifier: Apache-2.0
//
// Memory runs out at the first allocation of a script, at the second, and so on, until the
// script gets through: whatever fails says so and leaves what it was about as it was,
// nothing is lost, and the heap is whole. In builds that have the door
// (base/memory_door.hpp).
#include "runtime/memory/failing_memory.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
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

// The argument of calls that are counted.
struct Calls : Object {
  explicit Calls(int& its_calls) : calls(its_calls) {}
  static constexpr const char* kTypeName = "failing_calls";
  int& calls;
};

void count_call(Function&, Object& argument) noexcept {
  ++static_cast<Calls&>(argument).calls;
}
void do_nothing(Function&, Object&) noexcept {}

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
    make_weak_methods();
    fill_caches();
    arrange_calls();
    make_instance();
    distribute_counts();
    make_cycles();
    save_trash();
    drop_on_another_thread();
    (void)runtime_.gc().collect(0);
    look_at_objects();
    (void)runtime_.gc().collect();
  }

  // Memory can be had again.
  void verify() {
    std::vector<Object*> roots;
    for (Object* root :
         {static_cast<Object*>(list_.get()), static_cast<Object*>(dict_.get()),
          static_cast<Object*>(set_.get()),
          static_cast<Object*>(weak_values_.entries().get()),
          static_cast<Object*>(weak_keys_.entries().get()),
          static_cast<Object*>(weak_set_.entries().get())}) {
      if (root != nullptr) roots.push_back(root);
    }
    for (const Ref<Object>& value : values_) roots.push_back(value.get());
    for (const Cached& cached : cached_) roots.push_back(cached.object.get());
    const HeapReport heap = runtime_.verify(roots);
    EXPECT_EQ(heap.violations, 0u) << heap.message;
    if (list_) expect_list();
    if (dict_) expect_dict();
    if (set_) expect_set();
    expect_caches();
  }

  void drop() {
    list_.reset();
    dict_.reset();
    set_.reset();
    values_.clear();
    cached_.clear();
    if (weak_values_) {
      EXPECT_EQ(weak_values_.size(), 0u);
    }
    if (weak_keys_) {
      EXPECT_EQ(weak_keys_.size(), 0u);
    }
    if (weak_set_) {
      EXPECT_EQ(weak_set_.size(), 0u);
    }
    weak_values_ = WeakValueDict();
    weak_keys_ = WeakKeyDict();
    weak_set_ = WeakSet();
    runtime_.gc().roots()->clear();
    runtime_.gc().garbage()->clear();
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
    // By the end most entries are erased ones, and are left behind.
    while (dict_->size() > 20) {
      const Dict::Item item = dict_->pop_item();
      ASSERT_EQ(number_of(item.key), number_of(item.value));
      ASSERT_EQ(keys_.erase(number_of(item.key)), 1u);
    }
    expect_dict();
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
    if (const Ref<Set> few = make<Set>()) {
      std::set<std::int64_t> these;
      for (int i = 0; i < 20; ++i) {
        const Ref<Int> item = make<Int>(4000 + i);
        if (item && few->add(item) == Set::Add::added) these.insert(4000 + i);
      }
      if (set_->subtract(*few))
        std::erase_if(members_,
                      [&these](auto member) { return these.contains(member); });
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

  void make_weak_methods() {
    for (int i = 0; i < 4; ++i) {
      Ref<List> self = make<List>();
      const Ref<Function> function = make<Function>(do_nothing);
      const Ref<Function> callback = i % 2 == 0 ? make<Function>(do_nothing) : nullptr;
      if (!self || !function) continue;
      const WeakMethod method = WeakMethod::create(*self, *function, callback);
      if (method) {
        EXPECT_EQ(method.get().self, self);
        EXPECT_EQ(method.get().function, function);
      }
      self.reset();
      EXPECT_FALSE(method.get());
    }
  }

  // Every other object that comes in dies again.
  void fill_caches() {
    weak_values_ = WeakValueDict::create();
    weak_keys_ = WeakKeyDict::create();
    weak_set_ = WeakSet::create();
    for (int i = 0; i < 40; ++i) {
      Cached cached{make<Mortal>(deaths_), 8000 + i};
      if (!cached.object) continue;
      ++mortals_;
      const Ref<Int> number = make<Int>(cached.number);
      cached.is_value =
          weak_values_ && set_weak_value(number, cached.object, i % 4 < 2);
      cached.is_key = weak_keys_ && weak_keys_.set(cached.object, number);
      cached.is_member =
          weak_set_ && weak_set_.add(cached.object) == WeakSet::Add::added;
      cached_.push_back(std::move(cached));
    }
    expect_caches();
    int number = 0;
    std::erase_if(cached_, [&number](const Cached&) { return number++ % 2 != 0; });
    expect_caches();
    for (std::size_t i = 0; i < cached_.size(); i += 2) take_out(cached_[i]);
    expect_caches();
  }

  struct Cached {
    Ref<Object> object;
    std::int64_t number;
    bool is_value = false;   // of weak_values_, by its number
    bool is_key = false;     // of weak_keys_, with its number
    bool is_member = false;  // of weak_set_
  };

  bool set_weak_value(const Ref<Object>& key,
                      const Ref<Object>& value,
                      bool by_default) {
    if (!by_default) return weak_values_.set(key, value);
    return weak_values_.set_default(key, value) == value;
  }

  void take_out(Cached& cached) {
    if (const Ref<Int> number = make<Int>(cached.number); number && cached.is_value) {
      EXPECT_EQ(weak_values_.pop(number), cached.object);
      cached.is_value = false;
    }
    if (cached.is_key) {
      EXPECT_EQ(number_of(weak_keys_.pop(cached.object)), cached.number);
      cached.is_key = false;
    }
    if (cached.is_member) {
      EXPECT_TRUE(weak_set_.discard(cached.object));
      cached.is_member = false;
    }
  }

  // The calls of what dies, what is called before, and what is called off.
  void arrange_calls() {
    int calls = 0;
    int arranged = 0;
    for (int i = 0; i < 12; ++i) {
      Ref<Mortal> target = make<Mortal>(deaths_);
      if (!target) continue;
      ++mortals_;
      const Ref<Function> action = make<Function>(count_call);
      const Ref<Calls> argument = make<Calls>(calls);
      if (!action || !argument) continue;
      AtDeath call = AtDeath::create(*target, action, argument);
      EXPECT_EQ(static_cast<bool>(call), call.is_alive());
      if (!call) continue;
      if (i % 3 == 0) {
        EXPECT_EQ(call.detach().target, target);
      } else {
        ++arranged;
      }
      if (i % 3 == 1) {
        EXPECT_TRUE(call.call());
      }
      target.reset();
      EXPECT_FALSE(call.is_alive());
      EXPECT_EQ(calls, arranged);
    }
  }

  // Some end in a collection, and some are counted in one place again.
  void distribute_counts() {
    for (int i = 0; i < 6; ++i) {
      const Ref<List> list = make<List>();
      if (!list) continue;
      const bool is_done = distribute(*list);
      EXPECT_EQ(is_distributed(*list), is_done);
      {
        const std::vector<Ref<List>> more(5, list);
        const Detached while_it_runs;
        std::thread([&] {
          const Attached here(runtime_);
          if (here) (void)Ref<List>(list);
        }).join();
      }
      if (i % 3 == 0) {
        EXPECT_EQ(gather(*list), is_done);
      }
      if (i % 3 == 1) keep(list);
    }
  }

  void save_trash() {
    runtime_.gc().set_debug(gc_debug::kSaveAll);
    make_cycles();
    (void)runtime_.gc().collect();
    runtime_.gc().set_debug(0);
  }

  void look_at_objects() {
    Gc gc = runtime_.gc();
    if (const Ref<List> roots = gc.roots()) (void)roots->append(make<Cell>());
    const Ref<Cell> cell = make<Cell>(list_);
    if (const Ref<List> all = gc.objects(); all && cell) {
      EXPECT_GE(all->size(), 1u);
    }
    (void)gc.objects(0);
    if (cell && list_) {
      if (const Ref<List> found = gc.referrers(*list_)) {
        EXPECT_EQ(found->size(), 1u);
        EXPECT_EQ(found->get(0), cell);
      }
    }
    if (list_) {
      if (const Ref<List> found = gc.referents(*list_)) {
        EXPECT_EQ(found->size(), items_.size());
      }
    }
    gc.freeze();
    (void)gc.collect();
    gc.unfreeze();
    EXPECT_EQ(gc.freeze_count(), 0u);
    (void)gc.count();
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

  void expect_caches() {
    const auto count = [this](bool Cached::*is_in) {
      return static_cast<std::size_t>(std::ranges::count(cached_, true, is_in));
    };
    if (weak_values_) {
      ASSERT_EQ(weak_values_.size(), count(&Cached::is_value));
      if (const Ref<List> items = weak_values_.items()) {
        ASSERT_EQ(items->size(), 2 * weak_values_.size());
      }
    }
    if (weak_keys_) {
      ASSERT_EQ(weak_keys_.size(), count(&Cached::is_key));
      if (const Ref<List> items = weak_keys_.items()) {
        ASSERT_EQ(items->size(), 2 * weak_keys_.size());
      }
    }
    if (weak_set_) {
      ASSERT_EQ(weak_set_.size(), count(&Cached::is_member));
      if (const Ref<List> items = weak_set_.items()) {
        ASSERT_EQ(items->size(), weak_set_.size());
      }
    }
    for (const Cached& cached : cached_) {
      const Ref<Int> number = make<Int>(cached.number);
      if (number && weak_values_) {
        ASSERT_EQ(weak_values_.get(number), cached.is_value ? cached.object : nullptr);
      }
      // These lookups need no memory.
      if (weak_keys_) {
        ASSERT_EQ(number_of(weak_keys_.get(cached.object)),
                  cached.is_key ? cached.number : -1);
      }
      if (weak_set_) {
        ASSERT_EQ(weak_set_.contains(cached.object), cached.is_member);
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
  WeakValueDict weak_values_;
  WeakKeyDict weak_keys_;
  WeakSet weak_set_;
  std::vector<Cached> cached_;
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
    const HeldMemory held = runtime->held_memory();
    EXPECT_EQ(held.retired_bytes, 0u);
    EXPECT_EQ(held.inbox_entries, 0u);
    EXPECT_EQ(held.empty_pages, 0u);
    EXPECT_EQ(held.lost_pages, 0u);
    EXPECT_EQ(held.dead_blocks, 0u);
    EXPECT_EQ(runtime->end(), 0u);
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

// Trash that its finalizer sees, a root, and calls that are due at the end.
struct Farewell : Object {
  explicit Farewell(int& its_finalized) : finalized(its_finalized) {}
  static constexpr const char* kTypeName = "failing_farewell";
  static void traverse(Farewell& self, const FieldVisitor& visit) {
    visit(self.itself);
  }
  static void finalize(Farewell& self) {
    ++self.finalized;
    (void)make<Str>(std::string(2000, 'x'));
  }
  Field<Farewell> itself;
  int& finalized;
};

TEST(FailingMemory, a_runtime_may_end_without) {
  if (!kRefusals) GTEST_SKIP() << "this build refuses nothing";
  for (std::uint64_t n = 1; n < 1000; ++n) {
    SCOPED_TRACE(testing::Message() << "the allocation that failed: " << n);
    const auto runtime = Runtime::create();
    ASSERT_TRUE(runtime);
    const Attached here(*runtime);
    int finalized = 0;
    int calls = 0;
    for (int i = 0; i < 10; ++i) {
      const auto ring = make<Farewell>(finalized);
      ring->itself.store(ring);
      ASSERT_TRUE(runtime->gc().roots()->append(ring));
      ASSERT_TRUE(
          AtDeath::create(*ring, make<Function>(count_call), make<Calls>(calls)));
    }
    const FailingMemory failing({.at = n});
    EXPECT_EQ(runtime->end(), 0u);
    EXPECT_EQ(finalized, 10);
    EXPECT_EQ(calls, 10);
    if (testing::Test::HasFailure()) return;
    if (failing.failures() != 0) continue;
    EXPECT_GT(n, 10u);  // each finalizer asks for some
    return;
  }
  ADD_FAILURE() << "it never gets through";
}

// What a child says by its exit status.
enum Said : int { wrong = 1, through, failed };

int be_child(Runtime& runtime,
             std::optional<FailingMemory>& failing,
             const Ref<List>& list) {
  for (int i = 0; i < 10; ++i) (void)list->append(make<Str>(std::string(2000, 'x')));
  (void)make<Dict>();
  const bool has_collected = runtime.gc().collect().completed;
  const bool all_given = failing->failures() == 0;
  failing.reset();
  Object* const roots[] = {list.get()};
  if (!has_collected || runtime.verify(roots).violations != 0) return wrong;
  return all_given ? through : failed;
}

TEST(FailingMemory, the_child_of_a_fork_may_lack_it) {
  if (!kRefusals) GTEST_SKIP() << "this build refuses nothing";
  for (std::uint64_t n = 1; n < 1000; ++n) {
    SCOPED_TRACE(testing::Message() << "the allocation that failed: " << n);
    const auto runtime = Runtime::create();
    ASSERT_TRUE(runtime);
    const Attached here(*runtime);
    const auto list = make<List>();
    std::optional<FailingMemory> failing(std::in_place, MemoryFailures{.at = n});
    const pid_t child = runtime->fork();
    if (child == 0) _exit(be_child(*runtime, failing, list));
    failing.reset();
    ASSERT_GT(child, 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_NE(WEXITSTATUS(status), wrong);
    if (WEXITSTATUS(status) == through) {
      EXPECT_GT(n, 10u);  // each string is one
      return;
    }
    ASSERT_EQ(WEXITSTATUS(status), failed);
  }
  ADD_FAILURE() << "it never gets through";
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
