// SPDX-License-Identifier: Apache-2.0
//
// Text that is no history is refused in one line that names the line and what to write.
#include <string>

#include <gtest/gtest.h>

#include "workloads/linearizability/text.hpp"

namespace threadmill {
namespace {

std::string refusal_of(const std::string& text) {
  try {
    static_cast<void>(parse_history(text));
    return "";
  } catch (const HistoryError& error) {
    return error.what();
  }
}

void expect_refused(const std::string& text, const std::string& expected) {
  const std::string refusal = refusal_of(text);
  EXPECT_NE(refusal.find(expected), std::string::npos) << text << "\nsaid: " << refusal;
  EXPECT_EQ(refusal.find('\n'), std::string::npos) << refusal;
}

TEST(ParseHistory, reads_what_its_header_says) {
  const History history = parse_history(
      "# any comment\n"
      "set by key\n"
      "initial [1 2]\n"
      "A 1..4 add 3 -> yes\n"
      "\n"
      "B 2..3 update [3 -4]\n"
      "B 5.. discard 3\n"
      "final [1 2 3]");
  EXPECT_EQ(history.subject, Subject::set);
  EXPECT_TRUE(history.by_key);
  EXPECT_EQ(history.initial, (Values{1, 2}));
  ASSERT_EQ(history.operations.size(), 3U);
  EXPECT_EQ(history.operations[0],
            (Invocation{Call::add, 0, 1, 4, Values{3}, Values{1}}));
  EXPECT_EQ(history.operations[1], (Invocation{Call::update, 1, 2, 3, {3, -4}, {}}));
  EXPECT_TRUE(history.operations[2].is_pending());
  EXPECT_EQ(history.final, (Values{1, 2, 3}));
}

TEST(ParseHistory, refuses_what_is_no_history) {
  expect_refused("", "no history");
  expect_refused("# nothing\n\n", "no history");
  expect_refused("queue\n", "line 1: `queue` is no container");
  expect_refused("list by key\n", "line 1: only");
  expect_refused("dict by name\n", "line 1: only");
  expect_refused("list list\n", "line 1: `list` is too much");
}

TEST(ParseHistory, refuses_bad_contents) {
  expect_refused("dict\ninitial [1]\n", "line 2: a key without a value");
  expect_refused("dict\ninitial [1 2 1 3]\n", "line 2: 1 is there twice");
  expect_refused("set\nfinal [7 7]\n", "line 2: 7 is there twice");
  expect_refused("list\ninitial 1\n", "line 2: a row is missing");
  expect_refused("list\ninitial [1\n", "line 2: a row without an end");
  expect_refused("list\ninitial [1 x]\n", "line 2: `x` is no value");
  expect_refused("list\ninitial [9223372036854775808]\n", "is no value");
  expect_refused("list\ninitial []\ninitial []\n", "line 3: the initial content");
  expect_refused("list\nA 1..2 append 1\ninitial []\n", "line 3: the initial content");
  expect_refused("list\nfinal []\nA 1..2 append 1\n", "line 3: comes after");
}

TEST(ParseHistory, refuses_bad_moments) {
  expect_refused("list\nA 2 append 1\n", "`2` are no moments");
  expect_refused("list\nA 2..x append 1\n", "`x` is no moment");
  expect_refused("list\nA ..3 append 1\n", "`` is no moment");
  expect_refused("list\nA -1..3 append 1\n", "`-1` is no moment");
  expect_refused("list\nA 3..2 append 1\n", "responded before");
  expect_refused("list\nA 1..3 append 1\nB 3..4 append 1\n", "moment 3 is there twice");
  expect_refused("list\nA 1..3 append 1\nA 2..4 append 1\n", "two things at once");
  expect_refused("list\nA 1.. append 1\nA 2..4 append 1\n", "two things at once");
  expect_refused("list\nA 18446744073709551615.. pop\n", "too late");
}

TEST(ParseHistory, refuses_bad_operations) {
  expect_refused("list\nAB 1..2 append 1\n", "`AB` is no thread");
  expect_refused("list\na 1..2 append 1\n", "`a` is no thread");
  expect_refused("list\nA 1..2\n", "a list has no ``");
  expect_refused("list\nA 1..2 add 1 -> yes\n", "a list has no `add`");
  expect_refused("set by key\nA 1..2 clear\n", "`clear` is not about a key");
  expect_refused("list\nA 1..2 append\n", "append takes 1 arguments");
  expect_refused("list\nA 1..2 append 1 2\n", "`2` is too much");
  expect_refused("list\nA 1..2 append 1 -> 2\n", "`-> 2` is too much");
  expect_refused("list\nA 1.. pop -> 2\n", "`-> 2` is too much");
  expect_refused("list\nA 1..2 pop\n", "no answer");
  expect_refused("list\nA 1..2 pop -> [1]\n", "`[` is no value");
  expect_refused("list\nA 1..2 size -> none\n", "`none` is no value");
  expect_refused("set\nA 1..2 add 1 -> 1\n", "neither yes nor no");
  expect_refused("list\nA 1..2 slice 0 1 -> 1\n", "a row is missing");
  expect_refused("list\nA 1..2 assign 1\n", "a row is missing");
  expect_refused("list\nA 1..2 sort\n", "no answer");
  expect_refused("dict\nA 1..2 update [1]\n", "line 2: a key without a value");
  expect_refused("dict\nA 1..2 pop_item -> none\n", "a row is missing");
  expect_refused("set by key\nA 1..2 retain [1]\n", "`retain` is not about a key");
}

TEST(ParseHistory, refuses_more_operations_than_the_checker_takes) {
  std::string text = "list\n";
  for (std::size_t i = 0; i < kMostOperations; ++i) {
    text +=
        "A " + std::to_string(2 * i) + ".." + std::to_string(2 * i + 1) + " append 1\n";
  }
  EXPECT_EQ(refusal_of(text), "");
  expect_refused(text + "A 1000..1001 append 1\n", "more than 64 operations");
}

}  // namespace
}  // namespace threadmill
