// SPDX-License-Identifier: Apache-2.0
#include "harness/processor_share.hpp"

#include <algorithm>
#include <ctime>

#include "harness/processor.hpp"
#include "harness/thread_states.hpp"

namespace threadmill {
namespace {

// Of all threads, since the process began.
Seconds computed_so_far() {
  timespec time{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return Seconds(0);
  return Seconds(static_cast<double>(time.tv_sec)) +
         Seconds(static_cast<double>(time.tv_nsec) * 1e-9);
}

}  // namespace

double part_got(Seconds computed,
                Seconds elapsed,
                unsigned runnable,
                unsigned processors) {
  const double usable = std::min(runnable, processors);
  if (usable == 0 || elapsed <= Seconds(0)) return 1;
  return std::clamp(computed / (elapsed * usable), 0.0, 1.0);
}

ProcessorShare::ProcessorShare() : last_(Clock::now()), computed_(computed_so_far()) {}

double ProcessorShare::since_last_look(Clock::time_point now) {
  const Seconds computed = computed_so_far();
  const double part =
      part_got(computed - computed_, now - last_, states_of_other_threads().runnable,
               allowed_processors());
  computed_ = computed;
  last_ = now;
  return part;
}

}  // namespace threadmill
