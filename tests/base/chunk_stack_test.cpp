// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/chunk_stack.hpp"

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"

namespace threadmill {
namespace {

// 510 pointers fill a chunk.
constexpr int kChunk = 510;

std::vector<int> numbers(int count) {
  std::vector<int> all(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) all[static_cast<std::size_t>(i)] = i;
  return all;
}

void push_all(ChunkStack<int>& stack, std::vector<int>& items) {
  for (int& item : items) ASSERT_TRUE(stack.push(&item));
}

TEST(ChunkStack, a_new_stack_is_empty) {
  ChunkStack<int> stack;
  EXPECT_TRUE(stack.empty());
  EXPECT_EQ(stack.size(), 0u);
  EXPECT_EQ(stack.pop(), nullptr);
}

class ChunkStackOf : public testing::TestWithParam<int> {};

TEST_P(ChunkStackOf, what_was_pushed_last_comes_first) {
  std::vector<int> items = numbers(GetParam());
  ChunkStack<int> stack;
  push_all(stack, items);
  EXPECT_EQ(stack.size(), items.size());
  for (std::size_t left = items.size(); left > 0; --left) {
    EXPECT_EQ(stack.size(), left);
    EXPECT_FALSE(stack.empty());
    EXPECT_EQ(stack.pop(), &items[left - 1]);
  }
  EXPECT_TRUE(stack.empty());
  EXPECT_EQ(stack.pop(), nullptr);
}

TEST_P(ChunkStackOf, for_each_visits_everything_from_the_top) {
  std::vector<int> items = numbers(GetParam());
  ChunkStack<int> stack;
  push_all(stack, items);
  std::size_t left = items.size();
  stack.for_each([&](int* item) {
    ASSERT_GT(left, 0u);
    EXPECT_EQ(item, &items[--left]);
  });
  EXPECT_EQ(left, 0u);
}

TEST_P(ChunkStackOf, a_stack_that_was_emptied_can_be_filled_again) {
  std::vector<int> items = numbers(GetParam());
  ChunkStack<int> stack;
  for (int round = 0; round < 3; ++round) {
    push_all(stack, items);
    for (std::size_t i = items.size(); i > 0; --i)
      EXPECT_EQ(stack.pop(), &items[i - 1]);
    EXPECT_EQ(stack.pop(), nullptr);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sizes,
    ChunkStackOf,
    testing::Values(1, kChunk - 1, kChunk, kChunk + 1, 2 * kChunk, 2 * kChunk + 1));

TEST(ChunkStack, steps_across_a_chunk_boundary_lose_nothing) {
  std::vector<int> items = numbers(kChunk + 1);
  ChunkStack<int> stack;
  push_all(stack, items);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(stack.pop(), &items[kChunk]);
    EXPECT_EQ(stack.pop(), &items[kChunk - 1]);
    int visited = 0;
    stack.for_each([&](int*) { ++visited; });
    EXPECT_EQ(visited, kChunk - 1);
    ASSERT_TRUE(stack.push(&items[kChunk - 1]));
    ASSERT_TRUE(stack.push(&items[kChunk]));
  }
  EXPECT_EQ(stack.size(), items.size());
}

TEST(ChunkStack, behaves_like_a_vector_under_random_use) {
  constexpr std::uint64_t kSeed = 11;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Random random(kSeed);
  std::vector<int> items = numbers(4 * kChunk);
  std::vector<int*> model;
  ChunkStack<int> stack;
  bool growing = true;
  for (int step = 0; step < 50'000; ++step) {
    if (model.size() == items.size()) growing = false;
    if (model.empty()) growing = true;
    if ((random.below(8) != 0) == growing && model.size() < items.size()) {
      int* item = &items[random.below(items.size())];
      ASSERT_TRUE(stack.push(item));
      model.push_back(item);
    } else {
      ASSERT_EQ(stack.pop(), model.empty() ? nullptr : model.back());
      if (!model.empty()) model.pop_back();
    }
    ASSERT_EQ(stack.size(), model.size());
  }
}

}  // namespace
}  // namespace threadmill
