// SPDX-License-Identifier: Apache-2.0
//
// What a command line of an explorer asks for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/completion.hpp"
#include "harness/explore/explorer.hpp"
#include "harness/shard.hpp"

namespace threadmill::explore {

enum class Subcommand { help, list, explore, replay };

struct ExploreOptions {
  std::vector<std::string> patterns;  // shell patterns of scenario names; none: all
  Shard shard;                        // of the scenarios that they select
  SearchOptions search;
  bool automatic = true;  // no --strategy: depth first, and if that takes long, random
  double seconds = 60;    // for the whole run
  unsigned jobs = 1;      // processes at a time
  std::string fault;
  std::string json;                     // path of the report; empty: none
  std::string save = "results/latest";  // folder for replay files; empty: none
};

struct ReplayOptions {
  std::string path;
  std::uint64_t times = 1;
};

struct CommandLine {
  std::string program;  // how it was called, without folders
  Subcommand subcommand = Subcommand::help;
  std::string help;
  bool list_json = false;
  ExploreOptions explore;
  ReplayOptions replay;
};

// Throws UsageError. What completion and the manual say is `help`, too.
[[nodiscard]] CommandLine parse_command_line(int count,
                                             const char* const* words,
                                             const ValuesOf& values_of);

}  // namespace threadmill::explore
