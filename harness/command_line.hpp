// SPDX-License-Identifier: Apache-2.0
//
// The command line: what the user typed to what is asked for. The only file that knows
// the argument library, and the only place that lists subcommands and options.
#pragma once

#include <string>

#include "harness/options.hpp"

namespace threadmill {

enum class Subcommand { help, list, version, stress, merge };

struct CommandLine {
  Subcommand subcommand = Subcommand::help;
  std::string help;  // the text to print, for Subcommand::help
  ListOptions list;
  VersionOptions version;
  StressOptions stress;
  MergeOptions merge;
};

// Throws UsageError.
[[nodiscard]] CommandLine parse_command_line(int count, const char* const* words);

}  // namespace threadmill
