// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/heap.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/thread/safepoint.hpp"
#include "tests/memory/memory_world.hpp"
#include "tests/thread/companion.hpp"

namespace threadmill {
namespace {

class HeapTest : public MemoryTest {
 protected:
  using MemoryTest::MemoryTest;

  // The blocks of `pages` pages, all of them, in the order of taking.
  std::vector<void*> fill_pages(std::size_t bytes, std::size_t pages) {
    const std::size_t before = arena().pages_in_use();
    std::vector<void*> blocks{make_block(bytes)};
    const std::size_t count = pages * page_of(blocks[0]).block_count;
    while (blocks.size() < count) blocks.push_back(make_block(bytes));
    EXPECT_EQ(arena().pages_in_use(), before + pages);
    return blocks;
  }

  // Takes `count` blocks and expects that the heap has room for them.
  std::set<void*> take_without_growth(std::size_t bytes, std::size_t count) {
    const int before = memory_.growths;
    std::set<void*> blocks;
    for (std::size_t i = 0; i < count; ++i)
      EXPECT_TRUE(blocks.insert(make_block(bytes)).second);
    EXPECT_EQ(memory_.growths, before);
    return blocks;
  }

  void tidy_everything() {
    const StoppedWorld pause(self());
    world().for_each_slot([](Slot& slot) { slot.heap->flush_quarantine(); });
    world().for_each_slot([](Slot& slot) { slot.heap->tidy_in_pause(); });
  }
};

std::set<void*> as_set(const std::vector<void*>& blocks) {
  return {blocks.begin(), blocks.end()};
}

// As many of one full page, from `first` on, as make it worth allocating from (H1).
std::vector<void*> enough_of(const std::vector<void*>& blocks, std::size_t first) {
  const Page& page = page_of(blocks[first]);
  const auto begin = blocks.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + (page.block_count - page.most_in_use)};
}

void end_all_now(const std::vector<void*>& blocks) {
  for (void* block : blocks) end_block_now(block);
}

// --- one thread ---

TEST_F(HeapTest, every_size_gets_a_block_of_its_class_in_a_page_of_the_heap) {
  for (std::size_t bytes = 1; bytes <= kMaxObjectBytes; ++bytes) {
    void* block = heap().allocate(bytes);
    ASSERT_NE(block, nullptr);
    Page& page = page_of(block);
    EXPECT_EQ(page.heap, &heap());
    EXPECT_EQ(page.size_class, size_class_of(bytes));
    EXPECT_EQ(page.block(page.index_of(block)), block);
    EXPECT_TRUE(arena().may_be_block(block));
    end_block_now(block);
  }
  EXPECT_EQ(arena().pages_in_use(), kSizeClasses);
}

TEST_F(HeapTest, blocks_in_use_do_not_overlap) {
  std::vector<void*> blocks;
  std::vector<std::size_t> sizes;
  for (const std::size_t bytes : kClassBytes) {
    for (int i = 0; i < 150; ++i) {
      blocks.push_back(make_block(bytes));
      sizes.push_back(bytes);
      fill(blocks.back(), bytes, blocks.size() * 0x9e3779b97f4a7c15u);
    }
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    ASSERT_TRUE(is_filled(blocks[i], sizes[i], (i + 1) * 0x9e3779b97f4a7c15u));
    ASSERT_EQ(block_word(blocks[i]).load(relaxed), self().self_word + 1);
  }
  EXPECT_EQ(as_set(blocks).size(), blocks.size());
}

TEST_F(HeapTest, the_block_freed_last_is_taken_first) {
  std::vector<void*> blocks;
  for (int i = 0; i < 10; ++i) blocks.push_back(make_block(64));
  for (void* block : blocks) end_block(block);
  heap().flush_quarantine();
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
    EXPECT_EQ(make_block(64), *block);
}

TEST_F(HeapTest, a_freed_block_serves_its_own_class_only) {
  void* block = make_block(64);
  end_block_now(block);
  EXPECT_NE(make_block(56), block);
  EXPECT_NE(make_block(72), block);
  EXPECT_EQ(make_block(64), block);
}

TEST_F(HeapTest, the_first_words_of_a_fresh_block_are_those_of_nobodys_header) {
  for (const std::size_t bytes : kClassBytes) {
    for (int i = 0; i < 200; ++i) {
      void* block = heap().allocate(bytes);
      ASSERT_EQ(owner_of(block), 0u);
      ASSERT_EQ(second_word(block).load(relaxed), 0u);
    }
  }
}

TEST_F(HeapTest, blocks_of_a_recycled_page_are_fresh_again) {
  constexpr std::uint64_t kOld = 0xfeed'feed'feed'feed;
  for (void* block : fill_pages(32, 1)) {
    second_word(block).store(kOld, relaxed);
    fill(block, 32, kOld);
    end_block(block);
  }
  tidy_everything();
  ASSERT_EQ(arena().pages_in_use(), 0u);
  for (int i = 0; i < 2000; ++i) {
    void* block = heap().allocate(16);
    ASSERT_EQ(owner_of(block), 0u);
    ASSERT_EQ(second_word(block).load(relaxed), 0u);
  }
}

TEST_F(HeapTest, a_late_reader_finds_owner_zero_after_a_free) {
  std::vector<void*> blocks = fill_pages(48, 1);
  constexpr std::uint64_t kSeed = 7;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Random random(kSeed);
  for (void*& block : blocks) std::swap(block, blocks[random.below(blocks.size())]);
  for (void* block : blocks) {
    second_word(block).store(3, relaxed);
    end_block(block);
    ASSERT_EQ(owner_of(block), 0u);
    ASSERT_LT(link_of(block), kPageBytes);
  }
  heap().flush_quarantine();
  for (void* block : blocks) {
    ASSERT_EQ(owner_of(block), 0u);
    ASSERT_LT(link_of(block), kPageBytes);
    ASSERT_EQ(second_word(block).load(relaxed), 3u) << "the second word stays";
  }
}

TEST_F(HeapTest, a_reused_block_has_the_words_that_death_left) {
  void* block = make_block(48);
  second_word(block).store(3, relaxed);
  end_block_now(block);
  ASSERT_EQ(heap().allocate(48), block);
  EXPECT_EQ(owner_of(block), 0u);
  EXPECT_LT(link_of(block), kPageBytes);
  EXPECT_EQ(second_word(block).load(relaxed), 3u);
}

TEST_F(HeapTest, a_page_is_used_up_before_the_next_one_is_taken) {
  for (const std::size_t bytes : kClassBytes) {
    SCOPED_TRACE(testing::Message() << "blocks of " << bytes);
    const std::size_t before = arena().pages_in_use();
    const std::vector<void*> blocks = fill_pages(bytes, 1);
    Page& page = page_of(blocks[0]);
    for (void* block : blocks) ASSERT_EQ(&page_of(block), &page);
    EXPECT_EQ(as_set(blocks).size(), page.block_count);
    EXPECT_EQ(page.in_use, page.block_count);
    EXPECT_NE(&page_of(make_block(bytes)), &page);
    EXPECT_EQ(arena().pages_in_use(), before + 2);
  }
}

TEST_F(HeapTest, an_eighth_freed_of_a_full_page_is_found_before_the_heap_grows) {
  const std::vector<void*> blocks = fill_pages(256, 3);
  const std::size_t count = blocks.size() / 3;
  for (const std::size_t first : {std::size_t{0}, count + count / 2, 2 * count}) {
    const std::vector<void*> freed = enough_of(blocks, first);
    EXPECT_EQ(freed.size(), count / 8);
    end_all_now(freed);
    EXPECT_EQ(take_without_growth(256, freed.size()), as_set(freed));
  }
  EXPECT_EQ(arena().pages_in_use(), 3u);
}

TEST_F(HeapTest, less_of_a_full_page_waits_for_more) {
  const std::vector<void*> blocks = fill_pages(256, 2);
  std::vector<void*> freed = enough_of(blocks, 0);
  end_all_now({freed.begin() + 1, freed.end()});
  EXPECT_NE(&page_of(make_block(256)), &page_of(blocks[0]));
  EXPECT_EQ(arena().pages_in_use(), 3u);
}

TEST_F(HeapTest, everything_freed_in_full_pages_is_found_before_the_heap_grows) {
  const std::vector<void*> blocks = fill_pages(256, 4);
  for (void* block : blocks) end_block(block);
  heap().flush_quarantine();
  EXPECT_EQ(take_without_growth(256, blocks.size()), as_set(blocks));
}

TEST_F(HeapTest, growth_is_announced_once_per_page) {
  for (int pages = 1; pages <= 5; ++pages) {
    fill_pages(512, 1);
    EXPECT_EQ(memory_.growths, pages);
  }
}

TEST_F(HeapTest, what_the_growth_hook_frees_is_used_instead_of_a_page) {
  std::vector<void*> blocks = fill_pages(512, 2);
  const std::vector<void*> freed = enough_of(blocks, 7);
  memory_.on_growth = [&freed](Slot&) { end_all_now(freed); };
  EXPECT_EQ(make_block(512), freed.back());
  EXPECT_EQ(arena().pages_in_use(), 2u);
}

TEST_F(HeapTest, the_growth_hook_may_tidy) {
  for (void* block : fill_pages(512, 2)) end_block(block);
  fill_pages(64, 1);
  memory_.on_growth = [this](Slot&) { tidy_everything(); };
  ASSERT_NE(make_block(64), nullptr);
  EXPECT_EQ(arena().pages_in_use(), 2u);
}

// A collection runs finalizers, which allocate and free.
TEST_F(HeapTest, the_growth_hook_may_allocate) {
  std::vector<void*> blocks;
  bool inside = false;
  memory_.on_growth = [&](Slot&) {
    if (std::exchange(inside, true)) return;
    blocks = fill_pages(512, 1);
  };
  blocks.push_back(make_block(512));
  EXPECT_EQ(arena().pages_in_use(), 2u);
  EXPECT_EQ(as_set(blocks).size(), blocks.size());
}

TEST_F(HeapTest, blocks_that_the_growth_hook_took_and_freed_are_used) {
  bool inside = false;
  memory_.on_growth = [&](Slot&) {
    if (std::exchange(inside, true)) return;
    for (void* block : fill_pages(512, 1)) end_block(block);
    heap().flush_quarantine();
  };
  ASSERT_NE(make_block(512), nullptr);
  EXPECT_EQ(arena().pages_in_use(), 1u);
}

class SmallHeapTest : public HeapTest {
 protected:
  SmallHeapTest() : HeapTest(2 * kPageBytes) {}
};

TEST_F(SmallHeapTest, a_full_arena_gives_null_until_something_is_freed) {
  std::vector<void*> blocks = fill_pages(1024, 2);
  EXPECT_EQ(heap().allocate(1024), nullptr);
  EXPECT_EQ(heap().allocate(16), nullptr);
  EXPECT_EQ(heap().allocate(1024), nullptr);
  end_block_now(blocks[3]);
  EXPECT_EQ(make_block(1024), blocks[3]);
  EXPECT_EQ(heap().allocate(1024), nullptr);
}

TEST_F(SmallHeapTest, a_tidied_page_serves_another_class) {
  const std::vector<void*> blocks = fill_pages(1024, 2);
  for (void* block : blocks)
    if (&page_of(block) == &page_of(blocks[0])) end_block(block);
  heap().flush_quarantine();
  EXPECT_EQ(heap().allocate(16), nullptr);
  tidy_everything();
  void* small = make_block(16);
  ASSERT_NE(small, nullptr);
  EXPECT_EQ(&page_of(small), &page_of(blocks[0]));
  EXPECT_EQ(page_of(small).block_bytes, 16u);
}

// --- other threads ---

TEST_F(HeapTest, remote_free_returns_block_to_its_owner) {
  const std::vector<void*> blocks = fill_pages(128, 1);
  const std::vector<void*> freed = enough_of(blocks, blocks.size() / 3);
  Companion other(world());
  other.run([&freed] { end_all_now(freed); });
  EXPECT_EQ(take_without_growth(128, freed.size()), as_set(freed));
  EXPECT_EQ(page_of(blocks[0]).in_use, blocks.size());
}

TEST_F(HeapTest, remote_free_leaves_owner_zero_and_the_second_word) {
  const std::vector<void*> blocks = fill_pages(128, 1);
  for (void* block : blocks) second_word(block).store(3, relaxed);
  Companion other(world());
  other.run([&blocks] {
    for (void* block : blocks) end_block(block);
    current()->heap->flush_quarantine();
  });
  for (void* block : blocks) {
    ASSERT_EQ(owner_of(block), 0u);
    ASSERT_LT(link_of(block), kPageBytes);
    ASSERT_EQ(second_word(block).load(relaxed), 3u);
  }
  void* taken = make_block(128);
  for (void* block : blocks) {
    if (block == taken) continue;
    ASSERT_EQ(owner_of(block), 0u);
    ASSERT_LT(link_of(block), kPageBytes);
  }
}

TEST_F(HeapTest, remote_free_gives_nothing_to_the_thread_that_frees) {
  const std::vector<void*> blocks = fill_pages(128, 1);
  Companion other(world());
  other.run([&blocks] {
    for (void* block : blocks) end_block(block);
    current()->heap->flush_quarantine();
    for (std::size_t i = 0; i < 2 * blocks.size(); ++i) {
      void* own = make_block(128);
      ASSERT_EQ(page_of(own).heap, current()->heap);
    }
  });
  EXPECT_EQ(take_without_growth(128, blocks.size()), as_set(blocks));
}

TEST_F(HeapTest, remote_frees_in_many_pages_all_come_back_round_after_round) {
  const std::vector<void*> blocks = fill_pages(512, 6);
  Companion other(world());
  for (int round = 0; round < 5; ++round) {
    other.run([&blocks] {
      for (void* block : blocks) end_block(block);
      current()->heap->flush_quarantine();
    });
    ASSERT_EQ(take_without_growth(512, blocks.size()), as_set(blocks));
  }
  EXPECT_EQ(arena().pages_in_use(), 6u);
}

TEST_F(HeapTest, remote_frees_of_one_class_are_taken_back_by_growth_of_another) {
  const std::vector<void*> blocks = fill_pages(512, 2);
  Companion other(world());
  other.run([&blocks] {
    for (void* block : blocks) end_block(block);
    current()->heap->flush_quarantine();
  });
  ASSERT_NE(make_block(64), nullptr);
  EXPECT_EQ(page_of(blocks[0]).in_use, 0u);
  EXPECT_EQ(page_of(blocks.back()).in_use, 0u);
  EXPECT_EQ(take_without_growth(512, blocks.size()), as_set(blocks));
}

TEST_F(HeapTest, two_threads_may_free_into_the_same_pages_at_once) {
  constexpr int kRounds = 20 * kEffort;
  const std::vector<void*> blocks = fill_pages(256, 2);
  Companion even(world());
  Companion odd(world());
  for (int round = 0; round < kRounds; ++round) {
    const auto free_half = [&blocks](std::size_t first) {
      for (std::size_t i = first; i < blocks.size(); i += 2) end_block(blocks[i]);
      current()->heap->flush_quarantine();
    };
    even.start([&] { free_half(0); });
    odd.start([&] { free_half(1); });
    even.wait();
    odd.wait();
    ASSERT_EQ(take_without_growth(256, blocks.size()), as_set(blocks));
  }
}

// The owner takes back while the other one frees: no block is lost between the two
// lists, and none is handed out twice (G2). As many as a page has are always free, so that
// there is a page worth allocating from (H1).
TEST_F(HeapTest, no_block_is_lost_when_the_owner_takes_back_during_remote_frees) {
  constexpr int kRounds = 20 * kEffort;
  std::vector<void*> blocks = fill_pages(256, 3);
  const std::size_t all = blocks.size();
  const std::size_t free_always = all / 3;
  memory_.on_growth = [](Slot&) { FAIL() << "a freed block was not found"; };
  {
    Companion other(world());
    for (int round = 0; round < kRounds; ++round) {
      std::atomic<std::size_t> freed{all - blocks.size()};
      other.start([&] {
        for (void* block : blocks) {
          end_block_now(block);
          freed.fetch_add(1);
        }
      });
      std::set<void*> taken;
      while (taken.size() < all - free_always) {
        wait_until([&] { return freed.load() > taken.size() + free_always; });
        ASSERT_TRUE(taken.insert(make_block(256)).second);
      }
      other.wait();
      blocks.assign(taken.begin(), taken.end());
    }
  }
  end_all_now(blocks);
  EXPECT_EQ(arena().pages_in_use(), 3u);
  tidy_everything();
  EXPECT_EQ(arena().pages_in_use(), 0u);
}

// Only the heap orders what the threads write: the owner asks for blocks until they come.
TEST_F(SmallHeapTest, the_last_use_of_a_block_happens_before_its_next_one) {
  constexpr int kRounds = 20 * kEffort;
  const std::vector<void*> blocks = fill_pages(1024, 2);
  Companion even(world());
  Companion odd(world());
  for (int round = 0; round < kRounds; ++round) {
    const auto free_half = [&blocks](std::size_t first) {
      for (std::size_t i = first; i < blocks.size(); i += 2) {
        fill(blocks[i], 1024, i);
        end_block_now(blocks[i]);
      }
    };
    even.start([&] { free_half(0); });
    odd.start([&] { free_half(1); });
    std::set<void*> taken;
    wait_until([&] {
      while (void* block = make_block(1024)) {
        fill(block, 1024, ~std::uint64_t{0});
        EXPECT_TRUE(taken.insert(block).second);
      }
      return taken.size() >= blocks.size();
    });
    even.wait();
    odd.wait();
    ASSERT_EQ(taken, as_set(blocks));
  }
}

TEST_F(HeapTest, the_next_holder_of_a_slot_inherits_its_heap) {
  std::vector<void*> blocks;
  Slot* slot;
  {
    Companion first(world());
    slot = &first.slot();
    first.run([&] { blocks = fill_pages(512, 2); });
  }
  std::vector<void*> freed = enough_of(blocks, 5);
  end_all_now(freed);  // of a vacant slot
  Companion second(world());
  ASSERT_EQ(&second.slot(), slot);
  second.run([&] {
    freed.push_back(blocks[0]);
    end_block_now(blocks[0]);
    EXPECT_EQ(take_without_growth(512, freed.size()), as_set(freed));
  });
}

TEST_F(HeapTest, a_late_reader_never_finds_a_header_that_is_neither_dead_nor_owned) {
  constexpr std::uint64_t kSeed = 53;
  constexpr int kRounds = 300 * kEffort;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::vector<void*> blocks = fill_pages(1024, 1);
  const std::vector<void*> addresses = blocks;
  const std::uint64_t live = self().self_word + 1;
  std::atomic<bool> done{false};
  std::atomic<int> broken{0};
  Companion reader(world());
  Companion freer(world());
  reader.start([&] {
    Random random(mix_seed(kSeed, 1));
    while (!done.load(std::memory_order_relaxed)) {
      for (int i = 0; i < 100; ++i) {
        void* block = addresses[random.below(addresses.size())];
        const std::uint64_t word = block_word(block).load(relaxed);
        if (word != live && word >= kPageBytes) ++broken;
      }
      std::this_thread::yield();
    }
  });
  Random random(mix_seed(kSeed, 0));
  for (int round = 0; round < kRounds; ++round) {
    const std::size_t count = blocks.size() / 8 + random.below(20);
    std::vector<void*> ending;
    for (std::size_t i = 0; i < count; ++i) {
      std::swap(blocks[random.below(blocks.size())], blocks.back());
      ending.push_back(blocks.back());
      blocks.pop_back();
    }
    const auto end_all = [&ending] {
      for (void* block : ending) end_block(block);
      current()->heap->flush_quarantine();
    };
    if (random.below(2) == 0) {
      end_all();
    } else {
      freer.run(end_all);
    }
    for (std::size_t i = 0; i < count; ++i) blocks.push_back(make_block(1024));
  }
  done.store(true);
  reader.wait();
  EXPECT_EQ(broken, 0);
  EXPECT_EQ(as_set(blocks), as_set(addresses));
}

// --- pauses ---

TEST_F(HeapTest, tidying_gives_empty_pages_back) {
  std::vector<void*> blocks;
  for (const std::size_t bytes : {16u, 136u, 1024u})
    for (void* block : fill_pages(bytes, 3)) blocks.push_back(block);
  ASSERT_EQ(arena().pages_in_use(), 9u);
  for (void* block : blocks) end_block(block);
  tidy_everything();
  EXPECT_EQ(arena().pages_in_use(), 0u);
  heap().for_each_page([](Page&) { FAIL() << "a page that was given back"; });
}

TEST_F(HeapTest, tidying_keeps_pages_that_have_a_block_in_use) {
  constexpr std::uint64_t kStamp = 0x0123'4567'89ab'cdef;
  const std::vector<void*> blocks = fill_pages(256, 5);
  void* survivors[] = {blocks.front(), blocks.back()};
  for (void* block : survivors) fill(block, 256, kStamp);
  for (void* block : blocks)
    if (block != survivors[0] && block != survivors[1]) end_block(block);
  tidy_everything();
  EXPECT_EQ(arena().pages_in_use(), 2u);
  for (void* block : survivors) {
    EXPECT_EQ(block_word(block).load(relaxed), self().self_word + 1);
    EXPECT_TRUE(is_filled(block, 256, kStamp));
  }
}

TEST_F(HeapTest, after_tidying_every_free_block_is_found_before_the_heap_grows) {
  constexpr std::uint64_t kSeed = 59;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Random random(kSeed);
  for (const std::size_t bytes : {24u, 200u, 1024u}) {
    std::vector<void*> blocks = fill_pages(bytes, 4);
    blocks.push_back(make_block(bytes));  // a fifth page, nearly all fresh
    const std::size_t page_blocks = page_of(blocks[0]).block_count;
    std::size_t in_use = blocks.size();
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      // The first block of each page keeps it in use.
      if (i % page_blocks == 0 || random.below(2) == 0) continue;
      end_block(blocks[i]);
      --in_use;
    }
    tidy_everything();
    take_without_growth(bytes, 5 * page_blocks - in_use);
    const int before = memory_.growths;
    make_block(bytes);
    EXPECT_EQ(memory_.growths, before + 1);
  }
}

TEST_F(HeapTest, a_page_that_was_full_when_tidied_is_found_after_frees) {
  const std::vector<void*> blocks = fill_pages(256, 3);
  tidy_everything();
  for (const std::size_t first : {std::size_t{0}, blocks.size() / 2}) {
    const std::vector<void*> freed = enough_of(blocks, first);
    end_all_now(freed);
    EXPECT_EQ(take_without_growth(256, freed.size()), as_set(freed));
  }
}

TEST_F(HeapTest, tidying_takes_back_what_others_freed) {
  const std::vector<void*> blocks = fill_pages(256, 3);
  {
    Companion other(world());
    other.run([&blocks] {
      for (std::size_t i = 1; i < blocks.size(); ++i) end_block(blocks[i]);
    });
  }
  tidy_everything();
  EXPECT_EQ(arena().pages_in_use(), 1u);
  EXPECT_EQ(page_of(blocks[0]).in_use, 1u);
}

TEST_F(HeapTest, tidying_twice_changes_nothing_and_the_heap_goes_on) {
  const std::vector<void*> blocks = fill_pages(256, 2);
  for (std::size_t i = 1; i < blocks.size(); i += 2) end_block(blocks[i]);
  tidy_everything();
  tidy_everything();
  EXPECT_EQ(arena().pages_in_use(), 2u);
  take_without_growth(256, blocks.size() / 2);
}

TEST_F(HeapTest, a_freed_block_waits_in_quarantine_where_there_is_one) {
  void* block = make_block(64);
  end_block(block);
  if constexpr (kReusesLate) {
    EXPECT_NE(make_block(64), block);
    EXPECT_NE(make_block(64), block);
    heap().flush_quarantine();
  }
  EXPECT_EQ(make_block(64), block);
}

TEST_F(HeapTest, a_long_quarantine_frees_its_oldest_block_first) {
  if constexpr (kReusesLate) {
    std::vector<void*> blocks;
    for (int i = 0; i < 1000; ++i) blocks.push_back(make_block(64));
    for (void* block : blocks) end_block(block);
    // Those that had to make room were freed in the order of their death.
    const auto last = std::find(blocks.begin(), blocks.end(), make_block(64));
    ASSERT_NE(last, blocks.end());
    EXPECT_NE(last, blocks.end() - 1);
    for (auto block = last; block != blocks.begin();)
      ASSERT_EQ(make_block(64), *--block);
  }
}

using HeapDeathTest = HeapTest;

TEST_F(HeapDeathTest, the_payload_of_a_dead_block_may_not_be_read_but_its_header_may) {
  if constexpr (kAddressSanitizer) {
    auto* block = static_cast<volatile char*>(make_block(64));
    end_block(const_cast<char*>(block));
    EXPECT_EQ(block[15], 0);
    EXPECT_DEATH((void)block[16], "use-after-poison");
    EXPECT_DEATH((void)block[63], "use-after-poison");
    heap().flush_quarantine();
    EXPECT_DEATH((void)block[16], "use-after-poison");
    ASSERT_EQ(make_block(64), block);
    block[16] = 1;
    block[63] = 1;
  }
}

TEST_F(HeapDeathTest, a_write_to_the_header_of_a_free_block_is_noticed) {
  if (kChecks < 1) GTEST_SKIP() << "this build has no asserts";
  void* block = make_block(64);
  end_block(block);
  heap().flush_quarantine();
  block_word(block).store(1, relaxed);  // as a decref would that came too late
  EXPECT_DEATH((make_block(64), make_block(64)), "free-links-stay-in-page");
}

// --- random steps ---

// The heap is compared with the least it must know: which blocks are in use. Where none
// is free it may grow, and only there.
TEST_F(HeapTest, the_heap_grows_only_when_less_than_an_eighth_of_the_class_is_free) {
  constexpr std::uint64_t kSeed = 61;
  constexpr int kSteps = 6000 * kEffort;
  constexpr std::size_t kSizes[] = {256, 400, 512, 900, 1024};
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Random random(kSeed);
  Companion other(world());
  std::map<std::size_t, std::vector<void*>> in_use;
  std::map<std::size_t, std::size_t> capacity;
  int growing = 0;  // 0: about as many takes as frees
  for (int step = 0; step < kSteps; ++step) {
    if (step % 500 == 0) growing = static_cast<int>(random.below(5)) - 2;
    const std::size_t bytes = kSizes[random.below(std::size(kSizes))];
    std::vector<void*>& blocks = in_use[bytes];
    if (blocks.empty() || static_cast<int>(random.below(10)) < 5 + growing) {
      const std::size_t pages = arena().pages_in_use();
      void* block = make_block(bytes);
      ASSERT_NE(block, nullptr);
      if (arena().pages_in_use() != pages) {
        ASSERT_EQ(arena().pages_in_use(), pages + 1);
        ASSERT_GE(blocks.size(), capacity[bytes] - capacity[bytes] / 8)
            << "step " << step;
        capacity[bytes] += page_of(block).block_count;
      }
      fill(block, bytes, reinterpret_cast<std::uintptr_t>(block) * 3);
      blocks.push_back(block);
    } else {
      std::swap(blocks[random.below(blocks.size())], blocks.back());
      void* block = blocks.back();
      blocks.pop_back();
      ASSERT_TRUE(is_filled(block, bytes, reinterpret_cast<std::uintptr_t>(block) * 3));
      if (random.below(8) == 0) {
        other.run([block] { end_block_now(block); });
      } else {
        end_block_now(block);
      }
    }
  }
}

struct Held {
  void* block;
  std::size_t bytes;
  std::uint64_t stamp;
};

// Blocks that one thread hands to another.
class Mailbox {
 public:
  void send(const Held& held) {
    const std::lock_guard guard(mutex_);
    letters_.push_back(held);
  }
  std::vector<Held> take_all() {
    const std::lock_guard guard(mutex_);
    return std::exchange(letters_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Held> letters_;
};

// Threads take, keep, hand on and free blocks; some stop the world and tidy, some leave
// and enter again. Whatever a thread holds is what its first holder wrote.
TEST_F(HeapTest, no_block_is_in_use_twice_whatever_threads_do) {
  constexpr std::uint64_t kSeed = 67;
  constexpr std::size_t kThreads = 4;
  constexpr int kSteps = 12'000 * kEffort;
  constexpr std::size_t kMostHeld = 300;
  constexpr std::size_t kSizes[] = {16, 24, 48, 136, 512, 1024};
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Mailbox mailboxes[kThreads];
  std::atomic<int> broken{0};
  std::atomic<int> refused{0};

  const auto end_checked = [&broken](const Held& held) {
    if (!is_filled(held.block, held.bytes, held.stamp)) ++broken;
    if (owner_of(held.block) == 0) ++broken;
    if (liveness_of(held.block).load(relaxed) != block_state::kLive) ++broken;
    end_block(held.block);
  };
  const auto run_thread = [&](std::size_t me) {
    Random random(mix_seed(kSeed, me));
    std::vector<Held> held;
    if (enter(world()) == nullptr) return;
    for (int step = 0; step < kSteps; ++step) {
      const std::uint64_t dice = random.below(100);
      if (dice < 50 && held.size() < kMostHeld) {
        std::size_t bytes = kSizes[random.below(std::size(kSizes))];
        if (random.below(4) == 0) bytes = 1 + random.below(kMaxObjectBytes);
        void* block = make_block(bytes);
        if (block == nullptr) {
          ++refused;
          continue;
        }
        held.push_back({block, bytes, random.next()});
        fill(block, bytes, held.back().stamp);
      } else if (dice < 70 && !held.empty()) {
        std::swap(held[random.below(held.size())], held.back());
        end_checked(held.back());
        held.pop_back();
      } else if (dice < 90 && !held.empty()) {
        std::swap(held[random.below(held.size())], held.back());
        mailboxes[random.below(kThreads)].send(held.back());
        held.pop_back();
      } else if (dice < 98) {
        for (const Held& letter : mailboxes[me].take_all()) {
          if (random.below(4) == 0) {
            held.push_back(letter);
          } else {
            end_checked(letter);
          }
        }
      } else if (dice < 99) {
        if (random.below(20) == 0) {
          const StoppedWorld pause(*current());
          world().for_each_slot([](Slot& slot) { slot.heap->flush_quarantine(); });
          world().for_each_slot([](Slot& slot) { slot.heap->tidy_in_pause(); });
        }
      } else if (random.below(20) == 0) {
        leave();
        if (enter(world()) == nullptr) return;
      }
      safepoint();
    }
    for (const Held& block : held) end_checked(block);
    leave();
  };
  {
    const Detached while_they_run;
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) threads.emplace_back(run_thread, i);
  }
  for (Mailbox& mailbox : mailboxes)
    for (const Held& letter : mailbox.take_all()) end_checked(letter);
  EXPECT_EQ(broken, 0);
  EXPECT_EQ(refused, 0);
  tidy_everything();
  EXPECT_EQ(arena().pages_in_use(), 0u);
}

}  // namespace
}  // namespace threadmill
