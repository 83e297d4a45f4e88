// SPDX-License-Identifier: Apache-2.0
//
// Counts of objects by type and slot: runtime/memory/allocation_counts.hpp.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/runtime.hpp"

namespace threadmill {
namespace {

class AllocationsTest : public testing::Test {
 protected:
  [[nodiscard]] AllocationCount lists() { return runtime_->allocations(List::kTypeId); }

  const std::unique_ptr<Runtime> runtime_ = Runtime::create();
  const Attached here_{*runtime_};
};

TEST_F(AllocationsTest, objects_are_counted_when_they_are_made_and_when_they_end) {
  std::vector<Ref<List>> kept;
  for (int i = 0; i < 10; ++i) kept.push_back(make<List>());
  EXPECT_EQ(lists().made, 10u);
  EXPECT_EQ(lists().made_bytes, 10 * sizeof(List));
  EXPECT_EQ(lists().live(), 10u);
  kept.resize(4);
  EXPECT_EQ(lists().ended, 6u);
  EXPECT_EQ(lists().live_bytes(), 4 * sizeof(List));
}

TEST_F(AllocationsTest, what_a_collection_clears_has_ended) {
  for (int i = 0; i < 100; ++i) {
    const auto ring = make<List>();
    ASSERT_TRUE(ring->append(ring));
  }
  EXPECT_EQ(lists().live(), 100u);
  (void)runtime_->gc().collect();
  EXPECT_EQ(lists().live(), 0u);
  EXPECT_EQ(lists().made, 100u);
}

TEST_F(AllocationsTest, the_slot_that_makes_and_the_one_that_frees_are_told_apart) {
  auto list = make<List>();
  {
    const Detached while_it_runs;
    std::thread([&] {
      const Attached here(*runtime_);
      list.reset();  // queued to its owner, who is detached: this thread merges for it
    }).join();
  }
  std::map<SlotId, AllocationCount> by_slot;
  runtime_->for_each_allocation_count(
      [&by_slot](SlotId slot, TypeId type, const AllocationCount& count) {
        if (type == List::kTypeId) by_slot[slot] += count;
      });
  ASSERT_EQ(by_slot.size(), 2u);
  EXPECT_EQ(by_slot[1].made, 1u);
  EXPECT_EQ(by_slot[1].ended, 0u);
  EXPECT_EQ(by_slot[2].made, 0u);
  EXPECT_EQ(by_slot[2].ended, 1u);
}

// A1.
TEST_F(AllocationsTest, what_was_made_and_has_not_ended_is_what_a_walk_finds) {
  {
    const Detached while_they_run;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([this] {
        const Attached here(*runtime_);
        for (int i = 0; i < 1000; ++i) {
          const auto list = make<List>();
          if (!list->append(make<Str>("a string")) ||
              !list->append(make<Int>(1000 + i)))
            return;
          if (i % 3 == 0 && !list->append(list)) return;
        }
      });
    }
  }
  std::uint64_t live = 0;
  runtime_->for_each_allocation_count(
      [&live](SlotId, TypeId type, const AllocationCount& count) {
        if (type != kNoneType) live += count.live();
      });
  EXPECT_EQ(live, runtime_->live_objects());
  EXPECT_GE(live, 3000u);
}

}  // namespace
}  // namespace threadmill
