// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/litmus_program.hpp"

#include <cstddef>

namespace threadmill::explore {
namespace {

std::string location_name(std::size_t location) {
  static constexpr char kNames[] = {'x', 'y', 'z', 'w'};
  if (location < sizeof(kNames)) return {kNames[location]};
  return "m" + std::to_string(location);
}

const char* order_name(std::memory_order order) {
  switch (order) {
    case std::memory_order_relaxed:
      return "relaxed";
    case std::memory_order_consume:
      return "consume";
    case std::memory_order_acquire:
      return "acquire";
    case std::memory_order_release:
      return "release";
    case std::memory_order_acq_rel:
      return "acq_rel";
    case std::memory_order_seq_cst:
      return "seq_cst";
  }
  return "?";
}

std::string call(const LitmusOperation& operation) {
  const std::string object = location_name(operation.location) + ".";
  const std::string value = std::to_string(operation.value);
  const std::string order = order_name(operation.order);
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

std::string to_text(const LitmusOutcome& outcome) {
  std::string text;
  for (std::size_t i = 0; i < outcome.read.size(); ++i) {
    text += "r" + std::to_string(i) + "=" + std::to_string(outcome.read[i]) + " ";
  }
  text += "|";
  for (std::size_t i = 0; i < outcome.last.size(); ++i) {
    text += " " + location_name(i) + "=" + std::to_string(outcome.last[i]);
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
