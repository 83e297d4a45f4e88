// SPDX-License-Identifier: Apache-2.0
//
// Finalizers where counts end an object; collector/finalize_test.cpp has those of cycles.
#include <string>

#include "runtime/object/critical_section.hpp"
#include "runtime/object/dealloc.hpp"
#include "runtime/object/weak.hpp"
#include "runtime/thread/safepoint.hpp"
#include "tests/object/lifetime_types.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using FinalizerTest = ObjectTest;

TEST_F(FinalizerTest, it_runs_once_at_the_last_decref_on_a_whole_object) {  // tF01
  std::string log;
  auto object = make<Ephemeral>(log, [&](Ephemeral& self) {
    EXPECT_EQ(refcount(self), 1);
    EXPECT_TRUE(self.keeps.load());  // tF16
  });
  object->keeps.store(make<Ephemeral>(log));
  object.reset();
  EXPECT_EQ(log, "fdfd");  // the kept one ends as its keeper's fields are dropped
}

TEST_F(FinalizerTest, a_resurrected_object_lives_and_its_weak_references_too) {  // tF02
  std::string log;
  Ref<Ephemeral> saved;
  auto object = make<Ephemeral>(
      log, [&](Ephemeral& self) { saved = Ref<Ephemeral>::share(&self); });
  const Weak<Ephemeral> weak(object);
  object.reset();
  EXPECT_EQ(log, "f");
  EXPECT_EQ(refcount(*saved), 1);
  EXPECT_EQ(weak.lock(), saved);
  saved.reset();
  EXPECT_EQ(log, "fd");  // tF03: not a second time
  EXPECT_TRUE(weak.expired());
}

TEST_F(FinalizerTest, another_thread_may_take_the_resurrected_object) {
  std::string log;
  auto holder = make<Ephemeral>(log);
  auto object = make<Ephemeral>(
      log, [&](Ephemeral& self) { holder->next.store(Ref<Ephemeral>::share(&self)); });
  object.reset();
  EXPECT_EQ(log, "f");
  runtime_.on_another_thread([&] {
    auto taken = holder->next.exchange(nullptr);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->log, "f");
  });
  safepoint(*current());
  EXPECT_EQ(log, "fd");
}

TEST_F(FinalizerTest, what_dies_in_a_finalizer_ends_at_once) {
  std::string log;
  auto object = make<Ephemeral>(log, [&](Ephemeral&) {
    make<Ephemeral>(log).reset();
    EXPECT_EQ(log, "ffd");
  });
  object.reset();
  EXPECT_EQ(log, "ffdd");
}

TEST_F(FinalizerTest, a_long_chain_of_finalizers_needs_little_stack) {
  std::string log;
  constexpr int kLinks = 100'000;
  Ref<Ephemeral> first;
  for (int i = 0; i < kLinks; ++i) {
    // Each drops the next one in its finalizer.
    auto object =
        make<Ephemeral>(log, [](Ephemeral& self) { self.next.store(nullptr); });
    object->next.store(std::move(first));
    first = std::move(object);
  }
  first.reset();
  EXPECT_EQ(log.size(), std::size_t{2} * kLinks);
}

TEST_F(FinalizerTest, it_may_take_a_section_that_its_thread_is_in_and_detach) {
  std::string log;
  auto shared = make<Ephemeral>(log);
  auto object = make<Ephemeral>(log, [&](Ephemeral&) {
    const CriticalSection section(*shared);
    const Detached blocked;
  });
  {
    const CriticalSection section(*shared);
    object.reset();
    EXPECT_TRUE(shared->lock.is_locked());
  }
  EXPECT_FALSE(shared->lock.is_locked());
  EXPECT_EQ(log, "fd");
}

TEST_F(FinalizerTest, one_that_detaches_as_its_thread_detaches_holds_no_section) {
  std::string log;
  auto shared = make<Ephemeral>(log);
  auto object = make<Ephemeral>(log, [&](Ephemeral&) { const Detached blocked; });
  // The last local reference goes on another thread, so the object ends as this thread
  // merges its inbox on the way out.
  Ephemeral* raw = object.release();
  {
    const CriticalSection section(*shared);
    const Detached blocked;
    std::thread([&] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      decref(*raw);
      EXPECT_FALSE(shared->lock.is_locked());
      leave();
    }).join();
  }
  safepoint(*current());
  EXPECT_EQ(log, "fd");
}

TEST_F(FinalizerTest, it_waits_while_a_cascade_scope_stands) {
  std::string log;
  {
    const CascadeScope deaths_wait(*current());
    make<Ephemeral>(log).reset();
    EXPECT_EQ(log, "");
  }
  EXPECT_EQ(log, "fd");
}

}  // namespace
}  // namespace threadmill
