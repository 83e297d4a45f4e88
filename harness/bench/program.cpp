// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/program.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "harness/argument_values.hpp"
#include "harness/completion.hpp"
#include "harness/host.hpp"
#include "harness/manual.hpp"
#include "harness/options.hpp"
#include "harness/report.hpp"
#include "harness/sibling.hpp"
#include "runtime/base/build_info.hpp"

namespace threadmill::bench {
namespace {

std::atomic<bool> anything_wrong{false};

constexpr const char* kOwnHelp =
    "          [--threads=<rows run with 1, 2, 4, ... up to so many threads>]\n"
    "          [--nodes=<graphs of so many nodes are collected, too>]\n"
    "          [--quick=true: hundredths of a second for each row]\n";
const std::string kBytes = "--bytes-of=";  // between this program and itself
constexpr std::uint64_t kMostNodes = 100'000'000;

void show_help() {
  benchmark::PrintDefaultHelp();
  std::fputs(kOwnHelp, stdout);
}

std::string help() { return output_of("/proc/self/exe", {"--help"}); }

// The flags that the help shows, which is the library's own list.
std::string flags(const std::string& typed) {
  const std::string text = help();
  std::string lines;
  for (std::size_t at = 0; (at = text.find("[--", at)) != std::string::npos;) {
    const std::size_t end = text.find_first_of("=]", at);
    lines += completion_line(typed, text.substr(at + 1, end - at - 1) + "=");
    at = end;
  }
  return lines;
}

// True: `word` is "NAME=VALUE", and `use(VALUE)` was called.
template <class Use>
bool takes(std::string_view word, std::string_view name, Use use) {
  if (!word.starts_with(name) || !word.substr(name.size()).starts_with('='))
    return false;
  use(std::string(word.substr(name.size() + 1)));
  return true;
}

// Takes our own words out: `bench`, and the options.
RowSettings take_own(std::vector<char*>& words) {
  if (words.size() > 1 && words[1] == std::string_view("bench"))
    words.erase(words.begin() + 1);
  RowSettings settings;
  settings.threads = std::max(2u, this_host().cores);
  std::erase_if(words, [&settings](std::string_view word) {
    if (word == "--quick" || word == "--quick=true") return settings.quick = true;
    return takes(word, "--threads",
                 [&](const std::string& text) {
                   settings.threads = parse_threads(text);
                 }) ||
           takes(word, "--nodes", [&](const std::string& text) {
             settings.nodes = parse_whole("--nodes", text, 2, kMostNodes);
           });
  });
  return settings;
}

void add_context(const Program& program, const RowSettings& settings) {
  const BuildInfo build = build_info();
  const Host host = this_host();
  std::map<std::string, std::string> context{
      {"model", program.model},
      {"cpu", host.cpu},
      {"cores", fmt::to_string(host.cores)},
      {"kernel", host.kernel},
      {"compiler", build.compiler},
      {"build_type", build.build_type},
      {"allocator", build.allocator},
      {"sanitizers", build.sanitizers},
      {"checks", fmt::to_string(build.checks)},
      {"quick", settings.quick ? "yes" : "no"},
  };
  for (const auto& [name, value] : program.facts) context[name] = value;
  for (const auto& [name, value] : context) benchmark::AddCustomContext(name, value);
}

}  // namespace

double bytes_of(std::string_view kind) {
  const std::string text = output_of("/proc/self/exe", {kBytes + std::string(kind)});
  return text.empty() ? 0 : std::stod(text);
}

void note_wrong_row() { anything_wrong = true; }

int run_program(int count, char** given, const Program& program) {
  std::vector<char*> words(given, given + count);
  const std::string_view first = words.size() > 1 ? words[1] : "";
  if (first == kComplete) {
    std::fputs(flags(words.back()).c_str(), stdout);
    return static_cast<int>(ExitStatus::well);
  }
  if (first == kManual) {
    std::fputs(manual_section("threadmill bench", help()).c_str(), stdout);
    return static_cast<int>(ExitStatus::well);
  }
  if (first.starts_with(kBytes)) {
    std::printf("%f\n", program.measure_bytes(first.substr(kBytes.size())));
    return static_cast<int>(ExitStatus::well);
  }
  const RowSettings settings = take_own(words);
  std::string time = "--benchmark_min_time=0.02";
  if (settings.quick) words.insert(words.begin() + 1, time.data());  // a later one wins
  auto left = static_cast<int>(words.size());
  benchmark::Initialize(&left, words.data(), show_help);
  if (benchmark::ReportUnrecognizedArguments(left, words.data()))
    return static_cast<int>(ExitStatus::bad_usage);
  add_context(program, settings);
  program.add_rows(settings);
  if (benchmark::RunSpecifiedBenchmarks() == 0)
    return static_cast<int>(ExitStatus::bad_usage);
  benchmark::Shutdown();
  return static_cast<int>(anything_wrong ? ExitStatus::wrong : ExitStatus::well);
}

}  // namespace threadmill::bench
