// SPDX-License-Identifier: Apache-2.0
#include "harness/report.hpp"

#include <gtest/gtest.h>

#include "harness/reproduce.hpp"
#include "harness/summary.hpp"

namespace threadmill {
namespace {

Check checked(CheckedBy by, std::uint64_t verified, bool passed) {
  return {"check", verified, passed, "", by};
}

Report report_of(std::vector<Verdict> verdicts) {
  Report report;
  for (const Verdict verdict : verdicts) {
    RunResult run;
    run.verdict = verdict;
    report.runs.push_back(run);
  }
  return report;
}

TEST(Report, a_run_passes_when_the_workload_verified_something_and_nothing_failed) {
  EXPECT_EQ(verdict_of({checked(CheckedBy::workload, 1, true)}), Verdict::pass);
}

TEST(Report, any_failed_check_fails_the_run) {
  EXPECT_EQ(verdict_of({checked(CheckedBy::workload, 9, true),
                        checked(CheckedBy::oracle, 0, false)}),
            Verdict::fail);
}

TEST(Report, a_run_of_which_only_oracles_verified_something_is_unverified) {
  EXPECT_EQ(verdict_of({checked(CheckedBy::oracle, 9, true),
                        checked(CheckedBy::workload, 0, true)}),
            Verdict::unverified);
}

TEST(Report, exit_status_0_needs_every_run_to_pass) {
  EXPECT_EQ(exit_status_of(report_of({Verdict::pass, Verdict::pass})),
            ExitStatus::well);
}

TEST(Report, exit_status_1_for_anything_wrong_even_when_interrupted) {
  for (const Verdict bad : {Verdict::fail, Verdict::crash, Verdict::hang}) {
    Report report = report_of({Verdict::pass, bad, Verdict::unverified});
    report.interrupted = true;
    report.refusal = "--input: unreadable";
    EXPECT_EQ(exit_status_of(report), ExitStatus::wrong) << name_of(bad);
  }
}

TEST(Report, exit_status_2_for_refusal) {
  Report report = report_of({Verdict::pass});
  report.refusal = "--input: unreadable";
  EXPECT_EQ(exit_status_of(report), ExitStatus::bad_usage);
}

TEST(Report, exit_status_3_when_a_workload_said_nothing_or_did_not_run) {
  EXPECT_EQ(exit_status_of(report_of({Verdict::pass, Verdict::unverified})),
            ExitStatus::nothing_said);
  EXPECT_EQ(exit_status_of(report_of({})), ExitStatus::nothing_said);
  Report report = report_of({Verdict::pass});
  report.not_run = {"late"};
  EXPECT_EQ(exit_status_of(report), ExitStatus::nothing_said);
}

TEST(Report, exit_status_130_when_interrupted_with_nothing_found) {
  Report report = report_of({Verdict::pass});
  report.not_run = {"late"};
  report.interrupted = true;
  EXPECT_EQ(exit_status_of(report), ExitStatus::interrupted);
}

TEST(Summary, shows_every_run_its_facts_and_the_seed) {
  Report report;
  report.seed = 77;
  RunResult run;
  run.workload = "hot-object";
  run.threads = 64;
  run.operations = 1234567;
  run.seconds = 2;
  run.verdict = Verdict::fail;
  run.facts = {{"skipped", "a\nb"}};
  report.runs.push_back(run);
  const std::string text = summary_of(report, /*colour=*/false);
  for (const char* part : {"hot-object", "64", "1,234,567", "617.3 k", "fail",
                           "skipped: a\\nb", "seed 77"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Summary, shows_no_number_for_what_nobody_knows) {
  Report report = report_of({Verdict::crash});
  report.runs[0].seconds = -1;
  const std::string text = summary_of(report, /*colour=*/false);
  EXPECT_EQ(text.find("0.0"), text.find("0.0 s,")) << text;
}

TEST(Summary, shows_the_comparison_with_a_baseline) {
  Report report = report_of({Verdict::pass, Verdict::fail});
  report.runs[0].baseline_ratio = 0.987;
  report.comparison = {"old\n.json",
                       0,
                       {"host.cpu was 'a' and is 'b'"},
                       {"x was pass and is fail"},
                       {"y"}};
  const std::string text = summary_of(report, /*colour=*/false);
  for (const char* part : {"baseline  verdict", "0.99 x",
                           "baseline old\\n.json: not the same: host.cpu was",
                           "worse: x was pass and is fail", "not in it: y"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
}

TEST(Summary, has_one_line_of_waits_with_the_worst_of_all_runs) {
  Report report;
  for (const char* name : {"calm", "stormy"}) {
    RunResult run;
    run.workload = name;
    const std::uint64_t worst = run.workload == "calm" ? 2'000 : 3'000'000;
    run.latencies = {{"stop", 9, 1, worst / 2, worst, {}},
                     {"attach", 9, 1, worst, worst * 2, {}}};
    report.runs.push_back(run);
  }
  const std::string text = summary_of(report, /*colour=*/false);
  EXPECT_NE(text.find("\nwaits (p99, max): stop 1.5 ms, 3.0 ms; attach 3.0 ms, 6.0 ms"
                      "\n"),
            std::string::npos)
      << text;
}

TEST(Summary, has_no_line_of_waits_if_nobody_waited) {
  Report report = report_of({Verdict::pass});
  report.runs[0].latencies = {{"stop", 3, 1, 2, 2, {}}, {"attach", 0, 0, 0, 0, {}}};
  EXPECT_EQ(summary_of(report, false).find("waits"), std::string::npos);
}

TEST(Reproduce, a_workloads_seed_depends_on_the_seed_and_its_name_alone) {
  EXPECT_EQ(workload_seed(1, "a"), workload_seed(1, "a"));
  EXPECT_NE(workload_seed(1, "a"), workload_seed(1, "b"));
  EXPECT_NE(workload_seed(1, "a"), workload_seed(2, "a"));
}

TEST(Reproduce, the_command_repeats_one_workload_in_one_shell_line) {
  const WorkloadInfo deaf{"hot-object", "test", "", false, 1, nullptr};
  const WorkloadInfo reader{"inverted-index", "test", "", true, 1, nullptr};
  StressOptions options;
  options.threads = 8;
  options.seed = 5;
  options.operations = 100;
  options.fault = "some-fault";
  options.inputs = {"my texts", "x\ny"};
  EXPECT_EQ(reproduction(options, deaf, Seconds(2.71)),
            "threadmill stress hot-object --threads 8 --seed 5 --seconds 2.8 --ops 100 "
            "--fault some-fault");
  EXPECT_EQ(reproduction(options, reader, Seconds(2.71)),
            "threadmill stress inverted-index --threads 8 --seed 5 --seconds 2.8 "
            "--ops 100 --fault some-fault --input 'my texts' $'x\\ny'");
}

}  // namespace
}  // namespace threadmill
