// SPDX-License-Identifier: Apache-2.0
//
// Takes the place of runtime/sync/backoff.hpp in explored builds: spinning only waits for
// what the scheduler decides anyway, so nobody spins.
#pragma once

namespace threadmill {

inline void cpu_relax() noexcept {}

class Backoff {
 public:
  static bool spin() noexcept { return false; }
};

}  // namespace threadmill
