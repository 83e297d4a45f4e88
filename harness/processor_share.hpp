// SPDX-License-Identifier: Apache-2.0
//
// ProcessorShare: what part of the processors that this process could have used it got.
// Beside busy others a worker stands still because it has no processor, or because the one
// it waits for has none; that is nobody's error.
//
// What it could have used is as many processors as it may run on, but no more than threads
// of it are runnable at the moment of the look: a sample, so that one answer may be off,
// and some dozen in a row are not.
#pragma once

#include "harness/time_budget.hpp"

namespace threadmill {

// Of `elapsed`, the process computed for `computed` on all processors together; 0 to 1, and
// 1 if nothing was runnable.
[[nodiscard]] double part_got(Seconds computed,
                              Seconds elapsed,
                              unsigned runnable,
                              unsigned processors);

class ProcessorShare {
 public:
  ProcessorShare();

  // The calling thread is left out of account.
  [[nodiscard]] double since_last_look(Clock::time_point now);

 private:
  Clock::time_point last_;
  Seconds computed_;
};

}  // namespace threadmill
