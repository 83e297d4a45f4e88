// SPDX-License-Identifier: Apache-2.0
//
// InterruptSignals: while one exists, the first SIGINT or SIGTERM only sets a flag, so
// that the run ends cleanly with the results so far; a second one ends the process at
// once. Two within half a second count as one: a terminal or `timeout` signals a whole
// process group, and a launcher passes its own signal on.
#pragma once

namespace threadmill {

class InterruptSignals {
 public:
  InterruptSignals();
  InterruptSignals(const InterruptSignals&) = delete;
  InterruptSignals& operator=(const InterruptSignals&) = delete;
  ~InterruptSignals();
};

// A signal has come while the present InterruptSignals exists.
[[nodiscard]] bool interrupted();

}  // namespace threadmill
