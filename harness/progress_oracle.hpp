// SPDX-License-Identifier: Apache-2.0
//
// ProgressOracle: every worker must complete operations in every window of time. It is
// shown samples of the workers' counters, and remembers for how long each stood still.
//
// It only counts time that it has watched: if the samples come late (the machine slept,
// the process was stopped), the gap is counted as one short step; and if the process did not
// have the processors that it could use, only that part of the time (processor_share.hpp).
// So a standstill that it reports was at least that long.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/report.hpp"
#include "harness/time_budget.hpp"

namespace threadmill {

struct WorkerSample {
  std::uint64_t completed = 0;
  bool finished = false;  // has done its share and may stand still
};

class ProgressOracle {
 public:
  ProgressOracle(unsigned workers, Seconds window, Clock::time_point start);

  // `share`: the part of its processors that the process has had since the last sample.
  void observe(std::span<const WorkerSample> samples,
               Clock::time_point now,
               double share);

  // `verified` counts the windows, of all workers, that were watched to their end.
  [[nodiscard]] Check check() const;

 private:
  struct Track {
    std::uint64_t completed = 0;
    Seconds still{0};    // since the counter last moved
    Seconds watched{0};  // in the present window
  };

  const Seconds window_;
  Clock::time_point last_;
  std::vector<Track> tracks_;
  std::uint64_t windows_ = 0;
  Seconds worst_{0};  // the longest standstill that was too long
  std::string failure_;
};

}  // namespace threadmill
