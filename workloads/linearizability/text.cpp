// SPDX-License-Identifier: Apache-2.0
//
// Histories to text; parse.cpp is the way back.
#include "workloads/linearizability/text.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace threadmill {
namespace {

[[nodiscard]] std::string row(const Values& values) {
  return fmt::format("[{}]", fmt::join(values, " "));
}

[[nodiscard]] std::string answer_text(Form form, const Values& answer) {
  switch (form) {
    case Form::nothing:
      return answer.empty() ? "" : row(answer);
    case Form::flag:
      return answer == Values{1} ? "yes" : "no";
    case Form::content:
      return row(answer);
    default:
      return answer.empty() ? "none" : fmt::format("{}", answer.front());
  }
}

[[nodiscard]] std::string call_text(Subject subject, const Invocation& operation) {
  const CallInfo& info = info_of(subject, operation.call);
  if (info.arguments == CallInfo::kAnyNumber)
    return fmt::format("{} {}", info.name, row(operation.arguments));
  if (operation.arguments.empty()) return info.name;
  return fmt::format("{} {}", info.name, fmt::join(operation.arguments, " "));
}

[[nodiscard]] std::string done_text(Subject subject, const Invocation& operation) {
  std::string text = call_text(subject, operation);
  if (operation.is_pending()) return text;
  const std::string answer =
      answer_text(info_of(subject, operation.call).answer, operation.answer);
  if (!answer.empty()) text += " -> " + answer;
  return text;
}

[[nodiscard]] char thread_name(unsigned thread) {
  return static_cast<char>('A' + thread % 26);
}

[[nodiscard]] std::string interval_text(const Invocation& operation) {
  if (operation.is_pending()) return fmt::format("{}..", operation.invoked);
  return fmt::format("{}..{}", operation.invoked, operation.responded);
}

[[nodiscard]] std::string order_text(const History& history,
                                     const std::vector<std::size_t>& order) {
  if (order.empty()) return "at first";
  std::vector<std::string> steps;
  for (const std::size_t i : order)
    steps.push_back(to_text(history.subject, history.operations[i]));
  return fmt::format("after {}", fmt::join(steps, ", "));
}

[[nodiscard]] std::string misfit_text(const History& history, const Misfit& misfit) {
  const Invocation& operation = history.operations[misfit.operation];
  const Form form = info_of(history.subject, operation.call).answer;
  return fmt::format("{} should be {}", to_text(history.subject, operation),
                     answer_text(form, misfit.expected));
}

}  // namespace

std::string to_text(Subject subject, const Invocation& operation) {
  return fmt::format("{} {}", thread_name(operation.thread),
                     done_text(subject, operation));
}

std::string to_text(const History& history) {
  std::string text =
      fmt::format("{}{}\n", name_of(history.subject), history.by_key ? " by key" : "");
  if (!history.initial.empty())
    text += fmt::format("initial {}\n", row(history.initial));
  for (const Invocation& operation : history.operations) {
    text +=
        fmt::format("{} {} {}\n", thread_name(operation.thread),
                    interval_text(operation), done_text(history.subject, operation));
  }
  if (history.final) text += fmt::format("final {}\n", row(*history.final));
  return text;
}

std::string explanation(const History& history, const Judgement& judgement) {
  std::string text =
      fmt::format("a {} of {}: {}", name_of(history.subject), row(history.initial),
                  order_text(history, judgement.order));
  if (judgement.misfits.empty()) {
    return text + fmt::format(" it has {}, but should have {}",
                              row(history.final.value_or(Values{})),
                              row(judgement.content));
  }
  std::vector<std::string> misfits;
  for (const Misfit& misfit : judgement.misfits)
    misfits.push_back(misfit_text(history, misfit));
  return text + fmt::format(", {}", fmt::join(misfits, ", "));
}

std::vector<std::string> columns(const History& history, const Judgement& judgement) {
  const std::vector<Invocation>& operations = history.operations;
  std::vector<std::size_t> rows(operations.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
    return operations[a].invoked < operations[b].invoked;
  });

  std::vector<std::string> cells;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const bool misfits =
        std::any_of(judgement.misfits.begin(), judgement.misfits.end(),
                    [i](const Misfit& misfit) { return misfit.operation == i; });
    cells.push_back(done_text(history.subject, operations[i]) + (misfits ? " !" : ""));
    const std::size_t thread = operations[i].thread;
    if (widths.size() <= thread) widths.resize(thread + 1, 1);
    widths[thread] = std::max(widths[thread], cells.back().size());
  }

  const auto line = [&](const std::string& interval, auto&& cell_of) {
    std::string text = fmt::format("{:>9}", interval);
    for (unsigned thread = 0; thread < widths.size(); ++thread)
      text += fmt::format(" | {:<{}}", cell_of(thread), widths[thread]);
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };

  std::vector<std::string> lines;
  lines.push_back(
      fmt::format("{} of {}", name_of(history.subject), row(history.initial)));
  lines.push_back(line(
      "moments", [](unsigned thread) { return std::string(1, thread_name(thread)); }));
  for (const std::size_t i : rows) {
    lines.push_back(line(interval_text(operations[i]), [&](unsigned thread) {
      return operations[i].thread == thread ? cells[i] : std::string();
    }));
  }
  if (history.final) lines.push_back(fmt::format("at the end {}", row(*history.final)));
  lines.push_back(explanation(history, judgement));
  return lines;
}

}  // namespace threadmill
