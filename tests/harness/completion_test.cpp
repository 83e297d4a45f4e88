// SPDX-License-Identifier: Apache-2.0
//
// Completion and the manual name everything that --help names, and nothing that it hides.
#include <algorithm>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/harness/executable.hpp"

namespace threadmill {
namespace {

using Names = std::set<std::string>;
using Words = std::vector<std::string>;

const Executable& program() {
  static const Executable executable("threadmill");
  return executable;
}

// Those of this preset, as the help shows them.
Names subcommands() {
  const std::string help = program().run({"--help"}).out;
  Names names;
  const std::regex line(R"(\n  ([a-z]+)  )");
  std::sregex_iterator at(
      help.begin() + static_cast<std::ptrdiff_t>(help.find("Subcommands:")), help.end(),
      line);
  for (const std::sregex_iterator end; at != end; ++at) names.insert((*at)[1]);
  return names;
}

bool is_there(const std::string& subcommand) {
  return subcommands().contains(subcommand);
}

// What begins a line of the help, or of Google Benchmark's, between brackets.
Names options_in(const std::string& help) {
  Names names;
  const std::regex option(R"((?:^|\n)\s*\[?(?:-\w,)?(--[\w-]+))");
  for (std::sregex_iterator at(help.begin(), help.end(), option), end; at != end; ++at)
    names.insert((*at)[1]);
  return names;
}

Names completions_of(Words words) {
  words.insert(words.begin(), "complete");
  const Outcome outcome = program().run(words);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  Names names;
  std::size_t begin = 0;
  for (std::size_t end; (end = outcome.out.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    std::string word = outcome.out.substr(begin, end - begin);
    word.resize(std::min(word.size(), word.find('\t')));
    names.insert(std::move(word));
  }
  return names;
}

std::string manual() {
  std::string page = program().run({"manual"}).out;
  std::erase(page, '\\');
  return page;
}

TEST(Completion, offers_every_option_of_the_help_and_no_other) {
  for (const std::string& subcommand : subcommands()) {
    if (subcommand == "bench") continue;  // below
    const Names shown = options_in(program().run({subcommand, "--help"}).out);
    EXPECT_GE(shown.size(), 1u) << subcommand;
    EXPECT_EQ(completions_of({subcommand, "--"}), shown) << subcommand;
  }
}

TEST(Completion, offers_the_flags_of_benchmarks) {
  if (!is_there("bench")) GTEST_SKIP() << "this preset has no benchmarks";
  const Names flags = completions_of({"bench", "--"});
  for (const std::string& name : options_in(program().run({"bench", "--help"}).out))
    EXPECT_TRUE(flags.contains(name + "=")) << name;
  EXPECT_TRUE(flags.contains("--benchmark_filter="));
  EXPECT_TRUE(flags.contains("--models="));
}

TEST(Completion, offers_every_subcommand_that_works) {
  for (const char* name : {"list", "version", "stress", "compare", "report"})
    EXPECT_TRUE(is_there(name));
  EXPECT_EQ(completions_of({""}), subcommands());
  EXPECT_EQ(completions_of({"st"}), Names{"stress"});
  EXPECT_EQ(completions_of({"no-such", ""}), Names{});
}

TEST(Completion, offers_names_of_workloads_and_paths_of_files) {
  EXPECT_TRUE(completions_of({"stress", ""}).contains("own-counts"));
  EXPECT_EQ(completions_of({"stress", "own"}), Names{"own-counts"});
  EXPECT_EQ(completions_of({"stress", "own-counts", "--threads", "4", "shared-l"}),
            Names{"shared-list"});
  for (const Words& words : {Words{"stress", "--json", ""}, Words{"stress", "--json=x"},
                             Words{"stress", "--json", "=", "x"}, Words{"compare", ""},
                             Words{"report", ""}, Words{"stress", "--input", ""}}) {
    EXPECT_EQ(completions_of(words), Names{":files"});
  }
}

TEST(Completion, offers_faults_and_scenarios) {
  if (!Executable("threadmill-faults").exists() || !is_there("explore"))
    GTEST_SKIP() << "this preset has no faults";
  const std::string fault = "retire-goal-too-early";
  EXPECT_EQ(completions_of({"stress", "--fault", "retire-g"}), Names{fault});
  EXPECT_EQ(completions_of({"stress", "--fault=retire-g"}), Names{"--fault=" + fault});
  EXPECT_EQ(completions_of({"stress", "--fault", "=", "retire-g"}), Names{fault});
  EXPECT_EQ(completions_of({"explore", "--fault", "retire-g"}), Names{fault});
  EXPECT_EQ(completions_of({"explore", "merge-drop-by-tw"}),
            Names{"merge-drop-by-two"});
  EXPECT_EQ(completions_of({"explore", "--memory", ""}), (Names{"sc", "rc11"}));
  EXPECT_TRUE(completions_of({"explore", "--strategy", ""}).contains("pct"));
  EXPECT_EQ(completions_of({"replay", ""}), Names{":files"});
}

TEST(Manual, names_every_subcommand_and_option_of_the_help) {
  const std::string page = manual();
  for (const std::string& subcommand : subcommands()) {
    const std::size_t section = page.find("\n.SS threadmill " + subcommand + "\n");
    ASSERT_NE(section, std::string::npos) << subcommand << " in\n" << page;
    const std::string text =
        page.substr(section + 1, page.find("\n.S", section + 1) - section);
    for (const std::string& name :
         options_in(program().run({subcommand, "--help"}).out)) {
      EXPECT_NE(text.find(name), std::string::npos) << name << " in\n" << text;
    }
  }
  EXPECT_EQ(page.find("supervision"), std::string::npos) << page;
}

TEST(Manual, says_what_exit_statuses_mean) {
  const std::string page = manual();
  EXPECT_TRUE(page.starts_with(".TH THREADMILL 1")) << page;
  EXPECT_NE(page.find(".SH EXIT STATUS"), std::string::npos);
  EXPECT_NE(page.find("2 bad usage or input"), std::string::npos);
}

}  // namespace
}  // namespace threadmill
