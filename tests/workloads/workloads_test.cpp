// SPDX-License-Identifier: Apache-2.0
//
// Every workload, driven for a few thousand operations: its checks pass, count something,
// and fail when the state they look at is damaged.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/workloads/drive.hpp"
#include "tests/workloads/dump_bytes.hpp"
#include "tests/workloads/scratch_folder.hpp"
#include "workloads/workload.hpp"

namespace threadmill {
namespace {

struct Case {
  const WorkloadInfo* info;
  unsigned threads;
};

std::string test_name(std::string_view workload, unsigned threads) {
  std::string name(workload);
  std::replace(name.begin(), name.end(), '-', '_');
  return name + "_with_" + std::to_string(threads) + "_threads";
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const WorkloadInfo& info : all_workloads()) {
    for (const unsigned threads : {1U, 2U, 5U}) cases.push_back({&info, threads});
  }
  return cases;
}

// Few where an operation is the life of a thread, a ring of objects or a document.
std::uint64_t operations_for(std::string_view workload) {
  if (workload == "thread-churn" || workload == "gh-157666-start-storms") return 60;
  if (workload == "gh-157838-absent-owners") return 300;
  if (workload == "forks" || workload == "task-trees") return 300;
  if (workload == "endings") return 60;
  if (workload == "gh-157377-polled-counts") return 300;
  if (workload == "gh-152276-immortal-while-queued") return 1000;
  if (workload == "deep-chains") return 1000;
  if (workload == "binary-trees") return 500;
  if (workload == "cycle-rings" || workload == "json-store") return 500;
  return 4000;
}

class EveryWorkload : public testing::TestWithParam<Case> {
 protected:
  EveryWorkload() {
    scratch_.file("text", "of a few words, a few of them twice");
    scratch_.file("values.json", R"({"a": [1, 2.5, null, true], "b": {"c": "d"}})");
    scratch_.file("heap", DumpBytes::tree(700).sealed());
  }

  [[nodiscard]] Drive drive_for(const WorkloadInfo& info, unsigned threads) const {
    Drive how;
    how.threads = threads;
    how.operations_each = operations_for(info.name);
    how.seed = 0x5eed + threads;
    if (info.reads_input) how.inputs = {scratch_.path()};
    return how;
  }

 private:
  ScratchFolder scratch_;
};

TEST_P(EveryWorkload, passes_its_checks_and_leaves_nothing) {
  const auto [info, threads] = GetParam();
  const Outcome outcome = drive(*info, drive_for(*info, threads));
  EXPECT_EQ(outcome.complaints(), "");
  EXPECT_FALSE(outcome.checks.empty());
  EXPECT_GT(outcome.verified(), 0U);
  EXPECT_GE(outcome.operations, threads * drive_for(*info, threads).operations_each);
}

TEST_P(EveryWorkload, fails_a_check_when_its_state_is_damaged) {
  const auto [info, threads] = GetParam();
  Drive how = drive_for(*info, threads);
  how.spoiled = true;
  const Outcome outcome = drive(*info, how);
  EXPECT_FALSE(outcome.checks_passed());
  EXPECT_EQ(outcome.heap_violations, 0U) << outcome.heap_message;
  EXPECT_EQ(outcome.leaked, 0U);
}

TEST_P(EveryWorkload, survives_a_run_without_operations) {
  const auto [info, threads] = GetParam();
  Drive how = drive_for(*info, threads);
  how.stopped_from_the_start = true;
  const Outcome outcome = drive(*info, how);
  EXPECT_EQ(outcome.complaints(), "");
  EXPECT_EQ(outcome.operations, 0U);
}

INSTANTIATE_TEST_SUITE_P(workloads,
                         EveryWorkload,
                         testing::ValuesIn(all_cases()),
                         [](const testing::TestParamInfo<Case>& param) {
                           return test_name(param.param.info->name,
                                            param.param.threads);
                         });

TEST(Registry, names_are_unique_and_every_entry_is_complete) {
  std::set<std::string> names;
  for (const WorkloadInfo& info : all_workloads()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_GT(std::string_view(info.family).size(), 0U) << info.name;
    EXPECT_GT(std::string_view(info.purpose).size(), 0U) << info.name;
    EXPECT_NE(info.make(), nullptr) << info.name;
  }
  EXPECT_GE(names.size(), 13U);
}

TEST(Worker, stops_at_its_limit_and_counts_what_it_did) {
  const std::unique_ptr<Runtime> runtime = Runtime::create();
  ASSERT_NE(runtime, nullptr);
  const Attached attached(*runtime);
  const std::atomic<bool> stop{false};
  Worker worker(*runtime, 3, 8, 1, 2, stop);
  EXPECT_TRUE(worker.keep_going());
  worker.did();
  EXPECT_TRUE(worker.keep_going());
  worker.did();
  EXPECT_FALSE(worker.keep_going());
  EXPECT_EQ(worker.completed(), 2U);
  EXPECT_EQ(worker.index(), 3U);
  EXPECT_EQ(worker.threads(), 8U);
}

TEST(Worker, stops_when_told) {
  const std::unique_ptr<Runtime> runtime = Runtime::create();
  ASSERT_NE(runtime, nullptr);
  const Attached attached(*runtime);
  std::atomic<bool> stop{false};
  Worker worker(*runtime, 0, 1, 1, Worker::kNoLimit, stop);
  EXPECT_TRUE(worker.keep_going());
  stop.store(true);
  EXPECT_FALSE(worker.keep_going());
  EXPECT_TRUE(worker.stop_requested());
}

TEST(Worker, random_numbers_repeat_with_seed_and_index) {
  const std::unique_ptr<Runtime> runtime = Runtime::create();
  ASSERT_NE(runtime, nullptr);
  const std::atomic<bool> stop{false};
  Worker one(*runtime, 1, 2, 7, Worker::kNoLimit, stop);
  Worker same(*runtime, 1, 2, 7, Worker::kNoLimit, stop);
  Worker other(*runtime, 0, 2, 7, Worker::kNoLimit, stop);
  const std::uint64_t drawn = one.random().next();
  EXPECT_EQ(drawn, same.random().next());
  EXPECT_NE(drawn, other.random().next());
}

}  // namespace
}  // namespace threadmill
