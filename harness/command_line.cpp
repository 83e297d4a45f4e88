// SPDX-License-Identifier: Apache-2.0
#include "harness/command_line.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/argument_values.hpp"
#include "harness/manual.hpp"
#include "harness/numbers.hpp"
#include "harness/report.hpp"
#include "harness/sibling.hpp"
#include "runtime/base/build_info.hpp"
#include "runtime/runtime.hpp"

namespace threadmill {
namespace {

constexpr const char* kStressFooter =
    "Runs each workload on a fresh runtime, in turn, and judges it by its own check "
    "and\n"
    "by the oracles: heap-verifier, leak-check, held-memory, latency, progress and\n"
    "watchdog. Each has a process of its own, so that a crash or a hang costs no "
    "other\n"
    "its result. Ctrl-C ends the run with the results so far, a second Ctrl-C at "
    "once.\n"
    "Without NAME and without --json, --html or --junit, the report is left in\n"
    "results/latest/.\n\n";

// Values as they were typed; they become numbers by argument_values.hpp.
struct StressTexts {
  std::string threads = std::to_string(default_threads());
  std::string seconds = "60";
  std::string operations = "0";
  std::string seed;
  std::string memory_limit;
  std::string jobs = "1";
  std::string chaos;
  std::string reuse;
  std::string shard;
  std::string repeat;
  std::string fail_below;
};

// An empty path is one that a script lost, not one that was not given.
void add_path(CLI::App& app,
              const char* option,
              std::string& path,
              const char* purpose) {
  app.add_option(option, path, purpose)
      ->type_name("FILE")
      ->check([](const std::string& text) {
        return std::string(text.empty() ? "give the path of a file" : "");
      });
}

void add_outputs(CLI::App& app, OutputPaths& paths) {
  add_path(app, "--json", paths.json, "Write the report to FILE");
  add_path(app, "--html", paths.html, "Write it as a page for browsers");
  add_path(app, "--junit", paths.junit,
           "Write it as JUnit XML, as continuous integration reads it");
}

void add_list(CLI::App& app, CommandLine& line) {
  CLI::App* list =
      app.add_subcommand("list", "Show the workloads, the scenarios and the faults");
  list->add_flag("--json", line.list.json, "Write it as JSON");
  list->add_flag("--faults-only", line.list.faults_only)->group("");
  list->callback([&line] { line.subcommand = Subcommand::list; });
}

void add_version(CLI::App& app, CommandLine& line) {
  CLI::App* version = app.add_subcommand("version", "Show how this program was built");
  version->add_flag("--json", line.version.json, "Write it as JSON");
  version->callback([&line] { line.subcommand = Subcommand::version; });
}

void add_merge(CLI::App& app, CommandLine& line) {
  CLI::App* merge = app.add_subcommand(
      "merge", "Make one report of those that the shards of a run wrote as JSON");
  merge->footer(kExitStatuses);
  merge->add_option("FILE", line.merge.paths, "Reports of 'stress' or of 'explore'")
      ->type_name("")
      ->required();
  add_outputs(*merge, line.merge.outputs);
  merge->callback([&line] { line.subcommand = Subcommand::merge; });
}

void add_compare(CLI::App& app, CommandLine& line, std::string& fail_above) {
  CLI::App* compare = app.add_subcommand(
      "compare",
      "Compare two results of benchmarks; say what is slower, and how surely");
  compare->footer(
      "The files are JSON of any program over Google Benchmark. A ratio is B's time "
      "to\n"
      "A's. Its interval needs repetitions, 3 of each at least "
      "(--benchmark_repetitions);\n"
      "what is called slower or faster is so but for 1 row in 40.\n\n"
      "Exit status: 0 all well; 1 a row is slower than --fail-above allows, or wrong;\n"
      "2 bad usage or input; 3 there are too few repetitions to say anything.");
  compare->add_option("FILE", line.compare.paths, "A and B, or one file with --models")
      ->type_name("")
      ->required();
  compare
      ->add_option("--models", line.compare.models,
                   "Of one file of 'bench --models': compare these, as in "
                   "biased,atomic; or 'all' with the first")
      ->type_name("MODELS");
  compare
      ->add_option("--fail-above", fail_above,
                   "Exit status 1 if some row is slower by more than so many percent, "
                   "with all of its interval; default: none fails")
      ->type_name("PERCENT");
  compare->add_flag("--cpu-time", line.compare.cpu_time,
                    "Compare processor time instead of elapsed time");
  compare->callback([&line] { line.subcommand = Subcommand::compare; });
}

void add_report(CLI::App& app, CommandLine& line) {
  CLI::App* report = app.add_subcommand(
      "report", "Make one page with plots of the results in a folder");
  report->footer(
      "Takes what 'bench', 'stress --json', 'stress --trace', 'faults --json' and\n"
      "'explore --json' wrote: each file in DIR whose name ends in .json. The page "
      "needs\n"
      "no other file and no network.\n\n"
      "Exit status 0: the page is written; 2: bad usage, or nothing to show.");
  report->add_option("DIR", line.report.folder, "The folder with the results")
      ->type_name("")
      ->required();
  add_path(*report, "-o,--output", line.report.page, "Write the page to FILE");
  report->get_option("--output")->required();
  report->callback([&line] { line.subcommand = Subcommand::report; });
}

struct FaultsTexts {
  std::string seconds = "12";
  std::string seed = "1";
};

void add_faults(CLI::App& app, CommandLine& line, FaultsTexts& texts) {
  CLI::App* faults = app.add_subcommand(
      "faults", "Measure which instrument finds which fault, and how fast");
  faults->footer(
      "Each fault is given to each instrument: stress runs as they are, under\n"
      "ThreadSanitizer and AddressSanitizer, of the workload that is for it; the\n"
      "explorer under both memory models, of the scenario that is for it. A cell ends\n"
      "with the first detection. 'silent': it found nothing in its time; 'excluded':\n"
      "it saw every execution of the scenario; empty: nothing is for it. Without NAME\n"
      "the workloads also run without a fault, where nothing may be found.\n\n"
      "Exit status 0: each was found by some instrument; 1: a control, or a workload\n"
      "without a fault, was reported; 2: bad usage or input; 3: some were found by\n"
      "none; 130: interrupted.");
  faults
      ->add_option("NAME", line.faults.patterns,
                   "Faults by name or shell pattern, as in 'seqlock-*'; none: all")
      ->type_name("");
  faults
      ->add_option("--seconds", texts.seconds,
                   "Time of each fault with each instrument at most, in seconds; "
                   "default: 12")
      ->type_name("S");
  faults->add_option("--seed", texts.seed, "Decides all random choices; default: 1")
      ->type_name("N");
  add_path(*faults, "--json", line.faults.outputs.json, "Write the matrix to FILE");
  add_path(*faults, "--html", line.faults.outputs.html,
           "Write it as a page for browsers");
  faults->callback([&line] { line.subcommand = Subcommand::faults; });
}

void add_doctor(CLI::App& app, CommandLine& line) {
  CLI::App* doctor = app.add_subcommand(
      "doctor",
      "See whether this lab finds here what it must, and what it cannot show");
  doctor->footer(
      "Exit status 0: it found all; 1: it missed some; 2: bad usage or input.");
  doctor->add_flag("--json", line.doctor.json, "Write it as JSON");
  doctor->callback([&line] { line.subcommand = Subcommand::doctor; });
}

void add_stress(CLI::App& app, CommandLine& line, StressTexts& texts) {
  CLI::App* stress = app.add_subcommand(
      "stress",
      "Run workloads on many threads; say how fast, and whether all was right");
  stress->footer(std::string(kStressFooter) + kExitStatuses);
  StressOptions& options = line.stress;
  stress
      ->add_option("NAME", options.patterns,
                   "Workloads by name or shell pattern, as in 'shared-*'; none: all")
      ->type_name("");
  stress
      ->add_option(
          "--threads", texts.threads,
          "Worker threads of each workload, 1 to 1024; default: twice the cores, "
          "at least 4")
      ->type_name("N");
  stress
      ->add_option(
          "--seconds", texts.seconds,
          "Time for the whole run, in seconds, shared out among the workloads; "
          "default: 60")
      ->type_name("S");
  stress
      ->add_option("--ops", texts.operations,
                   "Operations per worker; default: 0, until time is up")
      ->type_name("N");
  stress
      ->add_option("--seed", texts.seed,
                   "Decides all random choices; default: drawn, and printed")
      ->type_name("N");
  stress
      ->add_option("--input", options.inputs,
                   "Files or folders for the workloads that read input; give workloads "
                   "before it")
      ->type_name("PATH");
  stress
      ->add_option("--shard", texts.shard,
                   "The i-th of n parts of the selected workloads, as in 2/8; 'env' or "
                   "'env/8': as an array job of Slurm, Kubernetes or GoogleTest says")
      ->type_name("I/N");
  add_outputs(*stress, options.outputs);
  add_path(*stress, "--trace", options.outputs.trace,
           "Write what threads did when to FILE, for Perfetto or chrome://tracing");
  add_path(*stress, "--baseline", options.baseline,
           "Compare with an earlier report that --json wrote");
  stress
      ->add_option("--fail-below", texts.fail_below,
                   "A workload with fewer operations per second than RATIO times those "
                   "of --baseline has failed, as in 0.8; default: none has")
      ->type_name("RATIO");
  stress
      ->add_option(
          "--refcount", options.refcount,
          "The variant of the runtime: 'biased', 'atomic' (every count an atomic "
          "add) or 'locked' (one global lock, plain counts); default: that of "
          "this program")
      ->type_name("HOW")
      ->check(CLI::IsMember({"biased", "atomic", "locked"}));
  stress
      ->add_option("--fault", options.fault,
                   "Switch on a fault of the runtime that the run must find: see "
                   "'list'")
      ->type_name("NAME");
  stress
      ->add_option("--jobs", texts.jobs,
                   "Workloads at once, each with its own threads; default: 1")
      ->type_name("N");
  stress
      ->add_option("--repeat", texts.repeat,
                   "Rounds of --seconds each; each adds 1 to the seed; default: 1")
      ->type_name("N");
  stress->add_flag(
      "--until-failure", options.until_failure,
      "Repeat until something wrong is found, or --repeat rounds are over");
  stress
      ->add_option(
          "--chaos", texts.chaos,
          "Disturb threads at named points of the runtime: 1 yields, 2 waits "
          "and slow paths too, 3 more of it and collections; default: 0, and 1 "
          "with --fault")
      ->type_name("LEVEL");
  stress
      ->add_option(
          "--reuse", texts.reuse,
          "'at-once': a freed block is the next that is used, so that a late "
          "reader meets a new object; 'late': it waits, so that one meets a dead "
          "object; default: with --chaos as the seed decides")
      ->type_name("WHEN");
  stress->add_flag(
      "--coverage", options.coverage,
      "Say of which places in the runtime, where threads meet, both orders were seen; "
      "of one workload, list those that were not. Accesses take many times as long");
  stress->add_flag("--pin", options.pin, "Bind each worker to one processor, in turn");
  stress
      ->add_option("--memory-limit", texts.memory_limit,
                   "Resident memory that ends a workload as failed, in bytes or as in "
                   "512M; default: half of what this machine has")
      ->type_name("BYTES");
  stress->add_flag(
      "--in-process", options.in_process,
      "Run the workloads in this process, for debuggers: the first crash or "
      "hang ends the run, without a report");
  stress->add_option("--pin-from", options.pin_from)->group("");
  stress->add_flag("--timeline", options.timeline)->group("");
  stress->add_option("--supervision", options.supervision)->group("");
  stress->callback([&line] { line.subcommand = Subcommand::stress; });
}

bool parse_reuse(const std::string& text) {
  if (text == "late") return true;
  if (text == "at-once") return false;
  throw UsageError(
      fmt::format("--reuse '{}': give 'at-once' or 'late'", printable(text)));
}

void convert(const StressTexts& texts, StressOptions& options) {
  options.threads = parse_threads(texts.threads);
  options.seconds = parse_seconds(texts.seconds);
  options.operations = parse_operations(texts.operations);
  options.jobs = static_cast<unsigned>(parse_whole("--jobs", texts.jobs, 1, kMaxJobs));
  options.repeat = options.until_failure ? 0 : 1;
  if (!texts.repeat.empty())
    options.repeat = parse_whole("--repeat", texts.repeat, 1, kMaxRounds);
  if (!texts.chaos.empty())
    options.chaos =
        static_cast<unsigned>(parse_whole("--chaos", texts.chaos, 0, kMaxChaosLevel));
  if (!texts.shard.empty()) options.shard = parse_shard(texts.shard);
  if (!texts.reuse.empty()) options.reuses_late = parse_reuse(texts.reuse);
  if (options.in_process && options.jobs > 1)
    throw UsageError("--jobs: not with --in-process, which has one process only");
  if (!texts.memory_limit.empty())
    options.memory_limit = parse_bytes("--memory-limit", texts.memory_limit);
  if (!texts.fail_below.empty()) {
    options.fail_below = parse_ratio(texts.fail_below);
    if (options.baseline.empty())
      throw UsageError("--fail-below: of what? give --baseline FILE, too");
  }
  if (options.refcount.empty() && is_variant())
    options.refcount = build_info().refcount;
  if (!options.outputs.trace.empty()) options.timeline = true;
  options.seed = texts.seed.empty() ? draw_seed() : parse_seed(texts.seed);
}

// The library's text may have several lines, and does not name an unknown subcommand.
[[noreturn]] void throw_usage(const CLI::App& app,
                              const std::string& first_word,
                              const CLI::ParseError& error) {
  if (app.get_subcommands().empty() && !first_word.starts_with('-')) {
    throw UsageError(fmt::format("'{}' is no subcommand; '{} --help' shows them",
                                 printable(first_word), app.get_name()));
  }
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\n', ' ');
  throw UsageError(fmt::format("{}; see '{} --help'", printable(text), app.get_name()));
}

constexpr SiblingCommand kSiblingCommands[] = {
    {"explore", "explore", "explore and replay need",
     "Run small scenarios under every schedule, or many of them"},
    {"replay", "explore", "explore and replay need",
     "Make a failing execution of explore again"},
    {"bench", "bench", "bench needs",
     "Measure single operations; takes the flags of Google Benchmark"},
};

constexpr const char* kBenchOfModelsHelp =
    "With one of these, all models that are here are measured in turn, one repetition\n"
    "each, and the table of their ratios is printed; the flags above go to each:\n"
    "          [--models=<all, or as in biased,atomic>]\n"
    "          [--repetitions=<of each model; 5>]\n"
    "          [--quick={true|false}] (each row for a moment)\n"
    "          [--json=<file for the results of all>]\n";

// main() hands these over before it comes to parsing.
void add_sibling_commands(CLI::App& app) {
  for (const SiblingCommand& command : kSiblingCommands) {
    if (has_sibling(command.sibling)) app.add_subcommand(command.name, command.purpose);
  }
}

bool is_a_siblings(const std::string& subcommand) {
  return std::any_of(
      std::begin(kSiblingCommands), std::end(kSiblingCommands),
      [&](const SiblingCommand& command) { return subcommand == command.name; });
}

// Siblings describe their own subcommands.
std::string manual_of(const CLI::App& app) {
  std::vector<std::string> own;
  for (const CLI::App* subcommand : app.get_subcommands(nullptr)) {
    if (!is_a_siblings(subcommand->get_name())) own.push_back(subcommand->get_name());
  }
  std::string sections = manual_sections(app, app.get_name(), own);
  std::string last;
  for (const SiblingCommand& command : kSiblingCommands) {
    if (command.sibling == last || !has_sibling(command.sibling)) continue;
    last = command.sibling;
    sections += output_of(sibling_executable(command.sibling, command.need), {kManual});
    if (last != "bench") continue;
    const std::string ours = manual_section("", kBenchOfModelsHelp);
    sections += ours.substr(ours.find('\n') + 1);  // in the section of the sibling's
  }
  return manual_page(app, sections);
}

}  // namespace

std::span<const SiblingCommand> sibling_commands() { return kSiblingCommands; }

bool is_bench_of_models(int count, const char* const* words) {
  if (count < 2 || words[1] != std::string_view("bench")) return false;
  const auto has = [&](std::initializer_list<std::string_view> names) {
    return std::any_of(words + 2, words + count, [&](std::string_view word) {
      word = word.substr(0, word.find('='));
      return std::find(names.begin(), names.end(), word) != names.end();
    });
  };
  return has({"--models", "--repetitions", "--quick"}) && !has({"--help", "-h"});
}

std::string text_of_bench(int count, const char* const* words) {
  const std::vector<std::string> all(words, words + count);
  const bool completes = count > 3 && all[1] == kComplete && all[2] == "bench";
  const bool helps =
      count > 2 && all[1] == "bench" && (all.back() == "--help" || all.back() == "-h");
  if ((!completes && !helps) || !has_sibling("bench")) return {};
  std::string text = output_of(sibling_executable("bench", "bench needs"),
                               {all.begin() + 1, all.end()});
  if (helps) return text + kBenchOfModelsHelp;
  for (const char* name : {"--models=", "--repetitions=", "--quick=", "--json="})
    text += completion_line(all.back(), name);
  return text;
}

BenchOptions parse_bench_of_models(int count, const char* const* words) {
  BenchOptions options;
  std::string repetitions = std::to_string(options.repetitions);
  std::string format = "console";
  std::string out_format = "json";
  CLI::App app("", "bench");
  app.set_help_flag();
  app.add_option("--models", options.models);
  app.add_option("--repetitions,--benchmark_repetitions", repetitions);
  app.add_option("--threads", options.threads);
  app.add_flag("--quick", options.quick);
  add_path(app, "--json,--benchmark_out", options.json, "");
  app.add_option("--benchmark_out_format", out_format);
  app.add_option("--benchmark_format", format);
  app.allow_extras();
  try {
    app.parse(count - 1, words + 1);
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("bench: {}", printable(error.what())));
  }
  options.repetitions = parse_whole("--repetitions", repetitions, 1, kMaxRepetitions);
  if (!options.threads.empty())
    options.threads = std::to_string(parse_threads(options.threads));
  if (out_format != "json" || (format != "json" && format != "console"))
    throw UsageError("bench --models: its results are written as JSON only");
  options.json_to_stdout = format == "json";
  options.flags = app.remaining();
  for (const std::string& flag : options.flags) {
    if (flag.starts_with("--benchmark_") || flag.starts_with("--nodes=")) continue;
    throw UsageError(fmt::format("bench: '{}' is no option of it; see 'bench --help'",
                                 printable(flag)));
  }
  return options;
}

CommandLine parse_command_line(int count,
                               const char* const* words,
                               const std::string& program,
                               const ValuesOf& values_of) {
  CommandLine line;
  StressTexts texts;
  FaultsTexts faults;
  std::string fail_above;
  CLI::App app{"A stress lab for free-threaded runtimes with counted references",
               program};
  app.footer(kExitStatuses);
  add_list(app, line);
  add_version(app, line);
  add_stress(app, line, texts);
  add_merge(app, line);
  add_compare(app, line, fail_above);
  add_report(app, line);
  if (has_sibling("faults")) add_faults(app, line, faults);
  add_doctor(app, line);
  add_sibling_commands(app);
  if (count < 2) {
    throw UsageError(
        fmt::format("no subcommand; '{} stress' runs the lab, '{} --help' shows all",
                    program, program));
  }
  const std::string_view first = words[1];
  if (first == kComplete) {
    line.help = completions(app, words_to_complete(count, words), values_of);
    return line;
  }
  if (first == kManual) {
    line.help = manual_of(app);
    return line;
  }
  app.require_subcommand(1);
  try {
    app.parse(count, words);
  } catch (const CLI::CallForHelp&) {
    line.subcommand = Subcommand::help;
    line.help = app.help();
  } catch (const CLI::ParseError& error) {
    throw_usage(app, words[1], error);
  }
  line.stress.program = program;
  if (line.subcommand == Subcommand::stress) convert(texts, line.stress);
  if (line.subcommand == Subcommand::compare && !fail_above.empty())
    line.compare.fail_above = parse_percent(fail_above);
  if (line.subcommand == Subcommand::faults) {
    line.faults.seconds = parse_seconds(faults.seconds);
    line.faults.seed = parse_seed(faults.seed);
  }
  return line;
}

}  // namespace threadmill
