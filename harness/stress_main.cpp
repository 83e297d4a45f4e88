// SPDX-License-Identifier: Apache-2.0
#include "harness/stress_main.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "harness/command_line.hpp"
#include "harness/commands.hpp"
#include "harness/completion.hpp"
#include "harness/report.hpp"
#include "harness/sibling.hpp"

namespace threadmill {
namespace {

// `bench ...` and `complete bench ...` are the sibling's.
void pass_on(int count, char** words) {
  std::string_view first = count > 1 ? words[1] : "";
  if (first == kComplete && count > 3) first = words[2];
  for (const SiblingCommand& command : sibling_commands()) {
    if (first == command.name) become_sibling(command.sibling, command.need, words);
  }
}

int run(int count,
        char** words,
        std::span<const WorkloadInfo> workloads,
        Clock::time_point start) {
  if (is_bench_of_models(count, words))
    return run_bench(parse_bench_of_models(count, words));
  if (const std::string text = text_of_bench(count, words); !text.empty()) {
    std::fputs(text.c_str(), stdout);
    return 0;
  }
  pass_on(count, words);
  const CommandLine line = parse_command_line(
      count, words, program_name(),
      [&](const std::string& option) { return values_of(option, workloads); });
  switch (line.subcommand) {
    case Subcommand::help:
      std::fputs(line.help.c_str(), stdout);
      return 0;
    case Subcommand::list:
      return run_list(line.list, workloads);
    case Subcommand::faults:
      return run_faults(line.faults);
    case Subcommand::doctor:
      return run_doctor(line.doctor);
    case Subcommand::merge:
      return run_merge(line.merge);
    case Subcommand::compare:
      return run_compare(line.compare);
    case Subcommand::report:
      return run_report(line.report);
    case Subcommand::version:
      return run_version(line.version);
    case Subcommand::stress:
      return run_stress(line.stress, workloads, words, start);
  }
  return 0;
}

}  // namespace

int stress_main(int count, char** words, std::span<const WorkloadInfo> workloads) {
  const Clock::time_point start = Clock::now();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away does not end a run
  try {
    return run(count, words, workloads, start);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "threadmill: %s\n", error.what());
    return static_cast<int>(ExitStatus::bad_usage);
  }
}

}  // namespace threadmill
