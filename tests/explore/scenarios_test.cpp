// SPDX-License-Identifier: Apache-2.0
//
// Every scenario passes: exhaustively where its number of executions is known, which then
// is that number, and by sampling under weak memory.
#include <set>

#include <gtest/gtest.h>

#include "harness/explore/explorer.hpp"
#include "harness/explore/scenarios/list.hpp"
#include "runtime/base/fault.hpp"

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

// The name of a fault, and a scenario that sees it.
struct Seen {
  const char* fault;
  const char* scenario;
  const char* strategy;
  MemoryModel memory = MemoryModel::sc;
};

class FaultsAreSeen : public ::testing::TestWithParam<Seen> {
 protected:
  ~FaultsAreSeen() override { (void)activate_fault(""); }
};

TEST_P(FaultsAreSeen, and_the_schedule_repeats_a_hundred_times_and_is_short) {
  const auto& [fault, scenario, strategy, memory] = GetParam();
  ASSERT_TRUE(activate_fault(fault));
  bool ran = false;
  for (const ScenarioInfo& info : scenarios()) {
    if (info.name != scenario) continue;
    ran = true;
    SearchOptions options;
    options.strategy = strategy;
    options.memory = memory;
    options.iterations = 20'000;
    const SearchResult result = run(info, options);
    ASSERT_TRUE(result.finding) << scenario << " does not see " << fault;
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
  }
  EXPECT_TRUE(ran) << "no scenario " << scenario;
}

INSTANTIATE_TEST_SUITE_P(
    Faults,
    FaultsAreSeen,
    ::testing::Values(
        Seen{"nonatomic-undo-of-resurrection", "finalize-against-weak-get", "pos"},
        Seen{"reinit-on-resurrect", "resurrect-against-take", "pos"},
        Seen{"foreign-decref-frees-unmerged", "merge-drop-by-two", "pos"},
        Seen{"weakref-without-maybe-weak-flag", "weak-get-against-death", "pos"},
        Seen{"try-incref-accepts-plain", "try-incref-of-plain", "pos"},
        Seen{"finalizers-in-pause", "collect-against-lock", "pos"},
        Seen{"no-resurrection-recheck", "collect-against-resurrection", "pos"},
        Seen{"weakrefs-cleared-too-late", "collect-against-weak-get", "pos"},
        Seen{"lazy-init-published-first", "once-by-two", "pos"},
        Seen{"signal-after-unlock-frees-lock", "event-ended-by-waiter", "pos"},
        Seen{"validate-outside-bucket-lock", "park-against-unpark", "pos"},
        Seen{"parked-bit-cleared-outside-queue-lock", "mutex-by-two", "pos"},
        Seen{"count-written-after-unlock", "recursive-mutex-by-two", "pct"},
        Seen{"rewait-without-rearming", "mutex-by-two-twice", "pos"},
        Seen{"seqlock-reader-no-acquire-fence", "seq-lock-by-two", "pos",
             MemoryModel::rc11},
        Seen{"seqlock-writer-no-release-fence", "seq-lock-by-two", "pos",
             MemoryModel::rc11},
        Seen{"upgrade-relaxed", "rw-lock-by-two", "pos"},
        Seen{"two-lock-section-recursion-by-address", "section-inside-one-on-both",
             "pos"},
        Seen{"two-lock-section-unordered", "sections-on-both", "pos"},
        Seen{"retire-goal-too-early", "retire-against-reader", "pos"},
        Seen{"retire-unbounded-by-bytes", "retire-over-budget", "pos"},
        Seen{"suspended-state-not-recorded", "stop-against-safepoint", "pos"},
        Seen{"pause-starves-attacher", "stop-attach-between", "pos"},
        Seen{"grow-exposes-uninitialised-slots", "list-get-against-clear-and-append",
             "pct"},
        Seen{"pop-in-two-steps", "list-pop-by-two", "pos"},
        Seen{"set-default-in-two-steps", "dict-set-default-by-two", "pos"}));

}  // namespace
}  // namespace threadmill::explore
