// SPDX-License-Identifier: Apache-2.0
#include "tests/explore/rc11_enumerator.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/explore/litmus_list.hpp"

namespace threadmill::explore {
namespace {

using Kind = LitmusOperation::Kind;
using Order = std::memory_order;

constexpr int kPrograms = 300;

enum Answer : bool { forbidden = false, allowed = true };

// From: "A tutorial introduction to the ARM and POWER relaxed memory models" (Maranget,
// Sarkar, Sewell) for the shapes; "Mathematizing C++ concurrency" (Batty et al., POPL
// 2011) for release, acquire and seq_cst; "Repairing sequential consistency in C/C++11"
// (Lahav et al., PLDI 2017) for fences, mixes and load buffering; "Can seqlocks get along
// with programming language memory models?" (Boehm, MSPC 2012); and [intro.races] of
// C++20 for coherence and release sequences.
struct Verdict {
  const char* name;  // less "litmus-"
  const char* outcome;
  Answer answer;
};

constexpr Verdict kVerdicts[] = {
    {"sb-rlx", "r0=0 r1=0", allowed},
    {"sb-ra", "r0=0 r1=0", allowed},
    {"sb-sc", "r0=0 r1=0", forbidden},
    {"sb-fences-sc", "r0=0 r1=0", forbidden},
    {"sb-fences-ra", "r0=0 r1=0", allowed},
    {"sb-fence-sc", "r0=0 r1=0", forbidden},
    {"sb-fence-one-side", "r0=0 r1=0", allowed},
    {"sb-exchange-sc", "r1=0 r3=0", allowed},
    {"sb-rmw-barrier", "r1=0 r3=0", forbidden},
    {"sb-rfis", "r0=1 r1=0 r2=1 r3=0", allowed},

    {"mp-rlx", "r0=1 r1=0", allowed},
    {"mp-ra", "r0=1 r1=0", forbidden},
    {"mp-ra", "r0=0 r1=0", allowed},
    {"mp-rel-rlx", "r0=1 r1=0", allowed},
    {"mp-rlx-acq", "r0=1 r1=0", allowed},
    {"mp-fences", "r0=1 r1=0", forbidden},
    {"mp-fence-acq", "r0=1 r1=0", forbidden},
    {"mp-rel-fence", "r0=1 r1=0", forbidden},
    {"mp-fences-swapped", "r0=1 r1=0", allowed},
    {"mp-cas", "r0=1 r1=0", forbidden},
    {"mp-cas", "r0=1 r1=1 y=2", allowed},
    {"mp-cas-failure", "r0=1 r1=0", allowed},
    {"mp-cas-failure", "y=3", forbidden},
    {"mp-seqlock", "r0=0 r1=1 r2=0", forbidden},
    {"mp-seqlock", "r0=2 r1=0", forbidden},
    {"mp-seqlock", "r0=0 r1=1 r2=1", allowed},

    {"rs-rmw", "r1=2 r2=0", forbidden},
    {"rs-rmw-chain", "r2=3 r3=0", forbidden},
    {"rs-rmw-chain", "r2=2 r3=0", allowed},  // read 0 and 1, before the store
    {"rs-fence", "r0=1 r1=2 r2=0", forbidden},
    {"rs-fence", "r0=0 r1=2 r2=0", allowed},
    {"rs-own-store", "r0=1 r1=0", forbidden},
    {"rs-own-store", "r0=2 r1=0", allowed},
    {"rs-other-store", "r0=1 r1=2 r2=0", allowed},

    {"lb-rlx", "r0=1 r1=1", forbidden},
    {"lb-ra", "r0=1 r1=1", forbidden},

    {"iriw-rlx", "r0=1 r1=0 r2=1 r3=0", allowed},
    {"iriw-ra", "r0=1 r1=0 r2=1 r3=0", allowed},
    {"iriw-acq-sc", "r0=1 r1=0 r2=1 r3=0", allowed},
    {"iriw-sc", "r0=1 r1=0 r2=1 r3=0", forbidden},
    {"iriw-fences-sc", "r0=1 r1=0 r2=1 r3=0", forbidden},
    {"wrc-rlx", "r0=1 r1=1 r2=0", allowed},
    {"wrc-ra", "r0=1 r1=1 r2=0", forbidden},
    {"isa2-rlx", "r0=1 r1=1 r2=0", allowed},
    {"isa2-ra", "r0=1 r1=1 r2=0", forbidden},
    {"rwc-ra", "r0=1 r1=0 r2=0", allowed},
    {"rwc-sc", "r0=1 r1=0 r2=0", forbidden},
    {"rwc-fences-sc", "r0=1 r1=0 r2=0", forbidden},
    {"w+rwc-sc", "r0=1 r1=0 r2=0", forbidden},
    {"w+rwc-fences-sc", "r0=1 r1=0 r2=0", forbidden},

    {"2+2w-rlx", "x=1 y=1", allowed},
    {"2+2w-ra", "x=1 y=1", allowed},
    {"2+2w-sc", "x=1 y=1", forbidden},
    {"2+2w-fences-sc", "x=1 y=1", forbidden},
    {"s-rlx", "r0=1 x=2", allowed},
    {"s-ra", "r0=1 x=2", forbidden},
    {"r-ra", "r0=0 y=2", allowed},
    {"r-sc", "r0=0 y=2", forbidden},
    {"r-fences-sc", "r0=0 y=2", forbidden},

    {"corr", "r0=1 r1=0", forbidden},
    {"corr", "r0=0 r1=1", allowed},
    {"corr-two-readers", "r0=1 r1=2 r2=2 r3=1", forbidden},
    {"corr-two-readers", "r0=1 r1=2 r2=1 r3=2", allowed},
    {"coww", "x=1", forbidden},
    {"coww", "r0=1 x=2", allowed},
    {"corw", "r0=1", forbidden},
    {"corw", "r0=2 x=2", forbidden},
    {"corw", "r0=0 x=2", allowed},
    {"cowr", "r0=0", forbidden},
    {"cowr", "r0=2 x=1", forbidden},
    {"cowr", "r0=1 x=1", allowed},
    {"cowr", "r0=2 x=2", allowed},

    {"rmw-two", "r0=0 r1=0", forbidden},
    {"rmw-two", "r0=1 r1=1", forbidden},
    {"rmw-two", "x=1", forbidden},
    {"rmw-two", "r0=0 r1=1 x=2", allowed},
    {"rmw-three", "r0=0 r2=0", forbidden},
    {"rmw-three", "r1=1 r2=1", forbidden},
    {"rmw-three", "r0=0 r1=2 r2=1 x=3", allowed},
    {"rmw-cas", "r0=0 r1=0", forbidden},
    {"rmw-cas", "r0=0 r1=1 x=1", allowed},
    {"rmw-cas", "r0=2 r1=0 x=2", allowed},
    {"rmw-store", "x=1", forbidden},
    {"rmw-store", "r0=5 x=5", forbidden},
    {"rmw-store", "r0=0 x=5", allowed},
    {"rmw-store", "r0=5 x=6", allowed},
    {"rmw-lb", "r0=1 r2=1", forbidden},

    {"z6.3-ra", "r0=1 r1=0 y=2", allowed},
    {"z6.3-sc", "r0=1 r1=0 y=2", forbidden},
    {"z6.u", "r0=1 r1=3 r2=0", allowed},
    {"wwmerge", "r0=2 r1=0 r2=0", allowed},
};

const LitmusProgram& program_of(const std::string& name) {
  for (const Litmus& litmus : litmus_tests()) {
    if (litmus.name == "litmus-" + name) return litmus.program;
  }
  throw std::invalid_argument("no litmus test " + name);
}

// "r0=1 r1=0 | x=1" as a map.
std::map<std::string, std::string> parse(const std::string& text) {
  std::map<std::string, std::string> values;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::size_t sign = word.find('=');
    if (sign != std::string::npos) values[word.substr(0, sign)] = word.substr(sign + 1);
  }
  return values;
}

bool some_outcome_has(const LitmusOutcomes& outcomes, const std::string& part) {
  const auto wanted = parse(part);
  return std::any_of(
      outcomes.begin(), outcomes.end(), [&](const LitmusOutcome& outcome) {
        const auto values = parse(to_text(outcome));
        return std::all_of(wanted.begin(), wanted.end(), [&](const auto& want) {
          return values.at(want.first) ==
                 want.second;  // throws if there is no such name
        });
      });
}

std::string to_text(const LitmusOutcomes& outcomes) {
  std::string text;
  for (const LitmusOutcome& outcome : outcomes) text += to_text(outcome) + "\n";
  return text;
}

bool is_subset(const LitmusOutcomes& few, const LitmusOutcomes& many) {
  return std::includes(many.begin(), many.end(), few.begin(), few.end());
}

template <class Change>
LitmusProgram with_each_operation(LitmusProgram program, Change change) {
  for (auto& thread : program.threads) {
    for (LitmusOperation& operation : thread) change(operation);
  }
  return program;
}

// A compare_strong that fails is relaxed whatever its order, so an exchange takes its
// place.
LitmusProgram all_seq_cst(LitmusProgram program) {
  return with_each_operation(std::move(program), [](LitmusOperation& operation) {
    operation.order = Order::seq_cst;
    if (operation.kind == Kind::compare_strong) operation.kind = Kind::exchange;
  });
}

LitmusProgram fenced(LitmusProgram program) {
  const LitmusOperation fence{Kind::fence, Order::seq_cst, 0, 0, 0};
  for (auto& thread : program.threads) {
    std::vector<LitmusOperation> more;
    for (const LitmusOperation& operation : thread) {
      more.push_back(operation);
      more.push_back(fence);
    }
    more.pop_back();
    thread = std::move(more);
  }
  return program;
}

TEST(Rc11, litmus_tests_have_the_verdicts_of_the_literature) {
  for (const auto& [name, outcome, answer] : kVerdicts) {
    const LitmusProgram& program = program_of(name);
    const LitmusOutcomes outcomes = enumerate_rc11(program);
    EXPECT_EQ(some_outcome_has(outcomes, outcome), answer)
        << name << ", " << outcome << "\n"
        << to_text(program) << to_text(outcomes);
  }
}

TEST(Rc11, every_litmus_test_has_a_verdict_a_purpose_and_a_name_of_its_own) {
  std::set<std::string> judged;
  for (const Verdict& verdict : kVerdicts) {
    judged.insert(std::string("litmus-") + verdict.name);
  }
  std::set<std::string> names;
  for (const Litmus& litmus : litmus_tests()) {
    EXPECT_TRUE(judged.contains(litmus.name)) << litmus.name;
    EXPECT_FALSE(litmus.purpose.empty()) << litmus.name;
    EXPECT_TRUE(names.insert(litmus.name).second) << litmus.name;
  }
}

TEST(Rc11, sequential_consistency_leaves_store_buffering_three_outcomes) {
  const LitmusOutcomes expected{{{0, 1}, {1, 1}}, {{1, 0}, {1, 1}}, {{1, 1}, {1, 1}}};
  EXPECT_EQ(enumerate_sc(program_of("sb-rlx")), expected);
  EXPECT_EQ(enumerate_rc11(program_of("sb-sc")), expected);
}

TEST(Rc11, allows_every_interleaving) {
  Random random(1);
  for (int i = 0; i < kPrograms; ++i) {
    const LitmusProgram program = random_program(random);
    EXPECT_TRUE(is_subset(enumerate_sc(program), enumerate_rc11(program)))
        << to_text(program);
  }
}

TEST(Rc11, with_seq_cst_everywhere_allows_interleavings_only) {
  Random random(2);
  for (int i = 0; i < kPrograms; ++i) {
    const LitmusProgram program = all_seq_cst(random_program(random));
    EXPECT_EQ(to_text(enumerate_rc11(program)), to_text(enumerate_sc(program)))
        << to_text(program);
  }
}

// As the paper promises: fences between all accesses restore sequential consistency.
TEST(Rc11, with_seq_cst_fences_everywhere_allows_interleavings_only) {
  Random random(3);
  for (int i = 0; i < kPrograms / 3; ++i) {  // nearly all candidates fail, and late
    const LitmusProgram program = fenced(random_program(random));
    EXPECT_EQ(to_text(enumerate_rc11(program)), to_text(enumerate_sc(program)))
        << to_text(program);
  }
}

TEST(Rc11, stronger_orders_allow_no_more) {
  Random random(4);
  for (int i = 0; i < kPrograms; ++i) {
    const LitmusProgram program = random_program(random);
    const LitmusProgram stronger =
        with_each_operation(program, [&](LitmusOperation& operation) {
          if (random.below(3) == 0) operation.order = Order::seq_cst;
        });
    EXPECT_TRUE(is_subset(enumerate_rc11(stronger), enumerate_rc11(program)))
        << to_text(program) << "stronger:\n"
        << to_text(stronger);
  }
}

TEST(Rc11, random_programs_keep_their_limits_and_are_often_weak) {
  Random random(5);
  int weak = 0;
  for (int i = 0; i < kPrograms; ++i) {
    const LitmusProgram program = random_program(random);
    std::size_t operations = 0;
    for (const auto& thread : program.threads) {
      EXPECT_FALSE(thread.empty());
      operations += thread.size();
    }
    EXPECT_LE(operations, 8u);
    EXPECT_LE(program.locations, 3u);
    weak += enumerate_rc11(program) != enumerate_sc(program);
  }
  EXPECT_GT(weak, kPrograms / 5);
}

}  // namespace
}  // namespace threadmill::explore
