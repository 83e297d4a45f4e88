// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/trace_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/site_pairs.hpp"

namespace threadmill::explore {
namespace {

constexpr std::size_t kNarrowest = 30;
constexpr std::size_t kLines = 400;  // of a trace; more of them help nobody

std::string cell_of(const TraceStep& step) {
  const Operation& operation = step.operation;
  std::string text = name_of(operation.op);
  if (!step.what.empty()) text += " " + step.what;
  if (!step.result.empty()) text += " " + step.result;
  const bool has_order = operation.op == Op::load || operation.op == Op::store ||
                         operation.op == Op::rmw || operation.op == Op::fence;
  if (has_order) text += fmt::format(" {}", name_of(operation.order));
  return text;
}

}  // namespace

std::string place_of(const Site& site) { return place_text(site.file, site.line); }

std::string to_text(const Failure& failure) {
  std::string text = fmt::format("{}: {}", name_of(failure.kind), failure.message);
  if (failure.thread != kNobody) text += fmt::format(" (T{}", failure.thread);
  if (failure.site.file != nullptr) {
    text += fmt::format("{}{}:{}", failure.thread != kNobody ? ", " : " (",
                        failure.site.file, failure.site.line);
  }
  if (failure.thread != kNobody || failure.site.file != nullptr) text += ")";
  return text;
}

std::string to_text(const std::vector<TraceStep>& trace,
                    unsigned threads,
                    const Failure& failure) {
  std::vector<std::size_t> widths(threads, kNarrowest);
  for (const TraceStep& step : trace) {
    widths[step.thread] = std::max(widths[step.thread], cell_of(step).size());
  }
  std::string text = "  step  ";
  for (unsigned t = 0; t < threads; ++t) {
    text += fmt::format("{:<{}}", fmt::format("T{}", t), widths[t] + 2);
  }
  text += "where\n";
  std::size_t number = 0;
  if (trace.size() > kLines) {
    number = trace.size() - kLines;
    text += fmt::format("  ...   {} operations before\n", number);
  }
  for (; number < trace.size(); ++number) {
    const TraceStep& step = trace[number];
    text += fmt::format("  {:>4}  ", number + 1);
    for (unsigned t = 0; t < threads; ++t) {
      text += fmt::format("{:<{}}", t == step.thread ? cell_of(step) : std::string(),
                          widths[t] + 2);
    }
    text += place_of(step.operation.site) + "\n";
  }
  return text + "  " + to_text(failure) + "\n";
}

}  // namespace threadmill::explore
