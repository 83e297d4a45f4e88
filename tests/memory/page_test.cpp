// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/page.hpp"

#include <cstring>

#include <gtest/gtest.h>

#include "runtime/memory/arena.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/memory/size_class.hpp"

namespace threadmill {
namespace {

// One page, laid out anew for each size class.
class PageTest : public testing::Test {
 protected:
  void SetUp() override {
    page_ = arena_.take_page();
    ASSERT_NE(page_, nullptr);
  }

  // A page keeps the address of its heap and does not look into it.
  [[nodiscard]] Heap& heap() { return *reinterpret_cast<Heap*>(&heap_place_); }

  template <class Check>
  void with_each_class(Check check) {
    for (std::uint32_t size_class = 0; size_class < kSizeClasses; ++size_class) {
      SCOPED_TRACE(testing::Message() << "blocks of " << kClassBytes[size_class]);
      prepare_page(*page_, heap(), size_class);
      check(*page_, size_class);
      if (HasFailure()) return;
    }
  }

  Arena arena_{kPageBytes};
  alignas(Heap) char heap_place_[sizeof(Heap)];
  Page* page_ = nullptr;
};

TEST_F(PageTest, a_prepared_page_knows_its_heap_and_its_class) {
  with_each_class([this](Page& page, std::uint32_t size_class) {
    EXPECT_EQ(page.heap, &heap());
    EXPECT_EQ(page.size_class, size_class);
    EXPECT_EQ(page.block_bytes, kClassBytes[size_class]);
  });
}

TEST_F(PageTest, a_prepared_page_has_nothing_of_its_earlier_life) {
  with_each_class([this](Page& page, std::uint32_t size_class) {
    std::memset(static_cast<void*>(&page), 0xff, kPageBytes);
    prepare_page(page, heap(), size_class);
    EXPECT_EQ(page.handed_out, 0u);
    EXPECT_EQ(page.in_use, 0u);
    EXPECT_EQ(page.free_list, 0u);
    EXPECT_FALSE(page.has_space_listed);
    EXPECT_EQ(page.with_space.next, nullptr);
    EXPECT_EQ(page.of_class.next, nullptr);
    EXPECT_EQ(page.remote.load(relaxed), 0u);
    EXPECT_EQ(page.next_with_remote, nullptr);
    for (std::uint32_t i = 0; i < page.block_count; ++i)
      ASSERT_EQ(page.liveness(i).load(relaxed), 0) << i;
  });
}

TEST_F(PageTest, header_liveness_and_blocks_do_not_overlap) {
  with_each_class([](Page& page, std::uint32_t) {
    ASSERT_GT(page.block_count, 0u);
    const auto* last_byte = &page.liveness(page.block_count - 1);
    EXPECT_GE(page.offset_of(&page.liveness(0)), sizeof(Page));
    EXPECT_LT(page.offset_of(last_byte), page.first_block);
    EXPECT_LE(page.first_block + page.block_count * page.block_bytes, kPageBytes);
  });
}

TEST_F(PageTest, only_offsets_of_blocks_are_blocks) {
  with_each_class([](Page& page, std::uint32_t) {
    std::uint32_t blocks = 0;
    for (std::uint32_t offset = 0; offset < 2 * kPageBytes; ++offset) {
      if (!page.is_block(offset)) continue;
      ASSERT_LT(blocks, page.block_count);
      ASSERT_EQ(offset, page.offset_of(page.block(blocks++)));
    }
    EXPECT_EQ(blocks, page.block_count);
  });
}

TEST_F(PageTest, no_further_block_would_fit) {
  with_each_class([](Page& page, std::uint32_t) {
    const std::size_t more = page.block_count + 1;
    const std::size_t first = (sizeof(Page) + more + 15) / 16 * 16;
    EXPECT_GT(first + more * page.block_bytes, kPageBytes);
  });
}

TEST_F(PageTest, blocks_follow_one_another_aligned_to_a_granule) {
  with_each_class([](Page& page, std::uint32_t) {
    EXPECT_EQ(page.first_block % 16, 0u);
    for (std::uint32_t i = 0; i < page.block_count; ++i) {
      const void* block = page.block(i);
      ASSERT_EQ(page.offset_of(block), page.first_block + i * page.block_bytes);
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block) % 8, 0u);
    }
  });
}

TEST_F(PageTest, the_index_of_every_block_of_every_class_is_its_own) {
  with_each_class([](Page& page, std::uint32_t) {
    for (std::uint32_t i = 0; i < page.block_count; ++i)
      ASSERT_EQ(page.index_of(page.block(i)), i);
  });
}

TEST_F(PageTest, an_offset_and_a_block_name_each_other) {
  with_each_class([](Page& page, std::uint32_t) {
    for (std::uint32_t i = 0; i < page.block_count; ++i) {
      void* block = page.block(i);
      ASSERT_EQ(page.block_at_offset(page.offset_of(block)), block);
      // What remote lists and free lists use for "none", and what fits a dead header.
      ASSERT_NE(page.offset_of(block), 0u);
      ASSERT_LT(page.offset_of(block), 1u << 16);
    }
  });
}

TEST_F(PageTest, the_page_of_every_byte_of_a_block_is_found_by_its_address) {
  with_each_class([](Page& page, std::uint32_t) {
    for (std::uint32_t i = 0; i < page.block_count; ++i) {
      const char* block = static_cast<char*>(page.block(i));
      ASSERT_EQ(&page_of(block), &page);
      ASSERT_EQ(&page_of(block + page.block_bytes - 1), &page);
    }
  });
}

TEST_F(PageTest, liveness_of_one_block_is_nobody_elses) {
  with_each_class([](Page& page, std::uint32_t) {
    for (std::uint32_t i = 0; i < page.block_count; ++i)
      page.liveness(i).store(static_cast<std::uint8_t>(i % 251), relaxed);
    for (std::uint32_t i = 0; i < page.block_count; ++i)
      ASSERT_EQ(page.liveness(i).load(relaxed), i % 251);
  });
}

TEST_F(PageTest, liveness_and_blocks_leave_the_header_alone) {
  with_each_class([this](Page& page, std::uint32_t size_class) {
    for (std::uint32_t i = 0; i < page.block_count; ++i) {
      page.liveness(i).store(1, relaxed);
      std::memset(page.block(i), 0xff, page.block_bytes);
    }
    EXPECT_EQ(page.heap, &heap());
    EXPECT_EQ(page.size_class, size_class);
    EXPECT_EQ(page.next_with_remote, nullptr);
    EXPECT_EQ(page.remote.load(relaxed), 0u);
    for (std::uint32_t i = 0; i < page.block_count; ++i)
      ASSERT_EQ(page.liveness(i).load(relaxed), 1);
  });
}

}  // namespace
}  // namespace threadmill
