// SPDX-License-Identifier: Apache-2.0
#include "harness/latency_oracle.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "harness/numbers.hpp"

namespace threadmill {
namespace {

Latency of(const char* name, const Histogram& histogram) {
  Latency latency{name,
                  histogram.count(),
                  histogram.percentile(50),
                  histogram.percentile(99),
                  histogram.max(),
                  {}};
  histogram.for_each_bucket(
      [&latency](std::uint64_t from, std::uint64_t to, std::uint64_t count) {
        latency.buckets.push_back({from, to, count});
      });
  return latency;
}

Seconds limit_of(const std::string& name, const Limits& limits) {
  if (name == "stop") return limits.stop;
  if (name == "pause") return limits.pause;
  return limits.attach();
}

}  // namespace

std::vector<Latency> latencies_for_report(const Latencies& latencies) {
  return {of("stop", latencies.stop), of("pause", latencies.pause),
          of("attach", latencies.attach)};
}

Check judge_latencies(const RunResult& run, const Limits& limits, Seconds unwatched) {
  Check check{"latency", 0, true, "", CheckedBy::oracle};
  const auto fail = [&check](std::string why) {
    if (check.passed) check.detail = std::move(why);
    check.passed = false;
  };
  if (run.most_pauses_to_attach > limits.attach_pauses) {
    fail(
        fmt::format("a thread that waited to attach was kept out for {} pauses; it is "
                    "to be let in after {}",
                    run.most_pauses_to_attach, limits.attach_pauses));
  }
  for (const Latency& latency : run.latencies) {
    if (latency.name != "pause") check.verified += latency.count;
    const Seconds limit = limit_of(latency.name, limits) + unwatched;
    if (Seconds(static_cast<double>(latency.max) * 1e-9) <= limit) continue;
    fail(fmt::format("{} took {} at its longest, and the limit is {:.0f} s",
                     latency.name, with_time_unit(latency.max), limit.count()));
  }
  return check;
}

}  // namespace threadmill
