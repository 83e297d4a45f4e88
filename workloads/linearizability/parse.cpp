// SPDX-License-Identifier: Apache-2.0
//
// Text to histories, strictly: what is not understood is refused.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "workloads/linearizability/text.hpp"

namespace threadmill {
namespace {

// The words of one line, one after the other.
class Line {
 public:
  Line(std::string_view text, std::size_t number) : rest_(text), number_(number) {
    skip_blanks();
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  // Up to the next blank or bracket; a bracket is a word of its own. Empty at the end.
  std::string_view word() {
    if (rest_.empty()) return {};
    std::size_t length = 1;
    if (!is_bracket(rest_.front())) {
      length = std::min(rest_.find_first_of(" []"), rest_.size());
    }
    const std::string_view found = rest_.substr(0, length);
    rest_.remove_prefix(length);
    skip_blanks();
    return found;
  }

  // The next word is this one, and taken.
  bool take(std::string_view expected) {
    Line ahead = *this;
    if (ahead.word() != expected) return false;
    *this = ahead;
    return true;
  }

  template <class Number>
  [[nodiscard]] Number number(std::string_view text, const char* what) const {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stopped != end)
      fail(fmt::format("`{}` is no {}; write an integer", text, what));
    return number;
  }

  [[nodiscard]] Value value() { return number<Value>(word(), "value"); }

  [[nodiscard]] Values row() {
    if (!take("[")) fail("a row is missing; write it in brackets, as in [1 2]");
    Values values;
    while (!take("]")) {
      if (at_end()) fail("a row without an end; write its closing bracket");
      values.push_back(value());
    }
    return values;
  }

  void expect_end() {
    if (!at_end()) fail(fmt::format("`{}` is too much; remove it", rest_));
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw HistoryError(fmt::format("line {}: {}", number_, what));
  }

 private:
  [[nodiscard]] static bool is_bracket(char c) { return c == '[' || c == ']'; }
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
  }

  std::string_view rest_;
  std::size_t number_;
};

class Parser {
 public:
  [[nodiscard]] History parse(std::string_view text) {
    std::size_t number = 0;
    while (!text.empty()) {
      const std::size_t length = std::min(text.find('\n'), text.size());
      const std::string_view content = text.substr(0, length);
      text.remove_prefix(std::min(length + 1, text.size()));
      Line line(content, ++number);
      if (line.at_end() || content.front() == '#') continue;
      take(line);
      line.expect_end();
    }
    if (stage_ == Stage::subject)
      throw HistoryError("no history; begin it with list, dict or set");
    return std::move(history_);
  }

 private:
  enum class Stage { subject, initial, operations, over };

  void take(Line& line) {
    if (stage_ == Stage::subject) return take_subject(line);
    if (stage_ == Stage::over) line.fail("comes after the final content; move it up");
    if (line.take("initial")) return take_initial(line);
    if (line.take("final")) {
      stage_ = Stage::over;
      history_.final = take_content(line);
      return;
    }
    take_operation(line);
  }

  void take_subject(Line& line) {
    const std::string_view name = line.word();
    for (const Subject subject : {Subject::list, Subject::dict, Subject::set}) {
      if (name == name_of(subject)) {
        history_.subject = subject;
        stage_ = Stage::initial;
      }
    }
    if (stage_ == Stage::subject)
      line.fail(fmt::format("`{}` is no container; write list, dict or set", name));
    if (!line.take("by")) return;
    history_.by_key = true;
    if (!line.take("key") || history_.subject == Subject::list)
      line.fail("only `dict by key` and `set by key` are judged by a part; write that");
  }

  void take_initial(Line& line) {
    if (stage_ != Stage::initial)
      line.fail("the initial content is not the first thing; move it up");
    stage_ = Stage::operations;
    history_.initial = take_content(line);
  }

  // Of whole items.
  [[nodiscard]] Values take_items(Line& line) const {
    Values items = line.row();
    if (items.size() % width_of(history_.subject) != 0)
      line.fail("a key without a value; add it");
    return items;
  }

  [[nodiscard]] Values take_content(Line& line) const {
    Values content = take_items(line);
    const std::size_t width = width_of(history_.subject);
    if (history_.subject == Subject::list) return content;
    std::set<Value> keys;
    for (std::size_t i = 0; i < content.size(); i += width) {
      if (!keys.insert(content[i]).second)
        line.fail(fmt::format("{} is there twice; remove one", content[i]));
    }
    return content;
  }

  void take_operation(Line& line) {
    stage_ = Stage::operations;
    if (history_.operations.size() == kMostOperations)
      line.fail(fmt::format("more than {} operations; write fewer", kMostOperations));
    Invocation operation;
    operation.thread = take_thread(line);
    take_interval(line, operation);
    const CallInfo& info = take_call(line);
    operation.call = info.call;
    operation.arguments = take_arguments(line, info);
    if (!operation.is_pending()) operation.answer = take_answer(line, info.answer);
    history_.operations.push_back(std::move(operation));
  }

  [[nodiscard]] static unsigned take_thread(Line& line) {
    const std::string_view name = line.word();
    if (name.size() != 1 || name.front() < 'A' || name.front() > 'Z')
      line.fail(fmt::format("`{}` is no thread; write a letter from A to Z", name));
    return static_cast<unsigned>(name.front() - 'A');
  }

  void take_interval(Line& line, Invocation& operation) {
    const std::string_view text = line.word();
    const std::size_t dots = text.find("..");
    if (dots == std::string_view::npos)
      line.fail(fmt::format("`{}` are no moments; write them as in 3..5", text));
    operation.invoked = line.number<std::uint64_t>(text.substr(0, dots), "moment");
    note_moment(line, operation.invoked);
    const std::string_view end = text.substr(dots + 2);
    if (!end.empty()) {
      operation.responded = line.number<std::uint64_t>(end, "moment");
      note_moment(line, operation.responded);
      if (operation.responded <= operation.invoked)
        line.fail("responded before it was invoked; write the earlier moment first");
    }
    for (const Invocation& other : history_.operations) {
      if (other.thread == operation.thread && other.invoked < operation.responded &&
          operation.invoked < other.responded)
        line.fail("its thread does two things at once; use another thread");
    }
  }

  void note_moment(const Line& line, std::uint64_t moment) {
    if (moment == Invocation::kPending)
      line.fail("a moment too late; write a smaller one");
    if (!moments_.insert(moment).second)
      line.fail(fmt::format("moment {} is there twice; use another", moment));
  }

  [[nodiscard]] const CallInfo& take_call(Line& line) const {
    const std::string_view name = line.word();
    for (const CallInfo& info : calls_of(history_.subject)) {
      if (name != info.name) continue;
      if (history_.by_key && !info.is_keyed)
        line.fail(fmt::format("`{}` is not about a key; do without `by key`", name));
      return info;
    }
    line.fail(fmt::format("a {} has no `{}`; see calls in history.cpp",
                          name_of(history_.subject), name));
  }

  [[nodiscard]] Values take_arguments(Line& line, const CallInfo& info) const {
    if (info.arguments == CallInfo::kAnyNumber) return take_items(line);
    Values arguments;
    while (arguments.size() < info.arguments) {
      if (line.at_end())
        line.fail(fmt::format("{} takes {} arguments; add what is missing", info.name,
                              info.arguments));
      arguments.push_back(line.value());
    }
    return arguments;
  }

  [[nodiscard]] static Values take_answer(Line& line, Form form) {
    if (form == Form::nothing) return {};
    if (!line.take("->")) line.fail("no answer; write it after ->");
    switch (form) {
      case Form::content:
        return line.row();
      case Form::flag:
        if (line.take("yes")) return {1};
        if (line.take("no")) return {0};
        line.fail("the answer is neither yes nor no; write one of them");
      case Form::value_or_none:
        if (line.take("none")) return {};
        return {line.value()};
      default:
        return {line.value()};
    }
  }

  History history_;
  Stage stage_ = Stage::subject;
  std::set<std::uint64_t> moments_;
};

}  // namespace

History parse_history(std::string_view text) { return Parser().parse(text); }

}  // namespace threadmill
