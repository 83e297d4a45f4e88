// SPDX-License-Identifier: Apache-2.0
//
// The explorer against the enumerator: for every litmus test and for random programs, an
// exhaustive search finds exactly the outcomes that the axioms allow.
#include "harness/explore/litmus.hpp"

#include <gtest/gtest.h>

#include "harness/explore/dfs.hpp"
#include "harness/explore/engine.hpp"
#include "harness/explore/litmus_list.hpp"
#include "runtime/base/random.hpp"
#include "tests/explore/rc11_enumerator.hpp"

namespace threadmill::explore {
namespace {

LitmusOutcomes explore(const LitmusProgram& program, MemoryModel model) {
  LitmusOutcomes outcomes;
  const LitmusScenario::Observer observe = [&](const LitmusOutcome& outcome) {
    outcomes.insert(outcome);
  };
  engine().use(model);
  Dfs dfs;
  while (dfs.begin()) {
    LitmusScenario scenario(program, observe);
    const Outcome outcome = engine().execute(scenario, dfs);
    dfs.end();
    EXPECT_NE(outcome.end, Outcome::End::failed) << outcome.failure.message;
    EXPECT_STREQ(dfs.complaint(), "");
    if (outcome.end == Outcome::End::failed || *dfs.complaint() != 0) break;
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

}  // namespace
}  // namespace threadmill::explore
