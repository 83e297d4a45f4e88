// SPDX-License-Identifier: Apache-2.0
//
// threadmill-explore: what `threadmill explore` and `threadmill replay` start.
#include <csignal>
#include <cstdio>
#include <exception>

#include "harness/explore/commands.hpp"
#include "harness/explore/options.hpp"
#include "harness/options.hpp"

int main(int count, char** words) {
  using namespace threadmill;
  using namespace threadmill::explore;
  std::signal(SIGPIPE, SIG_IGN);
  const auto say = [](const char* what) {
    std::fprintf(stderr, "threadmill: %s\n", what);
    return 2;
  };
  try {
    const CommandLine line = parse_command_line(count, words);
    switch (line.subcommand) {
      case Subcommand::help:
        std::fputs(line.help.c_str(), stdout);
        return 0;
      case Subcommand::list:
        return run_list(line.list_json);
      case Subcommand::explore:
        return run_explore(line.explore);
      case Subcommand::replay:
        return run_replay(line.replay);
    }
  } catch (const UsageError& error) {
    return say(error.what());
  } catch (const std::exception& error) {
    return say(error.what());
  }
  return 0;
}
