// SPDX-License-Identifier: Apache-2.0
#include "harness/progress_oracle.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/numbers.hpp"

namespace threadmill {
namespace {

// Longer steps between two samples are not the workers' fault.
constexpr Seconds kLongestStep{0.5};

}  // namespace

ProgressOracle::ProgressOracle(unsigned workers,
                               Seconds window,
                               Clock::time_point start)
    : window_(window), last_(start), tracks_(workers) {}

void ProgressOracle::observe(std::span<const WorkerSample> samples,
                             Clock::time_point now,
                             double share) {
  const Seconds step = std::min(Seconds(now - last_), kLongestStep) * share;
  last_ = now;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    Track& track = tracks_[i];
    if (samples[i].finished) continue;
    track.watched += step;
    if (track.watched >= window_) {
      track.watched = Seconds{0};
      ++windows_;
    }
    if (samples[i].completed != track.completed) {
      track.completed = samples[i].completed;
      track.still = Seconds{0};
      continue;
    }
    track.still += step;
    if (track.still >= window_ && track.still > worst_) {
      worst_ = track.still;
      failure_ =
          fmt::format("worker {} completed nothing for {:.1f} s, after {} operations",
                      i, track.still.count(), with_thousands(track.completed));
    }
  }
}

Check ProgressOracle::check() const {
  return {"progress", windows_, failure_.empty(), failure_, CheckedBy::oracle};
}

}  // namespace threadmill
