// SPDX-License-Identifier: Apache-2.0
//
// Throughput: how many operations all workers of a run together had completed at moments
// of it. However long the run, at most kMost moments are kept, evenly spread: every n-th
// sample, and n doubles when there are too many of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/report.hpp"

namespace threadmill {

class Throughput {
 public:
  static constexpr std::size_t kMost = 240;

  // `seconds` since the start line. What goes back in time or in operations is no sample
  // of this run, and is left out.
  void note(double seconds, std::uint64_t operations);

  // With the end of the run, if it is known. Empty: nobody saw it running.
  [[nodiscard]] std::vector<ThroughputPoint> of(const RunResult& run) const;

 private:
  void thin_out();

  std::vector<ThroughputPoint> kept_ = {{0, 0}};
  ThroughputPoint last_;  // kept or not
  std::uint64_t noted_ = 0;
  std::uint64_t stride_ = 1;
};

}  // namespace threadmill
