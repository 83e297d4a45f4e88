// SPDX-License-Identifier: Apache-2.0
#include "harness/throughput.hpp"

namespace threadmill {

void Throughput::note(double seconds, std::uint64_t operations) {
  if (!(seconds > last_.seconds) || operations < last_.operations) return;
  last_ = {seconds, operations};
  if (++noted_ % stride_ != 0) return;
  kept_.push_back(last_);
  if (kept_.size() + 1 >= kMost) thin_out();  // one place is for the end
}

std::vector<ThroughputPoint> Throughput::of(const RunResult& run) const {
  std::vector<ThroughputPoint> points = kept_;
  if (run.seconds > 0) {
    while (points.back().seconds >= run.seconds) points.pop_back();
    points.push_back({run.seconds, run.operations});
  }
  if (points.size() < 2) points.clear();
  return points;
}

void Throughput::thin_out() {
  std::size_t half = 0;
  for (std::size_t i = 0; i < kept_.size(); i += 2) kept_[half++] = kept_[i];
  kept_.resize(half);
  stride_ *= 2;
  noted_ = (half - 1) * stride_;  // as if so many had been looked at from the beginning
}

}  // namespace threadmill
