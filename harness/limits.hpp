// SPDX-License-Identifier: Apache-2.0
//
// How long things may take before they count as wrong.
#pragma once

#include "harness/time_budget.hpp"

namespace threadmill {

struct Limits {
  Seconds sample{0.1};           // between two looks at the workers' counters
  Seconds progress_window{5};    // in which every worker must complete something
  Seconds worker_grace{20};      // for the workers to return once told to stop
  Seconds preparation{600};      // it may read a large input
  Seconds conclusion{60};        // checking and releasing, each, and on top of that ...
  double conclusion_factor{20};  // ... so many times what preparing and running took

  // More where a sanitizer makes everything slower.
  [[nodiscard]] static Limits of_this_build();
};

}  // namespace threadmill
