// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/clock.hpp"

#include <chrono>

namespace threadmill {

std::uint64_t steady_nanoseconds() noexcept {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
}

}  // namespace threadmill
