// SPDX-License-Identifier: Apache-2.0
//
// The verifier has to find what is wrong: each test breaks one thing.
#include "runtime/collector/verify.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/collector/collect.hpp"
#include "runtime/containers/list.hpp"
#include "runtime/containers/number.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

class VerifyTest : public ObjectTest {
 protected:
  HeapReport verify(const std::vector<Object*>& roots) {
    return verify_heap(*current(), roots);
  }
  // As queue_to_owner leaves it when it finds no memory: the next pause merges.
  static void queue_with_overflow(Object& object) {
    object.shared.store(shared_word::make(0, shared_word::kQueued), relaxed);
    current()->inbox.note_overflow();
  }
  void expect_violation(const std::vector<Object*>& roots, const std::string& number) {
    const HeapReport report = verify(roots);
    EXPECT_EQ(report.violations, 1u);
    EXPECT_EQ(std::string(report.message).substr(0, number.size()), number)
        << report.message;
  }
};

TEST_F(VerifyTest, a_sound_heap_has_no_violations_and_its_edges_are_counted) {
  auto list = make<List>();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(list->append(make<Int>(i)));
  const HeapReport report = verify({list.get()});
  EXPECT_EQ(report.violations, 0u) << report.message;
  EXPECT_EQ(report.objects, 11u);
  EXPECT_EQ(report.edges, 10u);
}

TEST_F(VerifyTest, a_count_too_high_is_found) {
  auto list = make<List>();
  incref(*list);
  expect_violation({list.get()}, "V1");
  decref(*list);
}

TEST_F(VerifyTest, a_count_too_low_is_found) {
  auto list = make<List>();
  auto item = make<Int>(1);
  ASSERT_TRUE(list->append(item));
  decref(*item);  // the list's reference is not counted now
  expect_violation({list.get(), item.get()}, "V1");
  incref(*item);
}

TEST_F(VerifyTest, an_unknown_root_is_found) {
  auto list = make<List>();
  expect_violation({}, "V1");
}

TEST_F(VerifyTest, an_owner_of_a_merged_object_is_found) {
  TM_NEEDS_OWNERS();
  auto item = make<Int>(1);
  item->shared.store(shared_word::make(0, shared_word::kMerged), relaxed);
  expect_violation({item.get()}, "V2");
  item->shared.store(shared_word::make(0, shared_word::kPlain), relaxed);
}

TEST_F(VerifyTest, a_reference_to_a_dead_object_is_found) {
  auto list = make<List>();
  ASSERT_TRUE(list->append(make<Int>(1)));
  auto item = list->get(0);
  Object* raw = item.get();
  decref(*raw);
  item.reset();  // dead, and still in the list
  expect_violation({list.get()}, "V3");
  // Let the list forget it: its slot holds a pointer that must not be dropped.
  (void)list->pop().release();
}

TEST_F(VerifyTest, a_reference_into_the_middle_of_an_object_is_found) {
  auto list = make<List>();
  auto item = make<Int>(1);
  auto* middle = reinterpret_cast<Object*>(reinterpret_cast<char*>(item.get()) + 8);
  ASSERT_TRUE(list->append(Ref<Object>::adopt(middle)));
  expect_violation({list.get(), item.get()}, "V3");
  (void)list->pop().release();
}

TEST_F(VerifyTest,
       what_dies_in_the_pause_drops_its_references_before_they_are_counted) {
  TM_NEEDS_OWNERS();
  auto list = make<List>();
  auto item = make<Int>(1);
  ASSERT_TRUE(list->append(item));
  queue_with_overflow(*list.release());
  const HeapReport report = verify({item.get()});
  EXPECT_EQ(report.violations, 0u) << report.message;
  EXPECT_EQ(report.objects, 1u);
}

// Its end queues another object.
struct Queues : Object {
  explicit Queues(std::function<void()> its_end) : end(std::move(its_end)) {}
  ~Queues() { end(); }
  static constexpr const char* kTypeName = "queues";
  std::function<void()> end;
};

TEST_F(VerifyTest, deaths_that_queue_others_are_followed_to_their_end) {
  TM_NEEDS_OWNERS();
  auto item = make<Int>(1);
  auto list = make<List>();
  ASSERT_TRUE(list->append(item));
  Object* last = list.release();
  Object* first = make<Queues>([last] { queue_with_overflow(*last); }).release();
  queue_with_overflow(*first);
  EXPECT_EQ(count_live_objects(*current()), 1u);
  const HeapReport report = verify({item.get()});
  EXPECT_EQ(report.violations, 0u) << report.message;
}

TEST_F(VerifyTest, a_held_lock_is_found) {
  auto item = make<Int>(1);
  const MutexGuard held(item->lock);
  expect_violation({item.get()}, "V4");
}

TEST_F(VerifyTest, live_objects_are_counted_without_immortal_ones) {
  EXPECT_EQ(count_live_objects(*current()), 0u);
  auto list = make<List>();
  ASSERT_TRUE(list->append(make<Int>(1)));
  EXPECT_EQ(count_live_objects(*current()), 2u);
  list.reset();
  EXPECT_EQ(count_live_objects(*current()), 0u);
}

}  // namespace
}  // namespace threadmill
