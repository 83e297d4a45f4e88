// SPDX-License-Identifier: Apache-2.0
//
// threadmill-bench: what `threadmill bench` becomes. Its flags and its JSON are Google
// Benchmark's, but for --nodes, and the context of the JSON says what was measured.
//
// Exit status: 0; 1 a result was wrong; 2 bad usage.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "harness/argument_values.hpp"
#include "harness/bench/families.hpp"
#include "harness/bench/scene.hpp"
#include "harness/completion.hpp"
#include "harness/host.hpp"
#include "harness/manual.hpp"
#include "harness/options.hpp"
#include "harness/report.hpp"
#include "harness/sibling.hpp"
#include "runtime/base/build_info.hpp"

namespace threadmill::bench {
namespace {

constexpr std::string_view kNodes = "--nodes=";
constexpr const char* kNodesHelp =
    "          [--nodes=<graphs of so many nodes are collected, too>]\n";
constexpr std::uint64_t kMostNodes = 100'000'000;

void show_help() {
  benchmark::PrintDefaultHelp();
  std::fputs(kNodesHelp, stdout);
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

// Takes our own words out: `bench`, and --nodes, whose value it returns.
std::uint64_t take_own(std::vector<char*>& words) {
  if (words.size() > 1 && words[1] == std::string_view("bench"))
    words.erase(words.begin() + 1);
  std::uint64_t nodes = 0;
  std::erase_if(words, [&nodes](std::string_view word) {
    if (!word.starts_with(kNodes)) return false;
    nodes =
        parse_whole("--nodes", std::string(word.substr(kNodes.size())), 2, kMostNodes);
    return true;
  });
  return nodes;
}

void add_context() {
  const BuildInfo build = build_info();
  const Host host = this_host();
  const auto add = [](const char* key, std::string value) {
    benchmark::AddCustomContext(key, value);
  };
  add("cpu", host.cpu);
  add("cores", fmt::to_string(host.cores));
  add("kernel", host.kernel);
  add("compiler", build.compiler);
  add("build_type", build.build_type);
  add("refcount", build.refcount);
  add("header_bytes", fmt::to_string(build.header_bytes));
  add("allocator", build.allocator);
  add("sanitizers", build.sanitizers);
  add("checks", fmt::to_string(build.checks));
}

ExitStatus run(std::vector<char*> words) {
  const std::string_view first = words.size() > 1 ? words[1] : "";
  if (first == kComplete) {
    std::fputs(flags(words.back()).c_str(), stdout);
    return ExitStatus::well;
  }
  if (first == kManual) {
    std::fputs(manual_section("threadmill bench", help()).c_str(), stdout);
    return ExitStatus::well;
  }
  const std::uint64_t nodes = take_own(words);
  auto count = static_cast<int>(words.size());
  benchmark::Initialize(&count, words.data(), show_help);
  if (benchmark::ReportUnrecognizedArguments(count, words.data()))
    return ExitStatus::bad_usage;
  add_context();
  add_counts();
  add_containers();
  add_threads();
  add_collections(nodes);
  if (benchmark::RunSpecifiedBenchmarks() == 0) return ExitStatus::bad_usage;
  benchmark::Shutdown();
  return anything_wrong() ? ExitStatus::wrong : ExitStatus::well;
}

}  // namespace
}  // namespace threadmill::bench

int main(int count, char** words) {
  using namespace threadmill;
  try {
    return static_cast<int>(bench::run({words, words + count}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "threadmill: %s\n", error.what());
    return static_cast<int>(ExitStatus::bad_usage);
  }
}
