// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/buffer.hpp"

#include <cstdint>
#include <cstring>
#include <limits>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"
#include "tests/memory/memory_world.hpp"

namespace threadmill {
namespace {

struct Held {
  void* buffer;
  std::size_t bytes;
  unsigned char mark;
};

Held take(std::size_t bytes, unsigned char mark) {
  void* buffer = buffer_allocate(bytes);
  if (buffer != nullptr) std::memset(buffer, mark, bytes);
  return {buffer, bytes, mark};
}

bool is_intact(const Held& held) {
  const auto* byte = static_cast<const unsigned char*>(held.buffer);
  for (std::size_t i = 0; i < held.bytes; ++i)
    if (byte[i] != held.mark) return false;
  return true;
}

TEST(Buffer, every_size_is_writable_whole_and_nobody_elses) {
  std::vector<Held> all;
  for (std::size_t bytes = 1; bytes <= (std::size_t{1} << 22); bytes += bytes / 2 + 1)
    all.push_back(take(bytes, static_cast<unsigned char>(all.size() + 1)));
  for (const Held& held : all) {
    ASSERT_NE(held.buffer, nullptr) << held.bytes;
    EXPECT_TRUE(is_intact(held)) << held.bytes;
  }
  for (const Held& held : all) buffer_free(held.buffer, held.bytes);
}

TEST(Buffer, words_in_it_are_aligned) {
  std::vector<void*> buffers;
  for (std::size_t bytes = 8; bytes <= 4096; bytes += 8) {
    buffers.push_back(buffer_allocate(bytes));
    ASSERT_NE(buffers.back(), nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffers.back()) % 8, 0u) << bytes;
  }
  for (std::size_t i = 0; i < buffers.size(); ++i) buffer_free(buffers[i], 8 * (i + 1));
}

TEST(Buffer, null_may_be_freed) {
  buffer_free(nullptr, 0);
  buffer_free(nullptr, 64);
}

TEST(Buffer, a_size_that_nobody_has_gives_null) {
  EXPECT_EQ(buffer_allocate(std::numeric_limits<std::size_t>::max() / 4), nullptr);
}

// More than AddressSanitizer's quarantine in all.
TEST(Buffer, freed_memory_is_used_again) {
  constexpr std::size_t kBytes = std::size_t{1} << 18;
  constexpr std::size_t kRounds = 2048;
  std::set<void*> addresses;
  for (std::size_t i = 0; i < kRounds; ++i) {
    void* buffer = buffer_allocate(kBytes);
    ASSERT_NE(buffer, nullptr);
    addresses.insert(buffer);
    buffer_free(buffer, kBytes);
  }
  EXPECT_LT(addresses.size(), kRounds);
}

TEST(BufferDeathTest, a_freed_buffer_may_not_be_read) {
  if constexpr (kAddressSanitizer) {
    auto* buffer = static_cast<volatile char*>(buffer_allocate(64));
    buffer[0] = 1;
    buffer_free(const_cast<char*>(buffer), 64);
    EXPECT_DEATH((void)buffer[0], "use-after-free");
  }
}

TEST(Buffer, any_thread_may_free_what_another_allocated) {
  constexpr std::uint64_t kSeed = 43;
  constexpr int kRounds = 200;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Random random(kSeed);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Held> theirs;
    for (unsigned char mark = 1; mark <= 20; ++mark)
      theirs.push_back(take(1 + random.below(3000), mark));
    std::vector<Held> mine;
    std::jthread other([&theirs] {
      for (const Held& held : theirs) {
        EXPECT_TRUE(is_intact(held));
        buffer_free(held.buffer, held.bytes);
      }
    });
    for (unsigned char mark = 101; mark <= 120; ++mark)
      mine.push_back(take(1 + random.below(3000), mark));
    other.join();
    for (const Held& held : mine) {
      EXPECT_TRUE(is_intact(held));
      buffer_free(held.buffer, held.bytes);
    }
  }
}

}  // namespace
}  // namespace threadmill
