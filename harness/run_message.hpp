// SPDX-License-Identifier: Apache-2.0
//
// What a process that runs one workload tells the one that started it: messages, each one
// line of JSON. What a process says that may have corrupted its own memory is read with
// mistrust: a line that is no message is none.
//
//   Sample     how far it has come; several a second
//   Check      a check was made, its result is final
//   EndedRun   all of it, at the end
//   Refusal    it cannot be run: one line for the user
//   LastWord   the process is about to die, and why; emergency.cpp writes it and the next
//   Stack      where the thread stood on which that was noticed
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/report.hpp"
#include "harness/watcher.hpp"
#include "harness/workload_run.hpp"

namespace threadmill {

struct Refusal {
  std::string text;
};

struct LastWord {
  Verdict verdict = Verdict::crash;
  std::string oracle;
  std::string detail;
  std::vector<std::string> more;  // lines
};

struct Stack {
  std::vector<std::string> frames;
};

using Message = std::variant<Sample, Check, EndedRun, Refusal, LastWord, Stack>;

// Without the newline at the end.
[[nodiscard]] std::string line_of(const Sample& sample);
[[nodiscard]] std::string line_of(const Check& check);
[[nodiscard]] std::string line_of(const EndedRun& run);
[[nodiscard]] std::string line_of(const Refusal& refusal);

[[nodiscard]] std::optional<Message> message_of(std::string_view line);

}  // namespace threadmill
