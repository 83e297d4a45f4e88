// SPDX-License-Identifier: Apache-2.0
#include "harness/report_junit.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/markup.hpp"
#include "harness/numbers.hpp"
#include "harness/report_json.hpp"

namespace threadmill {
namespace {

std::string element(const char* name,
                    const std::string& attributes,
                    const std::string& text) {
  return fmt::format("      <{0}{1}>{2}</{0}>\n", name, attributes,
                     escaped_markup(text));
}

std::string attribute(const char* name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, escaped_markup(value));
}

// Cases of several rounds would else have one name.
std::string case_name(const Report& report, const RunResult& run) {
  if (report.rounds <= 1) return run.workload;
  return fmt::format("{} (seed {})", run.workload, run.seed);
}

std::string first_failure(const RunResult& run) {
  for (const Check& check : run.checks) {
    if (!check.passed) return check.name + ": " + check.detail;
  }
  return meaning_of(run.verdict);
}

std::string text_of(const LastSteps& steps) {
  std::string text = "in stage " + steps.stage + "\n";
  for (const std::string& line : steps.more) text += line + "\n";
  for (const std::string& frame : steps.stack) text += "  at " + frame + "\n";
  return text;
}

std::string failure_text(const RunResult& run) {
  std::string text = "\n";
  for (const Check& check : run.checks) {
    if (!check.passed) text += check.name + ": " + check.detail + "\n";
  }
  if (run.last_steps) text += text_of(*run.last_steps);
  return text + "reproduce: " + run.reproduce + "\n";
}

// What there is to know of a run, whatever its verdict.
std::string output_text(const RunResult& run) {
  std::string text = "\n";
  if (run.seconds >= 0) {
    text += fmt::format("{} operations in {:.3f} s, {}op/s\n",
                        with_thousands(run.operations), run.seconds,
                        with_unit(operations_per_second(run)));
  }
  for (const Check& check : run.checks) {
    text +=
        fmt::format("{}: {}, {} verified\n", check.name,
                    check.passed ? "passed" : "failed", with_thousands(check.verified));
  }
  for (const auto& [name, value] : run.facts) text += name + ": " + value + "\n";
  return text + "reproduce: " + run.reproduce + "\n";
}

std::string opening_of_case(const std::string& name, double seconds) {
  return fmt::format(
      "    <testcase{} classname=\"threadmill.stress\" time=\"{:.3f}\">\n",
      attribute("name", name), std::max(seconds, 0.0));
}

std::string case_of(const Report& report, const RunResult& run) {
  std::string text = opening_of_case(case_name(report, run), run.seconds);
  if (run.verdict == Verdict::unverified) {
    text += element("skipped", attribute("message", meaning_of(run.verdict)), "");
  } else if (run.verdict != Verdict::pass) {
    text += element("failure",
                    attribute("type", name_of(run.verdict)) +
                        attribute("message", first_failure(run)),
                    failure_text(run));
  }
  return text + element("system-out", "", output_text(run)) + "    </testcase>\n";
}

std::string case_not_run(const Report& report, const std::string& workload) {
  return opening_of_case(workload, 0) +
         element("skipped", attribute("message", "not run: " + why_not_run(report)),
                 "") +
         "    </testcase>\n";
}

std::string property(const std::string& name, const std::string& value) {
  return fmt::format("      <property{}{}/>\n", attribute("name", name),
                     attribute("value", value));
}

std::string properties_of(const Report& report) {
  std::string text = "    <properties>\n" +
                     property("seed", std::to_string(report.seed)) +
                     property("rounds", std::to_string(report.rounds)) +
                     property("verdict", name_of(verdict_of(report)));
  for (const auto& [name, value] : circumstances_of(report))
    text += property(name, value);
  return text + "    </properties>\n";
}

std::string opening_of_suite(const Report& report) {
  const auto of_verdict = [&](auto is) {
    return static_cast<std::size_t>(
        std::count_if(report.runs.begin(), report.runs.end(),
                      [&](const RunResult& run) { return is(run.verdict); }));
  };
  const std::size_t failures =
      of_verdict([](Verdict verdict) { return verdict > Verdict::unverified; });
  const std::size_t unverified =
      of_verdict([](Verdict verdict) { return verdict == Verdict::unverified; });
  return fmt::format(
      "  <testsuite name=\"threadmill stress\" tests=\"{}\" failures=\"{}\" "
      "errors=\"0\" "
      "skipped=\"{}\" time=\"{:.3f}\" timestamp=\"{}\">\n",
      report.runs.size() + report.not_run.size(), failures,
      unverified + report.not_run.size(), report.elapsed_seconds,
      utc_text(report.began));
}

}  // namespace

std::string report_junit(const Report& report) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n" +
                     opening_of_suite(report) + properties_of(report);
  for (const RunResult& run : report.runs) text += case_of(report, run);
  for (const std::string& workload : report.not_run)
    text += case_not_run(report, workload);
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace threadmill
