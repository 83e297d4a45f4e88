// SPDX-License-Identifier: Apache-2.0
//
// The executable from outside: status, stdout, stderr, and the JSON that it writes.
#include <csignal>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/harness/executable.hpp"
#include "tests/harness/scratch.hpp"
#include "tests/harness/xml.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

const Executable& program() {
  static const Executable executable("threadmill");
  return executable;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Words workload_names() {
  Words names;
  const Json listing = Json::parse(program().run({"list", "--json"}).out);
  for (const Json& entry : listing["workloads"]) names.push_back(entry["name"]);
  return names;
}

void expect_one_line_of_bad_usage(const Words& words, const std::string& names) {
  const Outcome outcome = program().run(words);
  EXPECT_EQ(outcome.status, 2) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
  EXPECT_TRUE(outcome.err.starts_with("threadmill: ")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, names)) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST(Cli, help_is_everywhere_and_names_units) {
  for (const Words& words : {Words{"--help"}, Words{"list", "--help"},
                             Words{"version", "--help"}, Words{"stress", "--help"}}) {
    const Outcome outcome = program().run(words);
    EXPECT_EQ(outcome.status, 0) << words.front();
    EXPECT_TRUE(contains(outcome.out, "Usage: threadmill")) << outcome.out;
    EXPECT_EQ(outcome.err, "");
  }
  const std::string help = program().run({"stress", "--help"}).out;
  for (const char* part :
       {"--threads", "--seconds", "in seconds", "--ops", "--seed", "--input", "--json",
        "--html", "--junit", "--trace", "--baseline", "--fault", "Exit status"}) {
    EXPECT_TRUE(contains(help, part)) << part << " in\n" << help;
  }
}

TEST(Cli, list_shows_every_workload_with_its_purpose) {
  const Outcome outcome = program().run({"list"});
  EXPECT_EQ(outcome.status, 0);
  const Json listing = Json::parse(program().run({"list", "--json"}).out);
  EXPECT_GE(listing["workloads"].size(), 1u);
  for (const Json& entry : listing["workloads"]) {
    EXPECT_TRUE(contains(outcome.out, entry["name"]));
    EXPECT_TRUE(contains(outcome.out, entry["purpose"]));
  }
}

TEST(Cli, version_shows_how_it_was_built) {
  const Json version = Json::parse(program().run({"version", "--json"}).out);
  EXPECT_EQ(version["header_bytes"], 16);
  const std::string text = program().run({"version"}).out;
  for (const char* field :
       {"compiler", "build_type", "refcount", "allocator", "sanitizers"}) {
    ASSERT_TRUE(version[field].is_string()) << field;
    EXPECT_TRUE(contains(text, version[field])) << field << " in\n" << text;
  }
}

TEST(Cli, bad_usage_is_one_line_and_status_2) {
  expect_one_line_of_bad_usage({}, "subcommand");
  expect_one_line_of_bad_usage({"stress", "--bogus"}, "--bogus");
  expect_one_line_of_bad_usage({"stress", "no-such-workload"}, "no-such-workload");
  expect_one_line_of_bad_usage({"stress", "two\nlines"}, "two\\nlines");
  for (const char* bad : {"0", "100000", "x", "-1"}) {
    expect_one_line_of_bad_usage({"stress", "--threads", bad}, "--threads");
  }
  for (const char* bad : {"-1", "nan", "inf", "0", "1s"}) {
    expect_one_line_of_bad_usage({"stress", "--seconds", bad}, "--seconds");
  }
  expect_one_line_of_bad_usage({"stress", "--ops", "-5"}, "--ops");
  expect_one_line_of_bad_usage({"stress", "--seed", "abc"}, "--seed");
  expect_one_line_of_bad_usage({"stress", "--seed"}, "--seed");
  for (const char* option : {"--jobs", "--repeat"}) {
    for (const char* bad : {"0", "x", "-1", "1.5", "99999999999"}) {
      expect_one_line_of_bad_usage({"stress", option, bad}, option);
    }
  }
  expect_one_line_of_bad_usage({"stress", "--jobs", "2", "--in-process"}, "--jobs");
  for (const char* bad : {"4", "x", "-1", "1.5"}) {
    expect_one_line_of_bad_usage({"stress", "--chaos", bad}, "--chaos");
  }
  expect_one_line_of_bad_usage({"stress", "--reuse", "sometimes"}, "--reuse");
  for (const char* bad : {"0/4", "5/4", "x", "1/0", "env"}) {
    expect_one_line_of_bad_usage({"stress", "--shard", bad}, "--shard");
  }
  expect_one_line_of_bad_usage({"stress", "--fail-below", "0.5"}, "--baseline");
  for (const char* bad : {"0", "-1", "nan", "x", "1e9"}) {
    expect_one_line_of_bad_usage(
        {"stress", "--baseline", "report.json", "--fail-below", bad}, "--fail-below");
  }
  for (const char* bad : {"0", "x", "-1", "12Q", "M", "5K", "9999999999G"}) {
    expect_one_line_of_bad_usage({"stress", "--memory-limit", bad}, "--memory-limit");
  }
}

TEST(Cli, input_that_is_not_there_or_that_nobody_reads_is_bad_usage) {
  const Scratch scratch;
  expect_one_line_of_bad_usage({"stress", "--input", scratch.path("gone")}, "gone");
  scratch.write("text", "some words");
  expect_one_line_of_bad_usage(
      {"stress", workload_names().front(), "--input", scratch.path("text")}, "--input");
}

TEST(Cli, a_bad_heap_dump_ends_the_run_in_one_line_and_status_2) {
  const Scratch scratch;
  scratch.write("text", "some words");
  scratch.write("damaged", "\x89TMHEAP\n\1\2\3");
  for (const char* name : {"text", "damaged"}) {
    const Outcome outcome = program().run(
        {"stress", "heap-replay", "--seconds", "1", "--input", scratch.path(name)});
    EXPECT_EQ(outcome.status, 2) << outcome.out;
    EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, scratch.path(name))) << outcome.err;
  }
}

TEST(Cli, input_goes_to_the_workloads_that_find_some_in_it) {
  const Scratch scratch;
  scratch.write("text", "some words");
  const Outcome outcome =
      program().run({"stress", "inverted-index", "heap-replay", "--seconds", "1",
                     "--input", scratch.path("text")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "inverted-index"));
  EXPECT_FALSE(contains(outcome.out, "heap-replay"));
}

TEST(Cli, beside_a_workload_that_reads_input_others_run_without_it) {
  const Scratch scratch;
  scratch.write("text", "some words of a text");
  const Outcome outcome =
      program().run({"stress", "own-counts", "inverted-index", "--ops", "10",
                     "--seconds", "120", "--input", scratch.path("text")});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
}

TEST(Cli, a_report_that_cannot_be_written_is_bad_usage_before_the_run) {
  const Scratch scratch;
  expect_one_line_of_bad_usage({"stress", "--json", scratch.path("no/folder")},
                               "no/folder");
  expect_one_line_of_bad_usage({"stress", "--json", scratch.path("")}, "--json");
}

TEST(Cli, an_output_without_a_path_or_with_that_of_another_is_bad_usage) {
  const Scratch scratch;
  for (const char* option : {"--json", "--html", "--junit"}) {
    expect_one_line_of_bad_usage({"stress", option, ""}, option);
    expect_one_line_of_bad_usage({"stress", option, scratch.path("no/folder")}, option);
  }
  expect_one_line_of_bad_usage(
      {"stress", "--json", scratch.path("out"), "--junit", scratch.path("./out")},
      "--junit");
  expect_one_line_of_bad_usage(
      {"stress", "--json", "/dev/stdout", "--junit", "/dev/stdout"}, "--junit");
  EXPECT_EQ(scratch.files(), 0u);
}

TEST(Cli, one_output_that_fails_keeps_no_other_from_being_written) {
  const Scratch scratch;
  const Outcome outcome =
      program().run({"stress", workload_names().front(), "--seconds", "0.3", "--json",
                     "/dev/full", "--junit", scratch.path("out.xml")});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "--json '/dev/full'")) << outcome.err;
  EXPECT_TRUE(parsed_xml(scratch.content("out.xml")).is_object());
}

TEST(Cli, the_junit_report_has_the_cases_of_the_json_report) {
  const Scratch scratch;
  const Words names = workload_names();
  const Outcome outcome = program().run(
      {"stress", names.front(), names.back(), "--seconds", "2", "--threads", "3",
       "--json", scratch.path("out.json"), "--junit", scratch.path("out.xml")});
  EXPECT_TRUE(outcome.status == 0 || outcome.status == 3) << outcome.err;
  const Json runs = Json::parse(scratch.content("out.json"))["runs"];
  const Json root = parsed_xml(scratch.content("out.xml"));
  std::vector<std::string> cases;
  for (const Json& child : root["children"].at(0)["children"]) {
    if (child["tag"] == "testcase") cases.push_back(child["attributes"]["name"]);
  }
  ASSERT_GE(cases.size(), runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i)
    EXPECT_EQ(runs[i]["workload"], cases[i]);
}

// A disk of 16 KiB, of which one page is left, in a name space of its own.
TEST(Cli, on_a_disk_that_is_full_the_old_reports_stand) {
  const Executable unshare = Executable::of_system("/usr/bin/unshare");
  const Scratch scratch;
  const Words in_name_space = {"--user", "--map-root-user", "--mount", "sh", "-c"};
  const auto with = [&](Words more) {
    more.insert(more.begin(), in_name_space.begin(), in_name_space.end());
    return more;
  };
  const std::string disk = "mount -t tmpfs -o size=16k tmpfs " + scratch.path("");
  if (!unshare.exists() || unshare.run(with({disk})).status != 0)
    GTEST_SKIP() << "this process may not mount a file system of its own";
  const Outcome outcome = unshare.run(
      with({disk + " && cd " + scratch.path("") +
                " && printf old >out.json && printf old >out.xml"
                " && head -c 4096 /dev/zero >filler; \"$@\" >/dev/null; echo $?;"
                " ls; cat out.json out.xml",
            "sh", program().path(), "stress", workload_names().front(), "--ops", "10",
            "--seconds", "120", "--repeat", "6", "--json", "out.json", "--junit",
            "out.xml"}));
  EXPECT_EQ(outcome.out, "2\nfiller\nout.json\nout.xml\noldold");
  EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "--json 'out.json': cannot write it: No space"))
      << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "--junit 'out.xml': cannot write it: No space"))
      << outcome.err;
}

TEST(Cli, a_run_of_everything_leaves_its_report_in_results_latest) {
  const Scratch scratch;
  const Outcome outcome =
      program().in(scratch.path("")).run({"stress", "--seconds", "1", "--seed", "7"});
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(contains(outcome.out, "report: results/latest/stress.html\n"))
      << outcome.out;
  const Json json = Json::parse(scratch.content("results/latest/stress.json"));
  EXPECT_EQ(json["seed"], 7);
  EXPECT_TRUE(
      contains(scratch.content("results/latest/stress.html"), "<!DOCTYPE html>"));
  EXPECT_EQ(scratch.files(), 1u);
}

TEST(Cli, a_report_that_nobody_asked_for_changes_no_exit_status) {
  const Scratch scratch;
  scratch.write("results", "is no folder");
  const Outcome outcome =
      program().in(scratch.path("")).run({"stress", "--seconds", "0.2"});
  EXPECT_TRUE(outcome.status == 0 || outcome.status == 3) << outcome.out;
  EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "results/latest")) << outcome.err;
  EXPECT_EQ(scratch.content("results"), "is no folder");
}

TEST(Cli, a_run_of_some_workloads_or_with_files_of_its_own_leaves_nothing_else) {
  const Scratch scratch;
  const Executable here = program().in(scratch.path(""));
  const std::string name = workload_names().front();
  EXPECT_EQ(here.run({"stress", name, "--seconds", "0.3"}).error_lines(), 0u);
  EXPECT_EQ(scratch.files(), 0u);
  for (const char* option : {"--json", "--html", "--junit"}) {
    const Scratch other;
    (void)here.run({"stress", "--seconds", "0.2", option, other.path("out")});
    EXPECT_NE(other.content("out"), "") << option;
    EXPECT_EQ(scratch.files(), 0u) << option;
  }
}

TEST(Cli, a_run_reports_real_counts_and_a_computed_verdict) {
  const Scratch scratch;
  const Words names = workload_names();
  const Outcome outcome =
      program().run({"stress", names.front(), names.back(), "--seconds",
                     built_with_sanitizers() ? "12" : "4", "--threads", "3", "--seed",
                     "42", "--json", scratch.path("out.json")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(contains(outcome.out, "seed 42"));
  const Json json = Json::parse(scratch.content("out.json"));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["seed"], 42);
  EXPECT_EQ(json["verdict"], "pass");
  ASSERT_EQ(json["runs"].size(), 2u);
  for (const Json& run : json["runs"]) {
    EXPECT_TRUE(contains(outcome.out, run["workload"]));
    EXPECT_EQ(run["threads"], 3);
    EXPECT_EQ(run["seed"], 42);
    EXPECT_EQ(run["verdict"], "pass");
    EXPECT_GT(run["operations"], 0);
    EXPECT_GT(run["operations_per_second"], 0);
    EXPECT_GT(run["seconds"], 0);
    EXPECT_GE(run["checks"].size(), 3u);
    const Json& throughput = run["throughput"];
    EXPECT_EQ(throughput["seconds"].size(), throughput["operations"].size());
    EXPECT_GE(throughput["seconds"].size(), 3u) << "between start and end";
    EXPECT_EQ(throughput["operations"].front(), 0);
    EXPECT_EQ(throughput["operations"].back(), run["operations"]);
  }
  EXPECT_EQ(scratch.files(), 1u);
}

TEST(Cli, a_baseline_that_is_no_report_is_bad_usage_before_the_run) {
  const Scratch scratch;
  scratch.write("text", "no report");
  for (const std::string& path :
       {scratch.path("text"), scratch.path("gone"), scratch.path("")}) {
    expect_one_line_of_bad_usage({"stress", "--baseline", path}, path);
  }
  expect_one_line_of_bad_usage({"stress", "--baseline", ""}, "--baseline");
}

TEST(Cli, a_run_is_held_against_an_earlier_report) {
  const Scratch scratch;
  const std::string name = workload_names().front();
  const std::string past = scratch.path("past.json");
  const Words words = {"stress", name,        "--ops", "1000",  "--seconds",
                       "120",    "--threads", "3",     "--json"};
  const auto run = [&](const std::string& path, const Words& more) {
    Words all = words;
    all.push_back(scratch.path(path));
    all.insert(all.end(), more.begin(), more.end());
    return program().run(all);
  };
  ASSERT_EQ(run("past.json", {}).status, 0);

  const Outcome same = run("same.json", {"--baseline", past});
  EXPECT_EQ(same.status, 0) << same.err;
  EXPECT_TRUE(contains(same.out, "the same machine, build and settings")) << same.out;
  const Json json = Json::parse(scratch.content("same.json"));
  EXPECT_GT(json["runs"][0]["baseline_ratio"], 0);
  EXPECT_EQ(json["baseline"]["path"], past);
  EXPECT_TRUE(json["baseline"]["worse"].empty());

  Json faster = Json::parse(scratch.content("past.json"));
  faster["runs"][0]["operations_per_second"] = 1e14;
  faster["settings"]["threads"] = 64;
  scratch.write("past.json", faster.dump());
  EXPECT_EQ(run("out.json", {"--baseline", past}).status, 0) << "it only informs";
  const Outcome failed = run("out.json", {"--baseline", past, "--fail-below", "0.5"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_TRUE(contains(failed.err, "fail: workload " + name + ", oracle baseline"))
      << failed.err;
  EXPECT_TRUE(contains(failed.err, "--baseline " + past + " --fail-below 0.5\n"))
      << failed.err;
  EXPECT_TRUE(contains(failed.out, "settings.threads was '64' and is '3'"))
      << failed.out;
  EXPECT_TRUE(contains(failed.out, "worse: " + name + " was pass and is fail"))
      << failed.out;
  EXPECT_EQ(Json::parse(scratch.content("out.json"))["verdict"], "fail");
}

TEST(Cli, the_whole_run_keeps_its_budget) {
  if (built_with_sanitizers()) GTEST_SKIP() << "start and end cost more than a second";
  const Outcome outcome = program().run({"stress", "--seconds", "3"});
  EXPECT_TRUE(outcome.status == 0 || outcome.status == 3) << outcome.err;
  EXPECT_NEAR(outcome.seconds, 3, 1);
}

TEST(Cli, a_share_of_operations_ends_the_run_before_its_time) {
  const Outcome outcome = program().run(
      {"stress", workload_names().front(), "--ops", "1000", "--seconds", "120"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_LT(outcome.seconds, 60);
}

TEST(Cli, shell_patterns_select_workloads) {
  const Scratch scratch;
  const std::string name = workload_names().front();
  const Outcome outcome =
      program().run({"stress", name.substr(0, name.size() - 1) + "?", "--seconds",
                     "0.3", "--json", scratch.path("out.json")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const Json json = Json::parse(scratch.content("out.json"));
  ASSERT_EQ(json["runs"].size(), 1u);
  EXPECT_EQ(json["runs"][0]["workload"], name);
}

TEST(Cli, a_drawn_seed_is_printed_and_recorded) {
  const Scratch scratch;
  const Outcome outcome =
      program().run({"stress", workload_names().front(), "--seconds", "0.3", "--json",
                     scratch.path("out.json")});
  const Json json = Json::parse(scratch.content("out.json"));
  EXPECT_TRUE(contains(outcome.out, "seed " + json["seed"].dump())) << outcome.out;
}

TEST(Cli, the_report_on_stdout_is_json_and_nothing_else) {
  const Outcome outcome = program().run({"stress", workload_names().front(),
                                         "--seconds", "0.3", "--json", "/dev/stdout"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(Json::accept(outcome.out)) << outcome.out;
}

TEST(Cli, a_full_disk_is_one_line_and_status_2) {
  const Outcome outcome = program().run(
      {"stress", workload_names().front(), "--seconds", "0.3", "--json", "/dev/full"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.error_lines(), 1u) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "/dev/full")) << outcome.err;
}

TEST(Cli, shards_merged_have_the_cases_of_the_whole) {
  const Scratch scratch;
  const Words selected = {"stress",   "own-counts",   "hot-object",
                          "shared-*", "thread-churn", "cycle-rings"};
  const auto report_of = [&](const std::string& name, const std::string& shard) {
    Words words = selected;
    const std::string path = scratch.path(name);
    words.insert(words.end(),
                 {"--ops", "400", "--seconds", "60", "--seed", "1", "--json", path});
    if (!shard.empty()) words.insert(words.end(), {"--shard", shard});
    const Outcome outcome = program().run(words);
    EXPECT_TRUE(outcome.status == 0 || outcome.status == 3) << outcome.err;
    return path;
  };
  const auto cases_of = [&](const std::string& name) {
    std::set<std::string> cases;
    const Json report = Json::parse(scratch.content(name));
    for (const Json& run : report["runs"])
      EXPECT_TRUE(cases.insert(run["workload"]).second) << run["workload"];
    return cases;
  };
  report_of("whole.json", "");
  Words merge = {"merge"};
  for (const char* shard : {"3", "1", "4", "2"})
    merge.push_back(report_of(std::string(shard) + ".json", shard + std::string("/4")));
  merge.insert(merge.end(), {"--json", scratch.path("merged.json")});
  const Outcome outcome = program().run(merge);
  EXPECT_TRUE(outcome.status == 0 || outcome.status == 3) << outcome.err;
  EXPECT_EQ(cases_of("merged.json"), cases_of("whole.json"));
  EXPECT_GE(cases_of("merged.json").size(), 6u);
}

TEST(Cli, what_cannot_be_merged_is_one_line_and_status_2) {
  const Scratch scratch;
  scratch.write("no.json", "{\"schema\": 1}");
  scratch.write("text", "hello");
  for (const char* name : {"no.json", "text", "gone"})
    expect_one_line_of_bad_usage({"merge", scratch.path(name)}, name);
  expect_one_line_of_bad_usage({"merge"}, "FILE");
}

TEST(Cli, an_interrupt_ends_the_run_with_the_results_so_far) {
  const Words names = workload_names();
  ASSERT_GE(names.size(), 2u);
  for (const int signal : {SIGINT, SIGTERM}) {
    const Scratch scratch;
    const Outcome outcome = program().run_and_signal(
        {"stress", names[0], names[1], "--seconds", "3", "--json",
         scratch.path("out.json")},
        names[0] + " ", signal);  // the line that says that the first is over
    EXPECT_EQ(outcome.status, 130) << outcome.err;
    EXPECT_LT(outcome.seconds, built_with_sanitizers() ? 60 : 2.9);
    const Json json = Json::parse(scratch.content("out.json"));
    EXPECT_EQ(json["interrupted"], true);
    EXPECT_GE(json["runs"].size(), 1u);
  }
}

TEST(Cli, an_interrupt_before_the_first_workload_still_writes_a_report) {
  const Scratch scratch;
  const Outcome outcome = program().run_and_signal(
      {"stress", "--seconds", "300", "--json", scratch.path("out.json")}, "seed ",
      SIGINT);
  EXPECT_EQ(outcome.status, 130) << outcome.err;
  EXPECT_LT(outcome.seconds, 120);
  EXPECT_EQ(Json::parse(scratch.content("out.json"))["interrupted"], true);
}

}  // namespace
}  // namespace threadmill
