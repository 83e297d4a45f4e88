// SPDX-License-Identifier: Apache-2.0
//
// Every scenario passes: exhaustively where its number of executions is known, which then
// is that number, and by sampling under weak memory.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/explore/explorer.hpp"
#include "harness/explore/scenarios/list.hpp"
#include "runtime/base/fault_catalogue.hpp"

namespace threadmill::explore {
namespace {

SearchResult run(const ScenarioInfo& info, const SearchOptions& options) {
  prepare_engine();
  return search(info, options, [] { return false; });
}

std::string text_of(const SearchResult& result) {
  return result.finding ? result.finding->text : result.complaint;
}

TEST(Scenarios, have_names_of_their_own_and_purposes) {
  std::set<std::string> names;
  for (const ScenarioInfo& info : scenarios()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_NE(info.purpose, "") << info.name;
  }
  EXPECT_GE(names.size(), 42u);
}

// Those with `least` to `most` executions.
void exhaust(std::uint64_t least, std::uint64_t most) {
  for (const ScenarioInfo& info : scenarios()) {
    if (!info.sc_executions || *info.sc_executions < least ||
        *info.sc_executions > most)
      continue;
    const SearchResult result = run(info, {});
    EXPECT_EQ(text_of(result), "") << info.name;
    EXPECT_EQ(result.executions, *info.sc_executions) << info.name;
  }
}

constexpr std::uint64_t kQuick = 20'000;

TEST(Scenarios, that_can_be_exhausted_pass_in_their_number_of_executions) {
  exhaust(1, kQuick);
}

TEST(ScenariosSlow, that_can_be_exhausted_pass_in_their_number_of_executions) {
  exhaust(kQuick + 1, ~std::uint64_t{0});
}

TEST(Scenarios, pass_under_every_sampling_strategy_and_either_memory) {
  for (const ScenarioInfo& info : scenarios()) {
    for (const MemoryModel memory : {MemoryModel::sc, MemoryModel::rc11}) {
      for (const char* strategy : {"random", "pct", "pos", "urw"}) {
        SearchOptions options;
        options.memory = memory;
        options.strategy = strategy;
        options.iterations = 300;
        const SearchResult result = run(info, options);
        EXPECT_EQ(text_of(result), "") << info.name << " " << strategy;
      }
    }
  }
}

class FaultsAreSeen : public ::testing::TestWithParam<FaultInfo> {
 protected:
  ~FaultsAreSeen() override { (void)activate_fault(""); }
};

// Those of group N, and what only an old value shows.
bool is_of_memory_order(std::string_view fault) {
  for (const FaultInfo& info : fault_catalogue()) {
    if (fault == info.name && *info.catalogue == 'N') return true;
  }
  return fault == "poll-ignores-just-attached-reader" ||
         fault == "new-slot-unordered" || fault == "pool-revive-resets-header-plainly";
}

// What a fault needs: "pos" and sequential consistency show most.
SearchOptions options_for(std::string_view fault) {
  SearchOptions options;
  options.strategy = "pos";
  options.iterations = 20'000;
  if (fault == "count-written-after-unlock" ||
      fault == "grow-exposes-uninitialised-slots")
    options.strategy = "pct";
  if (is_of_memory_order(fault)) options.memory = MemoryModel::rc11;
  return options;
}

TEST_P(FaultsAreSeen, and_the_schedule_repeats_a_hundred_times_and_is_short) {
  const FaultInfo& fault = GetParam();
  ASSERT_TRUE(activate_fault(fault.name));
  bool ran = false;
  for (const ScenarioInfo& info : scenarios()) {
    if (info.name != std::string_view(fault.scenario)) continue;
    ran = true;
    const SearchResult result = run(info, options_for(fault.name));
    ASSERT_TRUE(result.finding) << info.name << " does not see " << fault.name;
    EXPECT_TRUE(result.finding->repeats);
    EXPECT_LE(result.finding->switches, 4u);
    int failed = 0;
    for (int i = 0; i < 100; ++i) {
      Replay replay(result.finding->schedule);
      const Outcome outcome =
          execute_once(info, replay, result.finding->left_out, nullptr);
      failed += outcome.end == Outcome::End::failed &&
                        outcome.failure.kind == result.finding->kind
                    ? 1
                    : 0;
    }
    EXPECT_EQ(failed, 100);
    if (result.finding->left_out != 0) {
      const Schedule nobody_is_preempted;
      Replay replay(nobody_is_preempted);
      EXPECT_NE(execute_once(info, replay, result.finding->left_out, nullptr).end,
                Outcome::End::failed)
          << "it fails for want of a thread";
    }
  }
  EXPECT_TRUE(ran) << "no scenario " << fault.scenario;
}

std::vector<FaultInfo> explored_faults() {
  std::vector<FaultInfo> faults;
  for (const FaultInfo& info : fault_catalogue()) {
    if (*info.scenario != '\0' && !info.is_control) faults.push_back(info);
  }
  return faults;
}

std::string name_of_fault(const ::testing::TestParamInfo<FaultInfo>& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Faults,
                         FaultsAreSeen,
                         ::testing::ValuesIn(explored_faults()),
                         name_of_fault);

// What is legal and only looks like a fault.
TEST(Controls, are_not_reported_by_the_scenario_that_comes_closest) {
  unsigned controls = 0;
  for (const FaultInfo& control : fault_catalogue()) {
    if (!control.is_control) continue;
    ++controls;
    ASSERT_TRUE(activate_fault(control.name));
    bool ran = false;
    for (const ScenarioInfo& info : scenarios()) {
      if (info.name != std::string_view(control.scenario)) continue;
      ran = true;
      for (const MemoryModel memory : {MemoryModel::sc, MemoryModel::rc11}) {
        SearchOptions options;
        options.memory = memory;
        options.strategy = "pos";
        options.iterations = 5'000;
        EXPECT_EQ(text_of(run(info, options)), "") << control.name;
      }
    }
    EXPECT_TRUE(ran) << "no scenario " << control.scenario;
  }
  (void)activate_fault("");
  EXPECT_GE(controls, 7u);
}

TEST(Faults, each_is_shown_by_a_workload_or_a_scenario) {
  EXPECT_GE(fault_catalogue().size(), 107u);
  for (const FaultInfo& info : fault_catalogue())
    EXPECT_TRUE(*info.workload != '\0' || *info.scenario != '\0') << info.name;
}

}  // namespace
}  // namespace threadmill::explore
