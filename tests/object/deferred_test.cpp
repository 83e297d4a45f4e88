// SPDX-License-Identifier: Apache-2.0
//
// Handles and counts; collections are in tests/runtime/.
#include "runtime/object/deferred.hpp"

#include "runtime/object/immortal.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

struct Global : Object {
  explicit Global(std::atomic<int>& counter) : deaths(counter) {}
  ~Global() { deaths.fetch_add(1); }
  static constexpr const char* kTypeName = "global";
  static constexpr bool kDefersCounts = true;
  std::atomic<int>& deaths;
};

class DeferredTest : public ObjectTest {
 protected:
  // As a collection would see it.
  std::vector<Object*> on_stack() {
    std::vector<Object*> found;
    for (const StackReference* reference = current()->stack_references;
         reference != nullptr; reference = reference->below())
      if (reference->uncounted() != nullptr) found.push_back(reference->uncounted());
    return found;
  }
  using Objects = std::vector<Object*>;

  std::atomic<int> deaths_{0};
};

TEST_F(DeferredTest, an_object_is_deferred_once_and_counts_as_before) {
  const auto link = make<Link>();
  EXPECT_FALSE(is_deferred(*link));
  EXPECT_TRUE(defer_counts(*link));
  EXPECT_FALSE(defer_counts(*link));
  EXPECT_TRUE(is_deferred(*link));
  EXPECT_EQ(refcount(*link), 1);
  const Ref<Link> second = link;
  EXPECT_EQ(refcount(*link), 2);
  EXPECT_FALSE(is_unique(*link));
}

TEST_F(DeferredTest, of_racing_threads_one_defers) {  // tR05
  const auto link = make<Link>();
  std::atomic<int> made{0};
  std::vector<std::thread> threads;
  {
    const Detached while_waiting;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        if (defer_counts(*link)) made.fetch_add(1);
        leave();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  safepoint();
  EXPECT_EQ(made.load(), 1);
  EXPECT_EQ(refcount(*link), 1);
}

TEST_F(DeferredTest, what_no_collection_looks_at_is_not_deferred) {
  const auto mortal = make<Mortal>(deaths_);
  EXPECT_FALSE(defer_counts(*mortal));
  EXPECT_FALSE(is_deferred(*mortal));
}

TEST_F(DeferredTest, a_type_may_ask_for_it) {
  auto global = make<Global>(deaths_);
  EXPECT_TRUE(is_deferred(*global));
  EXPECT_EQ(refcount(*global), 1);
  global.reset();
  EXPECT_EQ(deaths_.load(), 0);  // its collection never comes
}

TEST_F(DeferredTest, a_stack_reference_to_it_costs_no_count) {
  const auto global = make<Global>(deaths_);
  const Deferred<Global> handle(global);
  EXPECT_EQ(refcount(*global), 1);
  EXPECT_EQ(on_stack(), Objects{global.get()});
  {
    const Deferred<Global> second(handle);
    EXPECT_EQ(second.get(), global.get());
    EXPECT_EQ(on_stack(), (Objects{global.get(), global.get()}));
  }
  const Ref<Global> counted = handle.ref();
  EXPECT_EQ(refcount(*global), 2);
  EXPECT_EQ(on_stack(), Objects{global.get()});
}

TEST_F(DeferredTest, a_stack_reference_to_any_other_object_counts) {
  auto object = make<Mortal>(deaths_);
  Deferred<Mortal> handle(object);
  EXPECT_EQ(refcount(*object), 2);
  EXPECT_EQ(on_stack(), Objects{});
  object.reset();
  EXPECT_EQ(deaths_.load(), 0);
  handle = make<Mortal>(deaths_).get();
  EXPECT_EQ(deaths_.load(), 1);
  handle.reset();
  EXPECT_EQ(deaths_.load(), 2);
  EXPECT_FALSE(handle);
}

TEST_F(DeferredTest, a_stack_reference_counted_before_is_counted_to_its_end) {
  const auto link = make<Link>();
  {
    const Deferred<Link> handle(link);
    ASSERT_TRUE(defer_counts(*link));
    EXPECT_EQ(refcount(*link), 2);
  }
  EXPECT_EQ(refcount(*link), 1);
}

TEST_F(DeferredTest, a_field_is_read_without_a_count) {
  const auto holder = make<Link>();
  const auto next = make<Link>();
  Deferred<Link> handle(holder->next);
  EXPECT_EQ(handle.get(), nullptr);
  holder->next.store(next);
  handle.load(holder->next);
  EXPECT_EQ(handle.get(), next.get());
  EXPECT_EQ(refcount(*next), 3);
  ASSERT_TRUE(defer_counts(*next));
  handle.load(holder->next);
  EXPECT_EQ(refcount(*next), 2);
  EXPECT_EQ(on_stack(), Objects{next.get()});
  holder->next.store(nullptr);
  EXPECT_EQ(handle.get(), next.get());
  handle.load(holder->next);
  EXPECT_EQ(on_stack(), Objects{});
}

TEST_F(DeferredTest, each_thread_has_a_stack_of_its_own) {
  const auto global = make<Global>(deaths_);
  const Deferred<Global> handle(global);
  runtime_.on_another_thread([&] {
    EXPECT_EQ(on_stack(), Objects{});
    const Deferred<Global> theirs(global);
    EXPECT_EQ(on_stack(), Objects{global.get()});
  });
  EXPECT_EQ(on_stack(), Objects{global.get()});
}

TEST_F(DeferredTest, no_thread_leaves_with_something_on_its_stack) {
  const auto global = make<Global>(deaths_);
  EXPECT_DEATH(
      {
        const Deferred<Global> handle(global);
        leave();
      },
      "leave-without-stack-references");
}

}  // namespace
}  // namespace threadmill
