// SPDX-License-Identifier: Apache-2.0
//
// What the conformance tests share: a runtime, types whose objects stand for Python's, and
// threads. Each test is a statement of section 3 of the reference, whose number it has.
#pragma once

#include <atomic>
#include <barrier>
#include <cstdlib>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/config.hpp"
#include "runtime/runtime.hpp"
#include "tests/thread/lets_others_run.hpp"

namespace threadmill {

// None of these tests runs out of memory, but where it says so.
template <class T, class... Arguments>
Ref<T> create(Arguments&&... arguments) {
  auto made = make<T>(std::forward<Arguments>(arguments)...);
  if (!made) std::abort();
  return made;
}

// An instance of an ordinary class: no finalizer, a few attributes.
struct Node : Object {
  explicit Node(std::atomic<int>* counter = nullptr) : deaths(counter) {}
  ~Node() {
    if (deaths != nullptr) deaths->fetch_add(1);
  }
  static constexpr const char* kTypeName = "node";
  static void traverse(Node& self, const FieldVisitor& visit) {
    visit(self.first);
    visit(self.second);
    visit(self.third);
  }
  std::atomic<int>* deaths;
  Field<Object> first;
  Field<Object> second;
  Field<Object> third;
};

// One whose class has a __del__.
struct Finalized : Object {
  using Function = std::function<void(Finalized&)>;
  explicit Finalized(Function function, std::atomic<int>* counter = nullptr)
      : at_end(std::move(function)), deaths(counter) {}
  ~Finalized() {
    if (deaths != nullptr) deaths->fetch_add(1);
  }
  static constexpr const char* kTypeName = "finalized";
  static void traverse(Finalized& self, const FieldVisitor& visit) {
    visit(self.first);
    visit(self.second);
  }
  static void finalize(Finalized& self) { self.at_end(self); }
  Function at_end;
  std::atomic<int>* deaths;
  Field<Object> first;
  Field<Object> second;
};

// One of a class without references, of which collections know nothing; as it is
// finalized it drops what it hides.
struct Opaque : Object {
  using Function = std::function<void(Opaque&)>;
  explicit Opaque(Function function = {}) : at_end(std::move(function)) {}
  static constexpr const char* kTypeName = "opaque";
  static void finalize(Opaque& self) {
    if (self.at_end) self.at_end(self);
    self.hidden.reset();
  }
  Function at_end;
  Ref<Object> hidden;
};

// Calls a function of the test with the weak reference of which it is the callback.
struct Callback : Object {
  using Function = std::function<void(WeakReference&)>;
  explicit Callback(Function function) : called(std::move(function)) {}
  static constexpr const char* kTypeName = "callback";
  static void traverse(Callback& self, const FieldVisitor& visit) { visit(self.owner); }
  static void call(Callback& self, Object& argument) {
    self.called(static_cast<WeakReference&>(argument));
  }
  Function called;
  Field<Object> owner;
};

// Threads of other builds than the release's take longer.
inline constexpr bool kSlow = kAddressSanitizer || kThreadSanitizer;
constexpr int scaled(int rounds) { return kSlow ? rounds / 10 : rounds; }

class Conformance : public testing::Test {
 protected:
  Conformance() {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    gc().disable();
  }

  // Whatever a test does, nothing is left.
  void TearDown() override {
    gc().disable();
    gc().set_debug(0);
    gc().unfreeze();
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(gc().collect().completed);
    const HeapReport report = runtime_->verify({});
    EXPECT_EQ(report.violations, 0u) << report.message;
    EXPECT_EQ(runtime_->live_objects(), kept_);
  }

  [[nodiscard]] Gc gc() { return runtime_->gc(); }
  // Full collections that found nothing to do are told from those that did not happen.
  std::uint64_t collect(unsigned generation = kOldest) {
    const CollectResult result = gc().collect(generation);
    EXPECT_TRUE(result.completed);
    return result.collected;
  }
  // The list is the runtime's from the first time on, and so is the dict of the calls.
  Ref<List> garbage() {
    kept_ = 1;
    auto list = gc().garbage();
    if (!list) std::abort();
    return list;
  }
  template <class... Arguments>
  AtDeath at_death(Arguments&&... arguments) {
    kept_ = 1;
    return AtDeath::create(std::forward<Arguments>(arguments)...);
  }

  static bool contains(const Ref<List>& list, const Object* object) {
    for (std::size_t i = 0; i < list->size(); ++i)
      if (list->get(i).get() == object) return true;
    return false;
  }

  // Runs `body(number of the thread)` on `count` attached threads that start at once, and
  // waits for them, detached.
  template <class Body>
  void on_threads(int count, Body body) {
    const Detached while_waiting;
    std::barrier start(count);
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([this, &start, &body, i] {
        start.arrive_and_wait();
        const Attached here(*runtime_);
        ASSERT_TRUE(here);
        body(i);
      });
    }
  }

  // The same, of which the first `leaders` run `lead(number)`, and the others `follow()`
  // again and again, at least once, until those have ended.
  template <class Lead, class Follow>
  void on_threads(int leaders, int followers, Lead lead, Follow follow) {
    std::atomic<int> leading{leaders};
    on_threads(leaders + followers, [&](int thread) {
      if (thread < leaders) {
        lead(thread);
        leading.fetch_sub(1);
        return;
      }
      do {
        follow();
        safepoint();
      } while (leading.load() != 0);
    });
  }

  const std::unique_ptr<Runtime> runtime_ = Runtime::create();
  const Attached here_{*runtime_};
  std::uint64_t kept_ = 0;
};

// A list that contains itself.
inline Ref<List> make_cyclic_list() {
  auto list = create<List>();
  if (!list->append(list)) std::abort();
  return list;
}

// An object that refers to itself.
inline Ref<Node> make_cyclic_node(std::atomic<int>* deaths = nullptr) {
  auto node = create<Node>(deaths);
  node->first.store(node);
  return node;
}

}  // namespace threadmill
