// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/some_report.hpp"

namespace threadmill {

namespace {

Build some_build() {
  return {"g++ <12>", "release", "biased", 16, "system", "none", 0, false};
}

}  // namespace

RunResult some_run(const std::string& workload, Verdict verdict) {
  RunResult run;
  run.workload = workload;
  run.threads = 4;
  run.seed = 18446744073709551615u;
  run.seconds = 2;
  run.operations = 1234567;
  run.minimum_operations = 200;
  run.maximum_operations = 300;
  run.checks = {{"sum", 1000, true, "", CheckedBy::workload}};
  run.verdict = verdict;
  run.facts = {{"skipped " + kNasty, kNasty}};
  run.reproduce = "threadmill stress " + workload + " --input 'a&b'";
  run.throughput = {{0, 0}, {0.5, 200'000}, {1.2345678, 700'000}, {2, 1'234'567}};
  run.latencies = {
      {"stop", 3, 150, 900, 950, {{100, 200, 2}, {896, 960, 1}}},
      {"attach", 0, 0, 0, 0, {}},
  };
  run.most_pauses_to_attach = 1;
  run.held = {4096, 7, 65536};
  run.coverage = {3, 2, {{"a.hpp:1 reads", "b.hpp:2 writes", 5}}};
  if (verdict > Verdict::unverified)
    run.checks.push_back({"oracle", 1, false, kNasty, CheckedBy::oracle});
  return run;
}

Report some_report() {
  Report report;
  report.host = this_host();
  report.build = some_build();
  report.settings.threads = 4;
  report.settings.seconds = 60;
  report.settings.fault = kNasty;
  report.began = 1'700'000'000;
  report.elapsed_seconds = 61.5;
  report.resident_peak_bytes = 100 << 20;
  report.seed = 42;
  report.rounds = 1;
  report.runs = {some_run("hot-object", Verdict::pass),
                 some_run("shared-list", Verdict::unverified),
                 some_run("rings", Verdict::fail), some_run("set", Verdict::crash),
                 some_run("cells", Verdict::hang)};
  report.runs[3].last_steps = {"running", {7, 8}, {kNasty}, {kNasty}};
  report.runs[4].last_steps = {"preparing", {}, {}, {}};
  report.runs[4].seconds = -1;
  report.runs[4].throughput.clear();
  report.runs[4].latencies.clear();
  report.not_run = {"late", "later"};
  return report;
}

}  // namespace threadmill
