// SPDX-License-Identifier: Apache-2.0
#include "harness/report.hpp"

#include <algorithm>

namespace threadmill {

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::unverified:
      return "unverified";
    case Verdict::fail:
      return "fail";
    case Verdict::crash:
      return "crash";
    case Verdict::hang:
      return "hang";
  }
  return "unverified";
}

const char* meaning_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "everything was right";
    case Verdict::unverified:
      return "nothing failed, but the workload could compare nothing in its time";
    case Verdict::fail:
      return "a check or an oracle found something wrong";
    case Verdict::crash:
      return "the process died while the workload ran";
    case Verdict::hang:
      return "a worker or a stage did not come to its end";
  }
  return "";
}

std::optional<Verdict> verdict_named(std::string_view name) {
  for (const Verdict verdict : {Verdict::pass, Verdict::unverified, Verdict::fail,
                                Verdict::crash, Verdict::hang}) {
    if (name == name_of(verdict)) return verdict;
  }
  return std::nullopt;
}

Verdict verdict_of(const std::vector<Check>& checks) {
  std::uint64_t verified_by_workload = 0;
  for (const Check& check : checks) {
    if (!check.passed) return Verdict::fail;
    if (check.by == CheckedBy::workload) verified_by_workload += check.verified;
  }
  return verified_by_workload > 0 ? Verdict::pass : Verdict::unverified;
}

Verdict verdict_of(const Report& report) {
  // With more shards than workloads, some have nothing to do.
  const bool has_said = !report.runs.empty() || !report.shard.empty();
  const bool complete =
      has_said && report.not_run.empty() && report.missing_shards.empty();
  Verdict worst = complete ? Verdict::pass : Verdict::unverified;
  for (const RunResult& run : report.runs) worst = std::max(worst, run.verdict);
  return worst;
}

ExitStatus exit_status_of(const Report& report) {
  const Verdict verdict = verdict_of(report);
  if (verdict > Verdict::unverified) return ExitStatus::wrong;
  if (!report.refusal.empty()) return ExitStatus::bad_usage;
  if (report.interrupted) return ExitStatus::interrupted;
  if (verdict == Verdict::unverified) return ExitStatus::nothing_said;
  return ExitStatus::well;
}

std::string why_not_run(const Report& report) {
  if (!report.refusal.empty()) return report.refusal;
  return report.interrupted ? "the run was interrupted" : "the time was over";
}

double operations_per_second(const RunResult& run) {
  if (run.seconds <= 0) return 0;
  return static_cast<double>(run.operations) / run.seconds;
}

std::uint64_t total_verified(const RunResult& run) {
  std::uint64_t total = 0;
  for (const Check& check : run.checks) total += check.verified;
  return total;
}

}  // namespace threadmill
