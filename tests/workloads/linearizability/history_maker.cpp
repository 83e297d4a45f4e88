// SPDX-License-Identifier: Apache-2.0
#include "tests/workloads/linearizability/history_maker.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "workloads/linearizability/model.hpp"

namespace threadmill {
namespace {

constexpr unsigned kThreads = 3;
constexpr std::uint64_t kWidth = 1000;  // of the time between two steps
constexpr Value kKeys = 2;

class Maker {
 public:
  Maker(Subject subject, std::uint64_t seed) : random_(seed) {
    history_.subject = subject;
  }

  [[nodiscard]] History make(std::size_t operations) {
    draw_initial();
    Values content = history_.initial;
    for (std::size_t i = 1; i <= operations; ++i) perform(content, i * kWidth);
    if (below(2) == 0) history_.final = content;
    if (below(3) == 0) leave_one_pending();
    if (below(2) == 0) change_an_answer();
    std::shuffle(history_.operations.begin(), history_.operations.end(), random_);
    return std::move(history_);
  }

 private:
  [[nodiscard]] std::uint64_t below(std::uint64_t n) { return random_() % n; }
  [[nodiscard]] Value small(Value n) {
    return static_cast<Value>(below(static_cast<std::uint64_t>(n)));
  }

  void draw_initial() {
    for (Value item = 0; item < small(3); ++item) {
      history_.initial.push_back(item);
      if (history_.subject == Subject::dict) history_.initial.push_back(next_value_++);
    }
  }

  // Takes effect at `moment`; its interval reaches up to three steps to both sides, as far
  // as its thread has done and will do nothing else then.
  void perform(Values& content, std::uint64_t moment) {
    const std::span<const CallInfo> calls = calls_of(history_.subject);
    const CallInfo& info = calls[below(calls.size())];
    Invocation operation;
    operation.call = info.call;
    operation.arguments = draw_arguments(info);
    operation.thread = static_cast<unsigned>(below(kThreads));
    std::uint64_t& free_from = free_from_[operation.thread];
    if (free_from >= moment) {
      operation.thread = static_cast<unsigned>(
          std::min_element(free_from_.begin(), free_from_.end()) - free_from_.begin());
      if (free_from_[operation.thread] >= moment) return;
    }
    operation.invoked = unused(std::max(free_from_[operation.thread] + 1,
                                        moment - std::min(moment, below(3 * kWidth))));
    operation.responded = unused(moment + 1 + below(3 * kWidth));
    free_from_[operation.thread] = operation.responded;
    operation.answer =
        apply(history_.subject, content, operation.call, operation.arguments);
    history_.operations.push_back(std::move(operation));
  }

  // Moments must differ; they are multiples of 16 with room between.
  [[nodiscard]] std::uint64_t unused(std::uint64_t moment) {
    return moment * 16 + stamps_++ % 16;
  }

  [[nodiscard]] Values draw_arguments(const CallInfo& info) {
    const std::size_t count = info.arguments == CallInfo::kAnyNumber
                                  ? (1 + below(2)) * width_of(history_.subject)
                                  : info.arguments;
    Values arguments;
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_value = (history_.subject == Subject::list &&
                             (info.call == Call::append || info.call == Call::extend ||
                              info.call == Call::assign)) ||
                            i % 2 == 1;
      const bool bounds = info.call == Call::slice;
      arguments.push_back(is_value && !bounds && history_.subject != Subject::set
                              ? next_value_++
                              : small(kKeys + (bounds ? 2 : 0)));
    }
    return arguments;
  }

  void leave_one_pending() {
    if (history_.operations.empty()) return;
    // the last of its thread
    auto last = std::max_element(history_.operations.begin(), history_.operations.end(),
                                 [](const Invocation& a, const Invocation& b) {
                                   return a.responded < b.responded;
                                 });
    last->responded = Invocation::kPending;
    last->answer.clear();
  }

  void change_an_answer() {
    if (history_.operations.empty()) return;
    Invocation& operation = history_.operations[below(history_.operations.size())];
    if (operation.is_pending()) return;
    Values& answer = operation.answer;
    switch (info_of(history_.subject, operation.call).answer) {
      case Form::nothing:
        return;
      case Form::flag:
        answer[0] = 1 - answer[0];
        return;
      case Form::number:
        answer[0] += below(2) == 0 ? 1 : -1;
        return;
      case Form::value_or_none:
        answer =
            answer.empty() || below(2) == 0 ? Values{small(next_value_)} : Values{};
        return;
      default:
        if (answer.empty()) return;
        if (below(2) == 0) {
          answer.pop_back();
        } else {
          std::reverse(answer.begin(), answer.end());
        }
    }
  }

  std::mt19937_64 random_;
  History history_;
  std::array<std::uint64_t, kThreads> free_from_{};
  std::uint64_t stamps_ = 0;
  Value next_value_ = 3;
};

}  // namespace

History random_history(Subject subject, std::size_t operations, std::uint64_t seed) {
  return Maker(subject, seed).make(operations);
}

}  // namespace threadmill
