// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/held.hpp"

#include <cstddef>
#include <vector>

#include "runtime/memory/buffer.hpp"
#include "tests/memory/memory_world.hpp"
#include "tests/thread/companion.hpp"

namespace threadmill {
namespace {

class HeldMemoryTest : public MemoryTest {
 protected:
  [[nodiscard]] HeldMemory held() { return measure_held_memory(self()); }

  void retire_one(std::size_t bytes) {
    ASSERT_TRUE(self().retired->add(buffer_allocate(bytes), bytes));
  }
};

TEST_F(HeldMemoryTest, a_new_world_holds_nothing) {
  const HeldMemory found = held();
  EXPECT_EQ(found.retired_bytes, 0u);
  EXPECT_EQ(found.inbox_entries, 0u);
  EXPECT_EQ(found.pages, 0u);
  EXPECT_EQ(found.dead_blocks, 0u);
}

TEST_F(HeldMemoryTest,
       retired_bytes_are_held_until_they_are_freed_and_the_most_is_kept) {
  retire_one(1000);
  retire_one(500);
  EXPECT_EQ(held().retired_bytes, 1500u);
  {
    const StoppedWorld pause(self());
    self().retired->free_all();
  }
  retire_one(200);
  EXPECT_EQ(held().retired_bytes, 200u);
  EXPECT_EQ(held().most_retired_bytes, 1500u);
}

TEST_F(HeldMemoryTest, what_exited_threads_retired_counts) {
  Companion(world()).run([&] { retire_one(300); });
  EXPECT_EQ(held().retired_bytes, 300u);
}

TEST_F(HeldMemoryTest, entries_of_an_inbox_count_until_they_are_taken) {
  InboxEntry first{nullptr, nullptr};
  InboxEntry second{nullptr, nullptr};
  self().inbox.push(first);
  self().inbox.push(second);
  EXPECT_EQ(held().inbox_entries, 2u);
  (void)self().inbox.take_all();
  EXPECT_EQ(held().inbox_entries, 0u);
}

TEST_F(HeldMemoryTest, a_live_block_is_no_dead_one_and_its_page_is_not_empty) {
  (void)make_block(64);
  const HeldMemory found = held();
  EXPECT_EQ(found.pages, 1u);
  EXPECT_EQ(found.most_pages, 1u);
  EXPECT_EQ(found.empty_pages, 0u);
  EXPECT_EQ(found.dead_blocks, 0u);
}

TEST_F(HeldMemoryTest, a_block_that_is_taken_and_not_live_is_dead) {
  (void)heap().allocate(64);
  EXPECT_EQ(held().dead_blocks, 1u);
}

TEST_F(HeldMemoryTest, a_remote_free_is_dead_until_a_pause_takes_it_back) {
  void* block = make_block(64);
  Companion(world()).run([&] { end_block_now(block); });
  EXPECT_EQ(held().dead_blocks, 1u);
  {
    const StoppedWorld pause(self());
    heap().tidy_in_pause();
  }
  EXPECT_EQ(held().dead_blocks, 0u);
  EXPECT_EQ(held().pages, 0u);
  EXPECT_EQ(held().most_pages, 1u);
}

TEST_F(HeldMemoryTest, a_page_without_a_taken_block_is_empty_until_it_goes_back) {
  end_block_now(make_block(64));
  EXPECT_EQ(held().empty_pages, 1u);
  {
    const StoppedWorld pause(self());
    heap().tidy_in_pause();
  }
  EXPECT_EQ(held().empty_pages, 0u);
}

TEST_F(HeldMemoryTest, a_page_that_waits_for_a_late_reader_is_empty_and_not_lost) {
  Companion other(world());  // which leaves, while this thread may read
  other.run([] {
    std::vector<void*> blocks;
    do {
      blocks.push_back(make_block(kMaxObjectBytes));
    } while (&page_of(blocks.back()) == &page_of(blocks.front()));
    for (void* block : blocks) end_block_now(block);
    leave();
  });
  EXPECT_EQ(held().pages, 2u);
  EXPECT_EQ(held().empty_pages, 2u) << "the one that is allocated from, too";
  EXPECT_EQ(held().lost_pages, 0u);
  other.run([this] { EXPECT_NE(enter(world()), nullptr); });
}

TEST_F(HeldMemoryTest, a_page_that_no_heap_has_is_lost) {
  (void)make_block(64);
  EXPECT_EQ(held().lost_pages, 0u);
  Page* lost = arena().take_page();
  ASSERT_NE(lost, nullptr);
  EXPECT_EQ(held().lost_pages, 1u);
  arena().give_page(*lost);
  EXPECT_EQ(held().lost_pages, 0u);
}

}  // namespace
}  // namespace threadmill
