// SPDX-License-Identifier: Apache-2.0
//
// The explorer against the enumerator: for every litmus test and for random programs, an
// exhaustive search finds exactly the outcomes that the axioms allow. So do the litmus
// scenarios, whose outcomes are written down.
#include "harness/explore/litmus.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "harness/explore/dfs.hpp"
#include "harness/explore/engine.hpp"
#include "harness/explore/explorer.hpp"
#include "harness/explore/litmus_list.hpp"
#include "harness/explore/litmus_outcomes.hpp"
#include "harness/explore/scenarios/list.hpp"
#include "runtime/base/random.hpp"
#include "tests/explore/rc11_enumerator.hpp"

namespace threadmill::explore {
namespace {

LitmusOutcomes explore(const LitmusProgram& program, MemoryModel model) {
  LitmusOutcomes outcomes;
  engine().use(model);
  Dfs dfs;
  while (dfs.begin()) {
    LitmusScenario scenario(program);
    const Outcome outcome = engine().execute(scenario, dfs);
    dfs.end();
    EXPECT_NE(outcome.end, Outcome::End::failed) << outcome.failure.message;
    EXPECT_STREQ(dfs.complaint(), "");
    if (outcome.end == Outcome::End::failed || *dfs.complaint() != 0) break;
    if (outcome.end == Outcome::End::passed) outcomes.insert(scenario.observed());
  }
  return outcomes;
}

std::string difference(const LitmusOutcomes& expected, const LitmusOutcomes& found) {
  std::string text;
  for (const LitmusOutcome& outcome : expected) {
    if (!found.contains(outcome)) text += "missing: " + to_text(outcome) + "\n";
  }
  for (const LitmusOutcome& outcome : found) {
    if (!expected.contains(outcome)) text += "extra: " + to_text(outcome) + "\n";
  }
  return text;
}

void compare(const std::string& name, const LitmusProgram& program) {
  EXPECT_EQ(difference(enumerate_rc11(program), explore(program, MemoryModel::rc11)),
            "")
      << name << " under RC11\n"
      << to_text(program);
  EXPECT_EQ(difference(enumerate_sc(program), explore(program, MemoryModel::sc)), "")
      << name << " under SC\n"
      << to_text(program);
}

TEST(Litmus, every_test_has_the_outcomes_of_the_axioms) {
  for (const Litmus& test : litmus_tests()) compare(test.name, test.program);
}

void compare_random(std::uint64_t seed, int count) {
  Random random(seed);
  for (int i = 0; i < count && !::testing::Test::HasFailure(); ++i)
    compare("random program " + std::to_string(i) + " of seed " + std::to_string(seed),
            random_program(random));
}

TEST(Litmus, random_programs_have_the_outcomes_of_the_axioms) {
  compare_random(1, 200);
}

TEST(LitmusSlow, random_programs_have_the_outcomes_of_the_axioms) {
  compare_random(2, 2000);
}

// --- the outcomes that are written down, and the scenarios that are judged by them ---

std::vector<std::string> texts_of(const LitmusOutcomes& outcomes) {
  std::vector<std::string> texts;
  for (const LitmusOutcome& outcome : outcomes) texts.push_back(to_text(outcome));
  std::sort(texts.begin(), texts.end());
  return texts;
}

std::vector<std::string> written_down(const std::string& name, MemoryModel model) {
  std::vector<std::string> texts = litmus_outcomes(name, model);
  std::sort(texts.begin(), texts.end());
  return texts;
}

TEST(Litmus, outcomes_written_down_are_those_of_the_axioms) {
  ASSERT_EQ(litmus_outcome_lists().size(), litmus_tests().size());
  for (const auto& [name, purpose, program] : litmus_tests()) {
    EXPECT_EQ(written_down(name, MemoryModel::sc), texts_of(enumerate_sc(program)))
        << name;
    EXPECT_EQ(written_down(name, MemoryModel::rc11), texts_of(enumerate_rc11(program)))
        << name;
  }
}

SearchResult exhaust(const ScenarioInfo& info, MemoryModel model) {
  SearchOptions options;
  options.memory = model;
  prepare_engine();
  return search(info, options, [] { return false; });
}

TEST(Litmus, scenarios_show_exactly_the_allowed_outcomes) {
  std::size_t tests = 0;
  for (const ScenarioInfo& info : scenarios()) {
    if (!info.allowed) continue;
    ++tests;
    for (const MemoryModel model : {MemoryModel::sc, MemoryModel::rc11}) {
      const SearchResult result = exhaust(info, model);
      EXPECT_TRUE(result.exhausted) << info.name;
      EXPECT_FALSE(result.finding) << info.name;
      EXPECT_EQ(result.complaint, "") << info.name;
      std::uint64_t seen = 0;
      for (const OutcomeCount& row : result.outcomes.rows()) {
        EXPECT_STREQ(grade_of(row), "allowed") << info.name << " " << row.outcome;
        seen += row.count;
      }
      EXPECT_EQ(result.outcomes.rows().size(), info.allowed(model).size());
      EXPECT_EQ(seen, result.executions - result.given_up) << info.name;
    }
  }
  EXPECT_EQ(tests, litmus_tests().size());
}

// Store buffering, judged by other outcomes than its own.
ScenarioInfo judged_by(std::vector<std::string> outcomes) {
  const LitmusProgram& program = litmus_tests().front().program;
  return {.name = "judged",
          .purpose = "has a wrong judge",
          .make = [&program] { return std::make_unique<LitmusScenario>(program); },
          .allowed = [outcomes](MemoryModel) { return outcomes; }};
}

constexpr const char* kBothMiss = "r0=0 r1=0 | x=1 y=1";

TEST(Litmus, a_forbidden_outcome_is_found_and_repeats_with_all_threads) {
  const ScenarioInfo info =
      judged_by(litmus_outcomes(litmus_tests().front().name, MemoryModel::sc));
  EXPECT_FALSE(exhaust(info, MemoryModel::sc).finding);
  const SearchResult result = exhaust(info, MemoryModel::rc11);
  ASSERT_TRUE(result.finding);
  EXPECT_EQ(result.finding->kind, FailureKind::oracle);
  EXPECT_EQ(result.finding->message, std::string("forbidden outcome ") + kBothMiss);
  EXPECT_TRUE(result.finding->repeats);
  EXPECT_EQ(result.finding->left_out, 0);
  EXPECT_STREQ(grade_of(result.outcomes.rows().back()), "forbidden");
  EXPECT_EQ(result.outcomes.rows().back().count, 1u);
}

TEST(Litmus, a_missing_outcome_is_a_complaint_of_exhaustive_searches_only) {
  const ScenarioInfo info =
      judged_by(litmus_outcomes(litmus_tests().front().name, MemoryModel::rc11));
  const SearchResult result = exhaust(info, MemoryModel::sc);
  EXPECT_EQ(result.complaint.find(std::string("missing outcome ") + kBothMiss), 0u)
      << result.complaint;
  EXPECT_STREQ(grade_of(result.outcomes.rows().back()), "allowed, not seen");
  SearchOptions bounded;
  bounded.preemptions = 0;
  EXPECT_EQ(search(info, bounded, [] { return false; }).complaint, "");
}

}  // namespace
}  // namespace threadmill::explore
