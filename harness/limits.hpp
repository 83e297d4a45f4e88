// SPDX-License-Identifier: Apache-2.0
//
// How long things may take before they count as wrong.
#pragma once

#include <cstdint>

#include "harness/time_budget.hpp"

namespace threadmill {

struct Limits {
  Seconds sample{0.1};         // between two looks at the workers' counters
  Seconds progress_window{5};  // in which every worker must complete something
  Seconds worker_grace{20};    // for another worker to return once told to stop
  Seconds standstill{3};       // of whoever is to come to an end, all others asleep
  // From the request of a pause until the last thread stopped, all of which come to a
  // safepoint in about 1 ms of processor time (workload.hpp, R2): thousands of times as
  // much, since a busy machine may give one thread no processor for long.
  Seconds stop{5};
  Seconds pause{30};  // of the world: the longest are tenths of a second
  // Pauses that one wait to attach may last. No guess, but what the protocol promises
  // (runtime/thread/latency.hpp).
  unsigned attach_pauses = 1;
  Seconds preparation{600};      // it may read a large input
  Seconds conclusion{60};        // checking and releasing, each, and on top of that ...
  double conclusion_factor{20};  // ... so many times what preparing and running took
  std::uint64_t memory_bytes = 0;  // resident, of the process; 0: no limit
  Seconds overtime{1};             // after its share, until the next workload begins
  Seconds silence{30};             // of a process that samples its workers

  // More where a sanitizer makes everything slower.
  [[nodiscard]] static Limits of_this_build();

  // To attach, a thread waits for the end of a pause that may just have been requested.
  [[nodiscard]] Seconds attach() const { return stop + pause; }

  // A short run shall not spend more on a workload that hangs than it has for one; but of
  // many threads each waits long for a processor, and of `jobs` workloads at once on fewer
  // processors each one has only a part of them.
  [[nodiscard]] Limits within(Seconds share,
                              unsigned threads,
                              unsigned jobs,
                              unsigned processors) const;
};

}  // namespace threadmill
