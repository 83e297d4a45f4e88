// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/worker_pool.hpp"

#include <unistd.h>

#include <csignal>
#include <map>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace threadmill::explore {
namespace {

WorkerPool::Report next(WorkerPool& pool) {
  for (;;) {
    if (std::optional<WorkerPool::Report> report = pool.wait()) return *report;
  }
}

TEST(WorkerPool, each_piece_of_work_returns_its_text) {
  WorkerPool pool(3);
  std::map<std::size_t, std::string> texts;
  for (std::size_t i = 0; i < 20; ++i) {
    if (pool.is_full()) {
      const WorkerPool::Report report = next(pool);
      EXPECT_EQ(report.death, "");
      texts[report.number] = report.text;
    }
    ASSERT_FALSE(pool.is_full());
    // More than a pipe holds.
    pool.start(i, [i] { return std::string(100'000 * i, static_cast<char>('a' + i)); });
  }
  while (!pool.is_empty()) {
    const WorkerPool::Report report = next(pool);
    texts[report.number] = report.text;
  }
  ASSERT_EQ(texts.size(), 20u);
  for (const auto& [i, text] : texts)
    EXPECT_EQ(text, std::string(100'000 * i, static_cast<char>('a' + i))) << i;
}

TEST(WorkerPool, how_a_worker_died_is_told_and_the_others_return) {
  WorkerPool pool(3);
  pool.start(0, []() -> std::string {
    ::raise(SIGKILL);
    return {};
  });
  pool.start(1, []() -> std::string { throw std::runtime_error("as the test wants"); });
  pool.start(2, [] { return std::string("well"); });
  std::map<std::size_t, WorkerPool::Report> reports;
  while (!pool.is_empty()) {
    WorkerPool::Report report = next(pool);
    reports[report.number] = report;
  }
  EXPECT_NE(reports[0].death.find("killed by signal 9"), std::string::npos);
  EXPECT_NE(reports[1].death.find("status 1"), std::string::npos);
  EXPECT_EQ(reports[2].death, "");
  EXPECT_EQ(reports[2].text, "well");
}

TEST(WorkerPool, workers_that_are_left_are_killed) {
  WorkerPool pool(1);
  pool.start(0, []() -> std::string {
    for (;;) ::pause();
  });
  EXPECT_FALSE(pool.wait());  // and the destructor does not hang
}

}  // namespace
}  // namespace threadmill::explore
