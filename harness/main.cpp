// SPDX-License-Identifier: Apache-2.0
//
// threadmill, and threadmill-faults (the same sources with TM_FAULTS=1): from the
// command line to the exit status.
#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "harness/command_line.hpp"
#include "harness/commands.hpp"
#include "harness/report.hpp"
#include "harness/sibling.hpp"

namespace threadmill {
namespace {

int run(int count, char** words, Clock::time_point start) {
  const std::string_view first = count > 1 ? words[1] : "";
  if (first == "explore" || first == "replay") {
    become_sibling("threadmill-explore", "explore and replay need", words);
  }
  const CommandLine line = parse_command_line(count, words);
  switch (line.subcommand) {
    case Subcommand::help:
      std::fputs(line.help.c_str(), stdout);
      return 0;
    case Subcommand::list:
      return run_list(line.list);
    case Subcommand::merge:
      return run_merge(line.merge);
    case Subcommand::version:
      return run_version(line.version);
    case Subcommand::stress:
      return run_stress(line.stress, words, start);
  }
  return 0;
}

int say(const char* what, ExitStatus status) {
  std::fprintf(stderr, "threadmill: %s\n", what);
  return static_cast<int>(status);
}

}  // namespace
}  // namespace threadmill

int main(int count, char** words) {
  using namespace threadmill;
  const Clock::time_point start = Clock::now();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away does not end a run
  try {
    return run(count, words, start);
  } catch (const UsageError& error) {
    return say(error.what(), ExitStatus::bad_usage);
  } catch (const std::exception& error) {
    return say(error.what(), ExitStatus::bad_usage);
  }
}
