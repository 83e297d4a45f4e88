// SPDX-License-Identifier: Apache-2.0
//
// The command line: what the user typed to what is asked for. The only file that knows
// the argument library, and the only place that lists subcommands and options.
#pragma once

#include <span>
#include <string>

#include "harness/completion.hpp"
#include "harness/options.hpp"

namespace threadmill {

enum class Subcommand {
  help,
  list,
  version,
  stress,
  merge,
  compare,
  report,
  faults,
  doctor
};

struct CommandLine {
  Subcommand subcommand = Subcommand::help;
  std::string help;  // the text to print, for Subcommand::help
  ListOptions list;
  VersionOptions version;
  StressOptions stress;
  MergeOptions merge;
  CompareOptions compare;
  ReportOptions report;
  FaultsOptions faults;
  DoctorOptions doctor;
};

// A subcommand that an executable beside this one carries out.
struct SiblingCommand {
  const char* name;
  const char* sibling;
  const char* need;  // who needs it, as in "bench needs"
  const char* purpose;
};

[[nodiscard]] std::span<const SiblingCommand> sibling_commands();

// `bench` with options of ours: models take turns. Without, it is a sibling's.
[[nodiscard]] bool is_bench_of_models(int count, const char* const* words);
[[nodiscard]] BenchOptions parse_bench_of_models(int count, const char* const* words);
// The help of `bench`, or its completion: the sibling's with ours. Empty: not asked for.
[[nodiscard]] std::string text_of_bench(int count, const char* const* words);

// Throws UsageError. What completion and the manual say is `help`, too.
[[nodiscard]] CommandLine parse_command_line(int count,
                                             const char* const* words,
                                             const std::string& program,
                                             const ValuesOf& values_of);

}  // namespace threadmill
