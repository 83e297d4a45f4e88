// SPDX-License-Identifier: Apache-2.0
#include "harness/held_memory_oracle.hpp"

#include <gtest/gtest.h>

#include "runtime/runtime.hpp"

namespace threadmill {
namespace {

TEST(HeldMemoryOracle, passes_when_nothing_is_held) {
  const auto runtime = Runtime::create();
  const Attached here(*runtime);
  auto list = make<List>();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(list->append(make<Int>(i + 1000)));
  list.reset();
  (void)runtime->gc().collect();
  (void)runtime->gc().collect();
  const Check check = judge_held_memory(runtime->held_memory(), 0);
  EXPECT_TRUE(check.passed) << check.detail;
  EXPECT_EQ(check.name, "held-memory");
  EXPECT_EQ(check.verified, 8u);
  EXPECT_GT(runtime->held_memory().most_retired_bytes, 0u) << "the list has grown";
}

TEST(HeldMemoryOracle, what_is_not_collected_yet_is_held) {
  const auto runtime = Runtime::create();
  const Attached here(*runtime);
  auto list = make<List>();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(list->append(make<Int>(i + 1000)));
  list.reset();
  EXPECT_FALSE(judge_held_memory(runtime->held_memory(), 0).passed);
}

TEST(HeldMemoryOracle, holds_retired_bytes_to_their_budget) {
  HeldMemory held;
  held.most_retired_in_slot = held.may_retire_in_slot = std::size_t{5} << 20;
  held.most_retired_in_all = held.may_retire_in_all = std::size_t{40} << 20;
  EXPECT_TRUE(judge_held_memory(held, 0).passed);
  held.most_retired_in_slot += std::size_t{1} << 20;
  const Check one = judge_held_memory(held, 0);
  EXPECT_FALSE(one.passed);
  EXPECT_NE(
      one.detail.find("6.0 MiB of retired buffers were held at a time by one slot"),
      std::string::npos)
      << one.detail;
  held.most_retired_in_all += std::size_t{1} << 20;
  const Check both = judge_held_memory(held, 0);
  EXPECT_NE(both.detail.find("41.0 MiB of retired buffers were held at a time by all"),
            std::string::npos)
      << both.detail;
}

TEST(HeldMemoryOracle, says_of_each_kind_how_much_is_held) {
  HeldMemory held;
  held.inbox_entries = 1;
  held.retired_bytes = 1234;
  held.empty_pages = 2;
  held.dead_blocks = 3;
  held.lost_pages = 5;
  const Check check = judge_held_memory(held, 4);
  EXPECT_FALSE(check.passed);
  for (const char* part :
       {"4 references waited", "1 references wait for", "1,234 bytes of retired",
        "2 pages without", "3 blocks without", "5 pages are in use and in no heap"}) {
    EXPECT_NE(check.detail.find(part), std::string::npos) << part << "\n"
                                                          << check.detail;
  }
}

}  // namespace
}  // namespace threadmill
