// SPDX-License-Identifier: Apache-2.0
#include "harness/rounds.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace threadmill {
namespace {

template <class T>
void append(std::vector<T>& all, std::vector<T> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()),
             std::make_move_iterator(more.end()));
}

void add(Report& all, Report round) {
  append(all.runs, std::move(round.runs));
  append(all.not_run, std::move(round.not_run));
  all.refusal = std::move(round.refusal);
  all.interrupted = round.interrupted;
  ++all.rounds;
}

}  // namespace

Report run_rounds(const StressOptions& options,
                  Clock::time_point start,
                  const Round& round) {
  const auto length =
      std::chrono::duration_cast<Clock::duration>(Seconds(options.seconds));
  Report all;
  all.settings = {options.threads, options.seconds,    options.operations,
                  options.jobs,    options.pin,        options.fault,
                  options.chaos,   options.reuses_late};
  all.seed = options.seed;
  if (!options.shard.is_whole()) all.shard = text_of(options.shard);
  StressOptions its = options;
  for (;;) {
    add(all, round(its, start));
    const bool found = options.until_failure && verdict_of(all) > Verdict::unverified;
    const bool over = options.repeat != 0 && all.rounds == options.repeat;
    if (over || found || all.interrupted || !all.refusal.empty()) return all;
    start = std::min(start + length, Clock::now());
    ++its.seed;
  }
}

Seconds length_of(const StressOptions& options) {
  return Seconds(options.seconds) * static_cast<double>(options.repeat);
}

}  // namespace threadmill
