// SPDX-License-Identifier: Apache-2.0
#include "harness/shard.hpp"

#include <cstdlib>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "harness/options.hpp"
#include "tests/harness/scratch.hpp"

namespace threadmill {
namespace {

class ShardTest : public ::testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }

  static void clear() {
    for (const char* name :
         {"GTEST_SHARD_INDEX", "GTEST_TOTAL_SHARDS", "GTEST_SHARD_STATUS_FILE",
          "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_COUNT",
          "SLURM_ARRAY_TASK_STEP", "JOB_COMPLETION_INDEX"}) {
      ::unsetenv(name);
    }
  }
  static void set(const char* name, const std::string& value) {
    ::setenv(name, value.c_str(), 1);
  }
};

void expect_refused(const std::string& text) {
  try {
    ADD_FAILURE() << text << " is taken as " << text_of(parse_shard(text));
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("--shard"), std::string::npos)
        << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
}

TEST_F(ShardTest, is_written_as_part_and_number_of_parts) {
  EXPECT_EQ(text_of(parse_shard("2/8")), "2/8");
  EXPECT_TRUE(parse_shard("1/1").is_whole());
  for (const char* bad : {"", "0/4", "5/4", "1/0", "1", "a/b", "-1/4", "1/4/2", "/4",
                          "1/", "1/9999999999", "two\nlines"}) {
    expect_refused(bad);
  }
}

TEST_F(ShardTest, the_parts_make_up_the_whole_each_case_once) {
  std::vector<int> cases(22);
  std::iota(cases.begin(), cases.end(), 0);
  for (unsigned count : {1u, 2u, 4u, 7u, 22u, 30u}) {
    std::multiset<int> all;
    for (unsigned index = 1; index <= count; ++index) {
      for (const int which : part_of(cases, {index, count})) all.insert(which);
    }
    EXPECT_EQ(all, std::multiset<int>(cases.begin(), cases.end())) << count;
  }
}

TEST_F(ShardTest, a_slurm_array_says_which_part) {
  set("SLURM_ARRAY_TASK_ID", "14");
  set("SLURM_ARRAY_TASK_MIN", "10");
  set("SLURM_ARRAY_TASK_COUNT", "5");
  EXPECT_EQ(text_of(parse_shard("env")), "5/5");
  set("SLURM_ARRAY_TASK_STEP", "2");
  EXPECT_EQ(text_of(parse_shard("env")), "3/5");
  set("SLURM_ARRAY_TASK_STEP", "3");
  expect_refused("env");
  ::unsetenv("SLURM_ARRAY_TASK_MIN");
  expect_refused("env");
}

TEST_F(ShardTest, an_indexed_job_of_kubernetes_needs_the_number_of_parts) {
  set("JOB_COMPLETION_INDEX", "0");
  EXPECT_EQ(text_of(parse_shard("env/3")), "1/3");
  expect_refused("env");
  set("JOB_COMPLETION_INDEX", "3");
  expect_refused("env/3");
  set("JOB_COMPLETION_INDEX", "x");
  EXPECT_THROW((void)parse_shard("env/3"), UsageError);
}

TEST_F(ShardTest, a_runner_of_googletest_says_which_part_and_is_told_that_it_is_heard) {
  const Scratch scratch;
  set("GTEST_SHARD_INDEX", "1");
  set("GTEST_TOTAL_SHARDS", "4");
  set("GTEST_SHARD_STATUS_FILE", scratch.path("status"));
  EXPECT_EQ(text_of(parse_shard("env")), "2/4");
  EXPECT_EQ(scratch.content("status"), "");
}

TEST_F(ShardTest, without_a_job_array_there_is_no_part) { expect_refused("env"); }

}  // namespace
}  // namespace threadmill
