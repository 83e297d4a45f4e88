// SPDX-License-Identifier: Apache-2.0
//
// Histories as text: a file for the checker, and columns for people.
//
//   # any comment
//   set by key                    or: list, dict, set
//   initial [1 2]                 not if it is empty
//   A 1..4 add 3 -> yes           thread, invoked..responded, call, arguments -> answer
//   B 2..3 contains 3 -> no
//   B 5.. discard 3               pending
//   final [1 2 3]                 not if nobody has looked
//
// Threads are A to Z, the only names; values are integers. An answer is nothing at all,
// `yes` or `no`, a number, `none`, or a row in brackets; so are the arguments of what takes
// any number of them, as assign and update do.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/linearizability/checker.hpp"
#include "workloads/linearizability/history.hpp"

namespace threadmill {

// One line: the number of the line, what is wrong with it, what to write instead.
class HistoryError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws HistoryError. What it returns is a history that could have happened, whatever the
// container: moments differ, no thread does two things at once, a key is there once.
[[nodiscard]] History parse_history(std::string_view text);

// What parse_history() reads.
[[nodiscard]] std::string to_text(const History& history);

// An operation in words: `B pop -> 4`.
[[nodiscard]] std::string to_text(Subject subject, const Invocation& operation);

// What is wrong, in one line, of a judgement that it is not linearizable.
[[nodiscard]] std::string explanation(const History& history,
                                      const Judgement& judgement);

// A line per operation in the order of invocation, a column per thread; what could have
// come next and does not fit is marked with `!`.
[[nodiscard]] std::vector<std::string> columns(const History& history,
                                               const Judgement& judgement);

}  // namespace threadmill
