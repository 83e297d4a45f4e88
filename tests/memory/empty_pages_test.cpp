// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/empty_pages.hpp"

#include <memory>
#include <vector>

#include "runtime/memory/held.hpp"
#include "runtime/thread/qsbr.hpp"
#include "runtime/thread/safepoint.hpp"
#include "tests/memory/memory_world.hpp"
#include "tests/thread/companion.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kBytes = 1024;
constexpr std::size_t kSpare = Heap::kSpare;

class EmptyPagesTest : public MemoryTest {
 protected:
  // Blocks that fill `pages` pages and begin another.
  [[nodiscard]] static std::vector<void*> fill_pages(std::size_t pages) {
    std::vector<void*> blocks;
    const Page* last = nullptr;
    for (std::size_t seen = 0; seen <= pages;) {
      void* block = make_block(kBytes);
      if (block == nullptr) break;
      blocks.push_back(block);
      if (&page_of(block) != last) ++seen;
      last = &page_of(block);
    }
    return blocks;
  }

  static void end_all(const std::vector<void*>& blocks) {
    for (void* block : blocks) end_block(block);
    current()->heap->flush_quarantine();
  }

  // Frees here what `other`, which is attached, has made, so that it is asked to take it
  // back.
  static void free_pages_of(Companion& other) {
    std::vector<void*> blocks;
    other.run([&] { blocks = fill_pages(8 * kSpare); });
    end_all(blocks);
    EXPECT_TRUE(other.slot().asked_for_pages.load(relaxed));
  }

  [[nodiscard]] std::size_t pages() { return arena().pages_in_use(); }

  // Enough for the pages of any test, which go a few at a time.
  void pass_safepoints() {
    for (int i = 0; i < 64; ++i) safepoint();
  }
};

TEST_F(EmptyPagesTest, few_are_kept) {
  end_all(fill_pages(kSpare));
  pass_safepoints();
  EXPECT_EQ(pages(), kSpare + 1);
}

TEST_F(EmptyPagesTest, those_beyond_go_back_while_threads_run) {
  const std::vector<void*> blocks = fill_pages(5 * kSpare);
  EXPECT_EQ(pages(), 5 * kSpare + 1);
  end_all(blocks);
  EXPECT_EQ(pages(), 5 * kSpare + 1) << "this thread may have read them";
  pass_safepoints();
  EXPECT_EQ(pages(), kSpare + 1);
  EXPECT_FALSE(self().gives_pages);
  EXPECT_EQ(world().pause_word.load(relaxed), 0u);
}

TEST_F(EmptyPagesTest, wait_for_a_reader_and_drive_no_epoch_meanwhile) {
  Companion reader(world());
  const std::vector<void*> first = fill_pages(3 * kSpare);
  const std::vector<void*> second = fill_pages(4 * kSpare);
  const std::size_t all = pages();
  const std::uint64_t epoch = world().epoch.load(relaxed);
  end_all(first);
  pass_safepoints();
  EXPECT_EQ(world().epoch.load(relaxed), epoch + 1);
  end_all(second);  // P1
  pass_safepoints();
  EXPECT_EQ(world().epoch.load(relaxed), epoch + 1);
  EXPECT_EQ(pages(), all);
  reader.poll();
  pass_safepoints();
  reader.poll();
  pass_safepoints();
  EXPECT_EQ(pages(), kSpare + 1);
}

// P2.
TEST_F(EmptyPagesTest, are_used_again_while_they_wait) {
  Companion reader(world());
  for (int round = 0; round < 10; ++round) {
    end_all(fill_pages(3 * kSpare));
    safepoint();
    ASSERT_LE(pages(), 3 * kSpare + 1) << "round " << round;
  }
  const std::vector<void*> blocks = fill_pages(3 * kSpare);
  reader.poll();
  pass_safepoints();
  for (void* block : blocks) ASSERT_EQ(owner_of(block), self().id);
  EXPECT_EQ(pages(), 3 * kSpare + 1);
  end_all(blocks);
}

TEST_F(EmptyPagesTest, stay_while_trash_is_cleared) {
  world().pages_stay.store(true, relaxed);
  end_all(fill_pages(3 * kSpare));
  pass_safepoints();
  EXPECT_EQ(pages(), 3 * kSpare + 1);
  world().pages_stay.store(false, relaxed);
  pass_safepoints();
  EXPECT_EQ(pages(), kSpare + 1);
}

TEST_F(EmptyPagesTest, are_given_back_by_a_thread_that_leaves) {
  Companion other(world());
  const Detached no_reader;
  other.run([&] {
    end_all(fill_pages(kSpare));
    leave();
    EXPECT_LE(arena().pages_in_use(), 1u) << "but for the one it allocates from";
    EXPECT_NE(enter(world()), nullptr);
  });
}

// gh-145615.
TEST_F(EmptyPagesTest, of_a_slot_without_holder_go_back_when_others_free_its_blocks) {
  std::vector<void*> blocks;
  Slot* slot;
  {
    Companion other(world());
    slot = &other.slot();
    other.run([&] { blocks = fill_pages(8 * kSpare); });
  }
  EXPECT_EQ(pages(), 8 * kSpare + 1);
  for (void* block : blocks) {
    end_block(block);
    safepoint();
  }
  heap().flush_quarantine();
  pass_safepoints();
  EXPECT_LE(pages(), 2 * Heap::kTellBytes / kPageBytes);
  EXPECT_EQ(slot->state.load(relaxed), slot_state::kVacant);
}

TEST_F(EmptyPagesTest, of_a_detached_holder_are_taken_over_but_for_the_spare_ones) {
  Companion other(world());
  std::vector<void*> blocks;
  other.run([&] { blocks = fill_pages(8 * kSpare); });
  std::atomic<bool> away{false};
  std::atomic<bool> back{false};
  other.start([&] {
    const Detached detached;
    away.store(true);
    wait_until([&] { return back.load(); });
  });
  wait_until([&] { return away.load(); });
  for (void* block : blocks) {
    end_block(block);
    safepoint();
  }
  heap().flush_quarantine();
  pass_safepoints();
  EXPECT_LE(pages(), kSpare + 2 * Heap::kTellBytes / kPageBytes);
  back.store(true);
  other.wait();
}

TEST_F(EmptyPagesTest, of_a_holder_that_allocates_no_more_go_back_when_it_is_asked) {
  Companion other(world());
  free_pages_of(other);
  for (int i = 0; i < 32; ++i) {
    safepoint();
    other.poll();
  }
  EXPECT_FALSE(other.slot().asked_for_pages.load(relaxed));
  EXPECT_LE(pages(), kSpare + 2 * Heap::kTellBytes / kPageBytes);
}

// H5 (heap.hpp).
TEST_F(EmptyPagesTest, of_a_holder_that_was_asked_go_back_as_it_detaches) {
  Companion other(world());
  free_pages_of(other);
  other.run([&] { const Detached detached; });
  EXPECT_FALSE(other.slot().asked_for_pages.load(relaxed));
  pass_safepoints();
  EXPECT_LE(pages(), kSpare + 2 * Heap::kTellBytes / kPageBytes);
}

// H6 (heap.hpp).
TEST_F(EmptyPagesTest, beyond_those_kept_are_not_taken_along_by_who_detaches) {
  Companion other(world());
  std::atomic<bool> away{false};
  std::atomic<bool> back{false};
  other.start([&] {
    end_all(fill_pages(4 * kSpare));  // this thread keeps them from going
    const Detached detached;
    away.store(true);
    wait_until([&] { return back.load(); });
  });
  wait_until([&] { return away.load(); });
  EXPECT_EQ(world().pages_in_limbo.load(relaxed), 3 * kSpare);
  safepoint();  // the epoch is new
  EXPECT_LT(world().pages_in_limbo.load(relaxed), 3 * kSpare);
  EXPECT_TRUE(self().gives_pages) << "this thread is the keeper now";
  pass_safepoints();
  EXPECT_EQ(world().pages_in_limbo.load(relaxed), 0U);
  EXPECT_FALSE(self().gives_pages);
  EXPECT_EQ(pages(), kSpare + 1);
  back.store(true);
  other.wait();
}

TEST_F(EmptyPagesTest, in_limbo_are_given_back_by_who_needs_a_page) {
  std::size_t before;
  {
    Companion reader(world());
    Companion other(world());
    other.run([&] { end_all(fill_pages(kSpare)); });
    // `reader` keeps them from going when `other` leaves.
    other.run([] { leave(); });
    before = world().pages_in_limbo.load(relaxed);
    EXPECT_GE(before, kSpare);
    other.run([&] { EXPECT_NE(enter(world()), nullptr); });
    reader.poll();
    note_quiescent(self());
    const std::vector<void*> blocks = fill_pages(2);
    EXPECT_LT(world().pages_in_limbo.load(relaxed), before);
    end_all(blocks);
  }
}

TEST_F(EmptyPagesTest, left_by_a_thread_whose_readers_lag_are_found_by_others) {
  {
    Companion reader(world());
    Companion other(world());
    other.run([&] { end_all(fill_pages(kSpare)); });
    // `reader` keeps them from going when `other` leaves.
  }
  EXPECT_GE(pages(), kSpare);
  const std::vector<void*> blocks = fill_pages(4);
  pass_safepoints();
  EXPECT_LE(pages(), blocks.size() * kBytes / (kPageBytes - 2 * kBytes) + 3);
}

TEST_F(EmptyPagesTest, in_limbo_have_one_keeper_among_those_who_look_in_vain) {
  Companion reader(world());
  Companion first(world());
  Companion second(world());
  {
    Companion leaver(world());
    leaver.run([&] { end_all(fill_pages(kSpare)); });
  }
  EXPECT_GE(world().pages_in_limbo.load(relaxed), kSpare);
  first.poll();
  second.poll();
  EXPECT_TRUE(first.slot().gives_pages);
  EXPECT_FALSE(second.slot().gives_pages);
  first.run([] { const Detached detached; });
  EXPECT_FALSE(first.slot().gives_pages);
  reader.poll();
  pass_safepoints();
  EXPECT_EQ(world().pages_in_limbo.load(relaxed), 0U);
}

// H3 (heap.hpp).
TEST_F(EmptyPagesTest, left_by_one_holder_are_given_back_by_the_next) {
  Slot* slot;
  {
    Companion first(world());
    slot = &first.slot();
    first.run([&] { end_all(fill_pages(kSpare)); });
    // This thread may read them: it keeps them from going when `first` leaves.
  }
  EXPECT_GE(pages(), kSpare);
  safepoint();
  {
    const Companion next(world());
    ASSERT_EQ(&next.slot(), slot);
  }
  EXPECT_LE(pages(), 1u) << "but for the one that `first` allocated from";
  EXPECT_EQ(measure_held_memory(self()).lost_pages, 0u);
}

}  // namespace
}  // namespace threadmill
