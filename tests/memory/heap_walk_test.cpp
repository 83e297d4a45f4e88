// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/heap_walk.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "runtime/base/random.hpp"
#include "tests/memory/memory_world.hpp"
#include "tests/thread/companion.hpp"

namespace threadmill {
namespace {

class HeapWalkTest : public MemoryTest {
 protected:
  // Every live block of the world, each once.
  std::set<void*> walk() {
    std::set<void*> seen;
    const StoppedWorld pause(self());
    for_each_page(world(), [&seen](Page& page) TM_NO_THREAD_SAFETY_ANALYSIS {
      for_each_live_block(page, [&seen](Page& its_page, std::uint32_t index) {
        EXPECT_TRUE(seen.insert(its_page.block(index)).second);
      });
    });
    return seen;
  }

  std::size_t count_pages() {
    std::set<Page*> pages;
    const StoppedWorld pause(self());
    for_each_page(world(),
                  [&pages](Page& page) { EXPECT_TRUE(pages.insert(&page).second); });
    return pages.size();
  }
};

TEST_F(HeapWalkTest, an_empty_world_has_no_pages_and_no_blocks) {
  EXPECT_EQ(count_pages(), 0u);
  EXPECT_TRUE(walk().empty());
}

TEST_F(HeapWalkTest, live_blocks_are_visited_once_each) {
  std::set<void*> live;
  for (std::size_t bytes = 16; bytes <= kMaxObjectBytes; bytes += 8)
    for (int i = 0; i < 20; ++i) live.insert(make_block(bytes));
  EXPECT_EQ(walk(), live);
  EXPECT_EQ(count_pages(), arena().pages_in_use());
}

TEST_F(HeapWalkTest, a_block_under_construction_is_not_visited) {
  void* complete = make_block(64);
  void* under_construction = heap().allocate(64);
  EXPECT_EQ(walk(), std::set<void*>{complete});
  liveness_of(under_construction).store(block_state::kLive, relaxed);
  EXPECT_EQ(walk(), (std::set<void*>{complete, under_construction}));
}

TEST_F(HeapWalkTest, a_dying_block_is_not_visited_before_it_is_free) {
  void* survivor = make_block(64);
  void* dying = make_block(64);
  liveness_of(dying).store(block_state::kDead, relaxed);
  EXPECT_EQ(walk(), std::set<void*>{survivor});
  end_block(dying);
  EXPECT_EQ(walk(), std::set<void*>{survivor});
}

TEST_F(HeapWalkTest, blocks_that_another_thread_freed_are_not_visited) {
  void* survivor = make_block(64);
  void* freed = make_block(64);
  {
    Companion other(world());
    other.run([freed] { end_block_now(freed); });
  }
  EXPECT_EQ(walk(), std::set<void*>{survivor});
}

TEST_F(HeapWalkTest, a_recycled_page_has_no_live_blocks_of_its_earlier_life) {
  void* block = heap().allocate(64);
  Page& page = page_of(block);
  for (std::uint32_t i = 0; i < page.block_count; ++i)
    page.liveness(i).store(block_state::kLive, relaxed);
  heap().free(block);
  {
    const StoppedWorld pause(self());
    heap().flush_quarantine();
    heap().tidy_in_pause();
  }
  EXPECT_TRUE(walk().empty());
  void* again = make_block(64);
  ASSERT_EQ(&page_of(again), &page);
  EXPECT_EQ(walk(), std::set<void*>{again});
}

TEST_F(HeapWalkTest, blocks_of_an_exited_thread_are_visited) {
  void* mine = make_block(64);
  void* left_behind = nullptr;
  {
    Companion visitor(world());
    visitor.run([&left_behind] { left_behind = make_block(200); });
  }
  ASSERT_NE(&page_of(mine), &page_of(left_behind));
  EXPECT_EQ(walk(), (std::set<void*>{mine, left_behind}));
}

TEST_F(HeapWalkTest, what_is_visited_is_what_lives_after_random_steps) {
  constexpr std::uint64_t kSeed = 47;
  constexpr int kWalks = 40;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Random random(kSeed);
  std::vector<void*> live;
  for (int i = 0; i < kWalks; ++i) {
    for (int step = 0; step < 500; ++step) {
      if (live.empty() || random.below(5) < 3) {
        live.push_back(make_block(16 + random.below(kMaxObjectBytes - 15)));
        ASSERT_NE(live.back(), nullptr);
      } else {
        std::swap(live[random.below(live.size())], live.back());
        end_block(live.back());
        live.pop_back();
      }
    }
    if (random.below(4) == 0) {
      const StoppedWorld pause(self());
      heap().flush_quarantine();
      heap().tidy_in_pause();
    }
    ASSERT_EQ(walk(), std::set<void*>(live.begin(), live.end()));
  }
}

}  // namespace
}  // namespace threadmill
