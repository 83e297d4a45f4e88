// SPDX-License-Identifier: Apache-2.0
#include "harness/progress_line.hpp"

#include <fmt/format.h>

#include "harness/numbers.hpp"

namespace threadmill {
namespace {

constexpr Seconds kBetweenPlainLines{10};

std::string rate(double operations, double seconds) {
  return with_unit(seconds > 0 ? operations / seconds : 0) + "op/s";
}

}  // namespace

ProgressLine::ProgressLine(Console& console,
                           unsigned threads,
                           Clock::time_point start,
                           Seconds total)
    : console_(console),
      threads_(threads),
      start_(start),
      total_(total),
      last_line_(start) {}

void ProgressLine::show(std::string_view workload, const Sample& sample) {
  const Clock::time_point now = Clock::now();
  const bool due = now - last_line_ >= kBetweenPlainLines;
  if (!console_.is_terminal() && !due) return;
  const std::string line = fmt::format(
      "{}  {:<24} {:>4} threads  {:>12}  {}", elapsed(now), workload, threads_,
      rate(static_cast<double>(sample.operations), sample.running.count()),
      name_of(sample.stage));
  console_.live(line);
  if (console_.is_terminal()) return;
  console_.print(line + "\n");
  last_line_ = now;
}

void ProgressLine::finished(const RunResult& run) {
  if (console_.is_terminal()) return;  // the table will say it
  const Clock::time_point now = Clock::now();
  console_.print(fmt::format(
      "{}  {:<24} {:>4} threads  {:>12}  {}\n", elapsed(now), run.workload, run.threads,
      with_unit(operations_per_second(run)) + "op/s", name_of(run.verdict)));
  last_line_ = now;
}

std::string ProgressLine::elapsed(Clock::time_point now) const {
  if (total_.count() == 0)
    return fmt::format("{:6.1f} s", Seconds(now - start_).count());
  return fmt::format("{:6.1f} / {:g} s", Seconds(now - start_).count(), total_.count());
}

}  // namespace threadmill
