// SPDX-License-Identifier: Apache-2.0
#include "harness/malloc_arenas.hpp"

#include <unistd.h>

#include <barrier>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>

#include "runtime/base/build_info.hpp"

namespace threadmill {
namespace {

// How many arenas the C library has, by what it says of itself.
unsigned arenas() {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* const file = ::open_memstream(&text, &size);
  if (file == nullptr) return 0;
  ::malloc_info(0, file);
  std::fclose(file);
  const std::string said(text, size);
  std::free(text);
  constexpr std::string_view kBegin = "<heap nr=";
  unsigned count = 0;
  for (auto at = said.find(kBegin); at != std::string::npos;
       at = said.find(kBegin, at + 1))
    ++count;
  return count;
}

// How many there are when 16 threads have allocated at the same time.
int arenas_of_many_threads() {
  constexpr int kThreads = 16;
  std::barrier all(kThreads);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&all] {
      const std::vector<char> held(std::size_t{1} << 15);
      all.arrive_and_wait();
    });
  }
  for (std::thread& thread : threads) thread.join();
  return static_cast<int>(arenas());
}

class MallocArenasTest : public testing::Test {
 protected:
  MallocArenasTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(MallocArenasTest, are_two_for_each_processor) {
  if (is_sanitized()) GTEST_SKIP() << "malloc is the sanitizer's";
  const auto count_in_new_process = [](unsigned processors) {
    share_malloc_arenas(processors);
    ::_exit(arenas_of_many_threads());
  };
  EXPECT_EXIT(count_in_new_process(1), testing::ExitedWithCode(2), "");
  EXPECT_EXIT(count_in_new_process(3), testing::ExitedWithCode(6), "");
}

}  // namespace
}  // namespace threadmill
