// SPDX-License-Identifier: Apache-2.0
//
// The checker against histories with a known verdict (correct/ and wrong/, each says why)
// and, on thousands of random ones, against an enumeration of all orders.
#include "workloads/linearizability/checker.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/workloads/linearizability/enumerator.hpp"
#include "tests/workloads/linearizability/history_maker.hpp"
#include "workloads/linearizability/model.hpp"
#include "workloads/linearizability/text.hpp"

namespace threadmill {
namespace {

using Path = std::filesystem::path;

std::vector<Path> files_of(const char* folder) {
  std::vector<Path> files;
  const Path path =
      Path(THREADMILL_SOURCE_DIR) / "tests/workloads/linearizability" / folder;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".history") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string content_of(const Path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string test_name(const testing::TestParamInfo<Path>& info) {
  std::string name = info.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// Real time and all answers, but of a sort that gave up: what any order has to keep to be
// one.
void expect_to_be_an_order(const History& history,
                           const std::vector<std::size_t>& order) {
  Values content = history.initial;
  for (std::size_t at = 0; at < order.size(); ++at) {
    const Invocation& operation = history.operations[order[at]];
    if (operation.call == Call::sort && operation.answer == Values{0}) continue;
    const Values answer =
        apply(history.subject, content, operation.call, operation.arguments);
    if (!operation.is_pending()) {
      EXPECT_EQ(answer, operation.answer) << to_text(history);
    }
    for (std::size_t later = at + 1; later < order.size(); ++later) {
      EXPECT_GT(history.operations[order[later]].responded, operation.invoked)
          << to_text(history);
    }
  }
  const auto responded = std::count_if(
      history.operations.begin(), history.operations.end(),
      [](const Invocation& operation) { return !operation.is_pending(); });
  EXPECT_GE(order.size(), static_cast<std::size_t>(responded));
  if (history.final) {
    EXPECT_EQ(content, *history.final) << to_text(history);
  }
}

class CorrectHistory : public testing::TestWithParam<Path> {};

TEST_P(CorrectHistory, has_an_order) {
  const std::string text = content_of(GetParam());
  EXPECT_EQ(text.substr(0, 2), "# ") << "it begins with why";
  const History history = parse_history(text);
  EXPECT_EQ(verdict_of(history), HistoryVerdict::linearizable)
      << explanation(history, judge(history));
  for (const History& part : parts_of(history))
    expect_to_be_an_order(part, judge(part).order);
}

INSTANTIATE_TEST_SUITE_P(files,
                         CorrectHistory,
                         testing::ValuesIn(files_of("correct")),
                         test_name);

class WrongHistory : public testing::TestWithParam<Path> {};

TEST_P(WrongHistory, has_none_and_its_smallest_violation_has_none_either) {
  const std::string text = content_of(GetParam());
  EXPECT_EQ(text.substr(0, 2), "# ") << "it begins with why";
  const History history = parse_history(text);
  EXPECT_EQ(verdict_of(history), HistoryVerdict::not_linearizable);

  const History smallest = smallest_violation(history);
  EXPECT_LE(smallest.operations.size(), history.operations.size());
  const Judgement judgement = judge(smallest);
  EXPECT_EQ(judgement.verdict, HistoryVerdict::not_linearizable) << to_text(smallest);
  EXPECT_TRUE(!judgement.misfits.empty() || smallest.final) << to_text(smallest);
  if (smallest.operations.size() <= 7) {
    EXPECT_FALSE(some_order_fits(smallest)) << to_text(smallest);
  }
}

INSTANTIATE_TEST_SUITE_P(files,
                         WrongHistory,
                         testing::ValuesIn(files_of("wrong")),
                         test_name);

TEST(HistoryFiles, are_many) {
  EXPECT_GE(files_of("correct").size(), 12U);
  EXPECT_GE(files_of("wrong").size(), 20U);
}

class RandomHistories : public testing::TestWithParam<Subject> {};

TEST_P(RandomHistories, have_an_order_if_and_only_if_an_enumeration_finds_one) {
  constexpr std::uint64_t kHistories = 4000;
  std::uint64_t linearizable = 0;
  std::uint64_t smaller = 0;
  for (std::uint64_t seed = 1; seed <= kHistories; ++seed) {
    const History history = random_history(GetParam(), 3 + seed % 4, seed);
    const Judgement judgement = judge(history);
    const bool expected = some_order_fits(history);
    ASSERT_EQ(judgement.verdict, expected ? HistoryVerdict::linearizable
                                          : HistoryVerdict::not_linearizable)
        << "seed " << seed << "\n"
        << to_text(history);
    if (expected) {
      ++linearizable;
      expect_to_be_an_order(history, judgement.order);
      continue;
    }
    const History smallest = smallest_violation(history);
    ASSERT_FALSE(some_order_fits(smallest)) << "seed " << seed << "\n"
                                            << to_text(history) << to_text(smallest);
    if (smallest.operations.size() < history.operations.size()) ++smaller;
  }
  EXPECT_GT(linearizable, kHistories / 3);
  EXPECT_LT(linearizable, kHistories * 9 / 10);
  EXPECT_GT(smaller, 0U);
}

TEST_P(RandomHistories, are_what_they_were_after_a_way_through_text) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const History history = random_history(GetParam(), 6, seed);
    ASSERT_EQ(parse_history(to_text(history)), history) << "seed " << seed;
  }
}

// Of a dict and a set, without what is not about a key.
TEST_P(RandomHistories, are_judged_by_key_as_they_are_as_a_whole) {
  if (GetParam() == Subject::list) return;
  std::uint64_t wrong = 0;
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    History history = random_history(GetParam(), 8, seed);
    history.final.reset();  // the order of insertion is not about one key
    std::erase_if(history.operations, [&](const Invocation& operation) {
      const CallInfo& info = info_of(history.subject, operation.call);
      return !info.is_keyed || info.arguments == CallInfo::kAnyNumber;
    });
    history.by_key = true;
    ASSERT_EQ(verdict_of(history), judge(history).verdict) << "seed " << seed << "\n"
                                                           << to_text(history);
    if (verdict_of(history) == HistoryVerdict::not_linearizable) ++wrong;
  }
  EXPECT_GT(wrong, 100U);
}

INSTANTIATE_TEST_SUITE_P(subjects,
                         RandomHistories,
                         testing::Values(Subject::list, Subject::dict, Subject::set),
                         [](const testing::TestParamInfo<Subject>& param) {
                           return std::string(name_of(param.param));
                         });

TEST(Judge, says_what_could_have_come_next_and_what_it_should_have_answered) {
  const History history = parse_history(
      "list\n"
      "A 1..2 append 7\n"
      "B 3..4 append 8\n"
      "A 5..6 pop -> 7\n");
  const Judgement judgement = judge(history);
  EXPECT_EQ(judgement.verdict, HistoryVerdict::not_linearizable);
  EXPECT_EQ(judgement.order, (std::vector<std::size_t>{0, 1}));
  ASSERT_EQ(judgement.misfits.size(), 1U);
  EXPECT_EQ(judgement.misfits[0].operation, 2U);
  EXPECT_EQ(judgement.misfits[0].expected, (Values{8}));
  EXPECT_EQ(explanation(history, judgement),
            "a list of []: after A append 7, B append 8, A pop -> 7 should be 8");
}

TEST(Judge, gives_up_on_more_operations_than_it_can_hold) {
  History history;
  for (std::uint64_t i = 0; i <= kMostOperations; ++i)
    history.operations.push_back({Call::append, 0, 2 * i, 2 * i + 1, {1}, {}});
  EXPECT_EQ(judge(history).verdict, HistoryVerdict::undecided);
  history.operations.pop_back();
  EXPECT_EQ(judge(history).verdict, HistoryVerdict::linearizable);
}

// 22 appends at once and an end that none of their orders leads to.
TEST(Judge, gives_up_on_too_many_possibilities) {
  History history;
  for (std::uint64_t i = 0; i < 22; ++i)
    history.operations.push_back({Call::append,
                                  static_cast<unsigned>(i),
                                  i,
                                  100 + i,
                                  {static_cast<Value>(i)},
                                  {}});
  history.final = Values{};
  EXPECT_EQ(judge(history).verdict, HistoryVerdict::undecided);
}

TEST(SmallestViolation, is_of_one_key_and_ends_with_the_first_wrong_response) {
  const History smallest =
      smallest_violation(parse_history("dict by key\n"
                                       "initial [1 5 2 6]\n"
                                       "A 1..2 set 2 7\n"
                                       "B 3..4 get 1 -> 5\n"
                                       "C 5..6 get 2 -> 7\n"
                                       "C 7..8 get 2 -> 6\n"
                                       "C 9..10 erase 2 -> no\n"
                                       "final [1 5 2 7]\n"));
  EXPECT_EQ(to_text(smallest),
            "dict\n"
            "initial [2 6]\n"
            "A 1..2 set 2 7\n"
            "C 7..8 get 2 -> 6\n");
}

TEST(Columns, have_a_line_for_each_operation_and_mark_what_does_not_fit) {
  const History history = parse_history(
      "set\n"
      "initial [4]\n"
      "A 1..6 add 3 -> yes\n"
      "B 2..3 contains 3 -> yes\n"
      "B 4..5 contains 3 -> no\n");
  const std::vector<std::string> lines = columns(history, judge(history));
  EXPECT_EQ(lines, (std::vector<std::string>{
                       "set of [4]",
                       "  moments | A            | B",
                       "     1..6 | add 3 -> yes |",
                       "     2..3 |              | contains 3 -> yes",
                       "     4..5 |              | contains 3 -> no !",
                       "a set of [4]: after A add 3 -> yes, B contains 3 -> yes, "
                       "B contains 3 -> no should be yes",
                   }));
}

}  // namespace
}  // namespace threadmill
