// SPDX-License-Identifier: Apache-2.0
//
// Counts; collections are in tests/runtime/.
#include "runtime/object/distributed.hpp"

#include "runtime/object/immortal.hpp"
#include "runtime/object/rebias.hpp"
#include "runtime/object/weak.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using shared_word::kBias;
using shared_word::kMerged;

class DistributedTest : public ObjectTest {
 protected:
  static std::int32_t shared_of(const Object& object) {
    return object.shared.load(relaxed);
  }
  std::int64_t counted_here(const Object& object) {
    const SlotCounts* counts = current()->counts.load(relaxed);
    return counts == nullptr
               ? 0
               : counts->of[word0::id(object.word0.load(relaxed))].load(relaxed);
  }
  void fold() {
    const StoppedWorld pause(*current());
    runtime_.world().distribution->fold_in_pause();
  }
};

TEST_F(DistributedTest, the_owner_distributes_and_each_thread_counts_by_itself) {
  const auto object = make<Link>();
  const Ref<Link> second = object;
  ASSERT_TRUE(try_distribute(*object));
  EXPECT_TRUE(is_distributed(*object));
  EXPECT_EQ(shared_of(*object), shared_word::make(2 + kBias, kMerged));
  EXPECT_EQ(refcount(*object), 2);
  incref(*object);
  EXPECT_EQ(counted_here(*object), 1);
  runtime_.on_another_thread([&] {
    decref(*object);
    EXPECT_TRUE(try_incref(*object));
    decref(*object);
    EXPECT_EQ(counted_here(*object), -1);
  });
  EXPECT_EQ(shared_of(*object), shared_word::make(2 + kBias, kMerged));
  EXPECT_EQ(refcount(*object), 2);
  EXPECT_FALSE(is_unique(*object));
  fold();
  EXPECT_EQ(counted_here(*object), 0);
  EXPECT_EQ(refcount(*object), 2);
}

TEST_F(DistributedTest, an_object_without_owner_is_distributed_too) {
  Object* raw = make<Link>().release();
  runtime_.on_another_thread([raw] { incref(*raw); });
  decref(*raw);
  ASSERT_EQ(shared_of(*raw), shared_word::make(1, kMerged));
  ASSERT_TRUE(try_distribute(*raw));
  EXPECT_EQ(refcount(*raw), 1);
  EXPECT_FALSE(try_rebias(*raw));
}

TEST_F(DistributedTest, that_of_another_attached_owner_takes_a_pause) {
  TM_NEEDS_OWNERS();
  Companion owner(runtime_);
  Object* raw = nullptr;
  owner.run([&] {
    raw = make<Link>().release();
    incref(*raw);
  });
  EXPECT_FALSE(try_distribute(*raw));
  owner.start_polling();
  EXPECT_TRUE(distribute(*raw));
  EXPECT_TRUE(is_distributed(*raw));
  EXPECT_EQ(refcount(*raw), 2);
  EXPECT_FALSE(distribute(*raw));
}

TEST_F(DistributedTest, what_no_collection_would_end_is_not_distributed) {
  std::atomic<int> deaths{0};
  const auto mortal = make<Mortal>(deaths);
  EXPECT_FALSE(distribute(*mortal));
  const auto immortal = make<Link>();
  make_immortal(*immortal);
  EXPECT_FALSE(distribute(*immortal));
}

TEST_F(DistributedTest, a_gathered_object_ends_with_its_last_reference) {
  auto object = make<Link>();
  const Weak<Link> weak(object);
  ASSERT_TRUE(distribute(*object));
  EXPECT_EQ(weak.lock(), object);
  Ref<Link> second = object;
  ASSERT_TRUE(gather(*object));
  EXPECT_FALSE(gather(*object));
  EXPECT_EQ(shared_of(*object), shared_word::make(2, kMerged));
  object.reset();
  EXPECT_FALSE(weak.expired());
  second.reset();
  EXPECT_TRUE(weak.expired());
}

TEST_F(DistributedTest, an_id_is_used_again_after_a_pause_and_not_before) {
  const auto first = make<Link>();
  ASSERT_TRUE(distribute(*first));
  const std::uint32_t id = word0::id(first->word0.load(relaxed));
  EXPECT_NE(id, 0u);
  ASSERT_TRUE(gather(*first));
  const auto second = make<Link>();
  ASSERT_TRUE(distribute(*second));
  EXPECT_NE(word0::id(second->word0.load(relaxed)), id);
  fold();
  const auto third = make<Link>();
  ASSERT_TRUE(distribute(*third));
  EXPECT_EQ(word0::id(third->word0.load(relaxed)), id);
  EXPECT_EQ(refcount(*third), 1);
}

TEST_F(DistributedTest, with_all_ids_taken_objects_are_counted_as_before) {
  std::vector<Ref<Link>> objects(kMostDistributed + 1);
  for (Ref<Link>& object : objects) object = make<Link>();
  for (std::uint32_t i = 0; i < kMostDistributed; ++i)
    ASSERT_TRUE(distribute(*objects[i]));
  Link& last = *objects.back();
  EXPECT_FALSE(distribute(last));
  EXPECT_FALSE(is_distributed(last));
  EXPECT_EQ(refcount(last), 1);
}

TEST_F(DistributedTest, an_immortal_object_is_so_after_the_next_pause) {
  const auto object = make<Link>();
  ASSERT_TRUE(distribute(*object));
  make_immortal(*object);
  EXPECT_TRUE(is_immortal(*object));
  fold();
  EXPECT_TRUE(word0::is_immortal(object->word0.load(relaxed)));
  EXPECT_EQ(refcount(*object), kImmortalRefcount);
}

TEST_F(DistributedTest, a_sum_that_saturates_makes_the_object_immortal) {
  const auto object = make<Link>();
  ASSERT_TRUE(distribute(*object));
  const std::uint32_t id = word0::id(object->word0.load(relaxed));
  incref(*object);
  current()->counts.load(relaxed)->of[id].store(std::int64_t{1} << 40, relaxed);
  fold();
  EXPECT_TRUE(word0::is_immortal(object->word0.load(relaxed)));
}

TEST_F(DistributedTest, more_references_dropped_than_taken_are_noticed) {
  const auto object = make<Link>();
  ASSERT_TRUE(distribute(*object));
  incref(*object);
  for (int i = 0; i < 3; ++i) decref(*object);
  EXPECT_DEATH(fold(), "count-not-negative");
  incref(*object);
}

TEST_F(DistributedTest,
       many_threads_count_exactly_while_it_is_distributed_and_gathered) {
  constexpr int kThreads = 3;
  constexpr int kChanges = 200;
  const auto object = make<Link>();
  std::vector<std::thread> threads;
  std::atomic<bool> over{false};
  std::atomic<int> gone{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      ASSERT_NE(enter(runtime_.world()), nullptr);
      do {
        for (int i = 0; i < 100; ++i) {
          const auto one = Ref<Link>::share(object.get());
          const Ref<Link> two = one;
        }
        safepoint();
      } while (!over.load());
      leave();
      gone.fetch_add(1);
    });
  }
  for (int i = 0; i < kChanges; ++i) {
    EXPECT_TRUE(distribute(*object));
    EXPECT_TRUE(gather(*object));
  }
  over.store(true);
  while (gone.load() < kThreads) {
    safepoint();
    rest();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refcount(*object), 1);
}

}  // namespace
}  // namespace threadmill
