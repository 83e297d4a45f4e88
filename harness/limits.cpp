// SPDX-License-Identifier: Apache-2.0
#include "harness/limits.hpp"

#include <algorithm>

#include "runtime/base/build_info.hpp"

namespace threadmill {

Limits Limits::of_this_build() {
  Limits limits;
  if (!is_sanitized()) return limits;
  limits.progress_window *= 5;
  limits.worker_grace *= 5;
  limits.standstill *= 5;  // a report in the making waits for its symbolizer
  limits.stop *= 5;
  limits.pause *= 5;
  limits.conclusion *= 5;
  limits.overtime *= 5;
  limits.silence *= 5;
  return limits;
}

Limits Limits::within(Seconds share,
                      unsigned threads,
                      unsigned jobs,
                      unsigned processors) const {
  constexpr Seconds kPerThread{0.05};

  Limits limits = *this;
  limits.worker_grace = std::clamp(share, worker_grace / 4, worker_grace);
  limits.worker_grace += threads * kPerThread;
  limits.stop += threads * kPerThread;
  const double crowd =
      std::max(1.0, static_cast<double>(jobs) / std::max(processors, 1u));
  limits.worker_grace *= crowd;
  limits.stop *= crowd;
  return limits;
}

}  // namespace threadmill
