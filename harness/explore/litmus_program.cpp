// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/litmus_program.hpp"

#include <array>
#include <cstddef>

#include "harness/explore/operation.hpp"

namespace threadmill::explore {
namespace {

std::string call(const LitmusOperation& operation) {
  const std::string object = std::string(location_name(operation.location)) + ".";
  const std::string value = std::to_string(operation.value);
  const std::string order = name_of(operation.order);
  switch (operation.kind) {
    case LitmusOperation::Kind::load:
      return object + "load(" + order + ")";
    case LitmusOperation::Kind::store:
      return object + "store(" + value + ", " + order + ")";
    case LitmusOperation::Kind::exchange:
      return object + "exchange(" + value + ", " + order + ")";
    case LitmusOperation::Kind::fetch_add:
      return object + "fetch_add(" + value + ", " + order + ")";
    case LitmusOperation::Kind::compare_strong:
      return object + "compare_strong(" + std::to_string(operation.expected) + ", " +
             value + ", " + order + ")";
    case LitmusOperation::Kind::fence:
      return "fence(" + order + ")";
  }
  return "?";
}

}  // namespace

const char* location_name(std::size_t location) {
  static constexpr std::array<const char*, kMaxLitmusLocations> kNames = {
      "x", "y", "z", "w", "v", "u", "t", "s"};
  return kNames.at(location);
}

std::string to_text(const LitmusOutcome& outcome) {
  std::string text;
  for (std::size_t i = 0; i < outcome.read.size(); ++i) {
    text += "r" + std::to_string(i) + "=" + std::to_string(outcome.read[i]) + " ";
  }
  text += "|";
  for (std::size_t i = 0; i < outcome.last.size(); ++i) {
    text += std::string(" ") + location_name(i) + "=" + std::to_string(outcome.last[i]);
  }
  return text;
}

std::string to_text(const LitmusProgram& program) {
  std::string text;
  std::size_t reads = 0;  // numbered as in the text of an outcome
  for (std::size_t thread = 0; thread < program.threads.size(); ++thread) {
    text += "thread " + std::to_string(thread) + ":";
    for (const LitmusOperation& operation : program.threads[thread]) {
      text += " ";
      if (operation.reads()) text += "r" + std::to_string(reads++) + " = ";
      text += call(operation) + ";";
    }
    text += "\n";
  }
  return text;
}

}  // namespace threadmill::explore
