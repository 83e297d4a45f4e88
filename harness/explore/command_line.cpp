// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <string_view>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/argument_values.hpp"
#include "harness/explore/options.hpp"
#include "harness/manual.hpp"
#include "harness/numbers.hpp"
#include "harness/options.hpp"
#include "harness/report.hpp"

namespace threadmill::explore {
namespace {

constexpr unsigned kMostJobs = 256;
constexpr const char* kProgram = "threadmill";  // whose manual it is

// Values as they were typed.
struct Texts {
  std::string strategy;
  std::string memory = "sc";
  std::string seconds = "60";
  std::string seed = "1";
  std::string iterations = "0";
  std::string depth = "3";
  std::string preemptions;
  std::string times = "1";
  std::string jobs;
  std::string shard;
};

void add_explore(CLI::App& app, CommandLine& line, Texts& texts) {
  CLI::App* explore = app.add_subcommand(
      "explore",
      "Run scenarios under every schedule, or many, and every memory behaviour");
  explore->footer(kExitStatuses);
  ExploreOptions& options = line.explore;
  explore
      ->add_option("NAME", options.patterns,
                   "Scenarios by name or shell pattern, as in 'litmus-*'; none: all")
      ->type_name("");
  explore
      ->add_option(
          "--strategy", texts.strategy,
          "dfs (every schedule), random, pct, pos or urw; default: dfs for half "
          "of the scenario's time, then pos")
      ->type_name("S");
  explore
      ->add_option("--memory", texts.memory,
                   "sc (sequential consistency, the default) or rc11 (weak memory)")
      ->type_name("M");
  explore
      ->add_option(
          "--iterations", texts.iterations,
          "Executions per scenario at most; default: 0, as many as time allows")
      ->type_name("N");
  explore
      ->add_option(
          "--seconds", texts.seconds,
          "Time for the whole run, shared out among the scenarios; default: 60")
      ->type_name("S");
  explore
      ->add_option("--jobs", texts.jobs,
                   "Processes at a time, shared out among the scenarios; default: as "
                   "many as processors")
      ->type_name("N");
  explore
      ->add_option("--shard", texts.shard,
                   "The i-th of n parts of the selected scenarios, as in 2/8; 'env' or "
                   "'env/8': as an array job of Slurm, Kubernetes or GoogleTest says")
      ->type_name("I/N");
  explore->add_option("--seed", texts.seed, "Decides all random choices; default: 1")
      ->type_name("N");
  explore->add_option("--depth", texts.depth, "pct: the depth of the bug; default: 3")
      ->type_name("D");
  explore
      ->add_option("--preemptions", texts.preemptions,
                   "dfs: every schedule of at most so many preemptions")
      ->type_name("N");
  explore
      ->add_option("--fault", options.fault,
                   "Switch on a fault of the runtime that the run must find: see "
                   "'list'")
      ->type_name("NAME");
  explore->add_flag(
      "--coverage", options.search.coverage,
      "Say of which places in the sources, where threads meet, both orders "
      "were seen; with NAME, list those that were not");
  explore->add_option("--json", options.json, "Write the report to FILE")
      ->type_name("FILE");
  explore
      ->add_option("--save", options.save,
                   "Folder for the schedules of failures, for 'replay'; '' for none; "
                   "default: results/latest")
      ->type_name("DIR");
  explore->callback([&line] { line.subcommand = Subcommand::explore; });
}

void add_replay(CLI::App& app, CommandLine& line, Texts& texts) {
  CLI::App* replay = app.add_subcommand(
      "replay", "Make a failing execution again, and show its steps");
  replay->footer(kExitStatuses);
  replay->add_option("FILE", line.replay.path, "A file that 'explore' wrote")
      ->type_name("")
      ->required();
  replay->add_option("--times", texts.times, "How often; default: 1")->type_name("N");
  replay->callback([&line] { line.subcommand = Subcommand::replay; });
}

void add_list(CLI::App& app, CommandLine& line) {
  CLI::App* list = app.add_subcommand("list", "Show the scenarios and the faults");
  list->add_flag("--json", line.list_json, "Write it as JSON");
  list->callback([&line] { line.subcommand = Subcommand::list; });
}

void convert(const Texts& texts, CommandLine& line) {
  ExploreOptions& options = line.explore;
  options.automatic = texts.strategy.empty();
  if (!options.automatic) {
    const auto& names = strategy_names();
    if (std::find(names.begin(), names.end(), texts.strategy) == names.end()) {
      throw UsageError(fmt::format("--strategy '{}': there are {}",
                                   printable(texts.strategy), fmt::join(names, ", ")));
    }
    options.search.strategy = texts.strategy;
  }
  if (texts.memory != "sc" && texts.memory != "rc11") {
    throw UsageError(
        fmt::format("--memory '{}': there are sc, rc11", printable(texts.memory)));
  }
  options.search.memory = texts.memory == "sc" ? MemoryModel::sc : MemoryModel::rc11;
  options.seconds = parse_seconds(texts.seconds);
  options.jobs =
      texts.jobs.empty()
          ? std::clamp(std::thread::hardware_concurrency(), 1u, kMostJobs)
          : static_cast<unsigned>(parse_whole("--jobs", texts.jobs, 1, kMostJobs));
  if (!texts.shard.empty()) options.shard = parse_shard(texts.shard);
  options.search.seed = parse_seed(texts.seed);
  options.search.iterations =
      parse_whole("--iterations", texts.iterations, 0, ~std::uint64_t{0});
  options.search.depth =
      static_cast<unsigned>(parse_whole("--depth", texts.depth, 1, 16));
  if (!texts.preemptions.empty()) {
    options.search.preemptions =
        static_cast<unsigned>(parse_whole("--preemptions", texts.preemptions, 0, 1000));
  }
  line.replay.times = parse_whole("--times", texts.times, 1, 1'000'000);
}

}  // namespace

CommandLine parse_command_line(int count,
                               const char* const* words,
                               const ValuesOf& values_of) {
  CommandLine line;
  line.program = count > 0 ? std::filesystem::path(words[0]).filename().string() : "";
  if (line.program.empty()) line.program = "threadmill-explore";
  Texts texts;
  CLI::App app{"Explores the schedules of small scenarios over the runtime",
               line.program};
  app.footer(kExitStatuses);
  add_explore(app, line, texts);
  add_replay(app, line, texts);
  add_list(app, line);
  const std::string_view first = count > 1 ? words[1] : "";
  if (first == kComplete) {
    line.help = completions(app, words_to_complete(count, words), values_of);
    return line;
  }
  if (first == kManual) {
    line.help = manual_sections(app, kProgram, {"explore", "replay"});
    return line;
  }
  app.require_subcommand(1);
  try {
    app.parse(count, words);
  } catch (const CLI::CallForHelp&) {
    line.subcommand = Subcommand::help;
    line.help = app.help();
    return line;
  } catch (const CLI::ParseError& error) {
    std::string text = error.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    throw UsageError(fmt::format("{}; see '{} explore --help'", printable(text),
                                 printable(line.program)));
  }
  convert(texts, line);
  return line;
}

}  // namespace threadmill::explore
