// SPDX-License-Identifier: Apache-2.0
//
// The one clock of the runtime. It only measures: nothing is decided by it, so in
// explored builds it stands still.
#pragma once

#include <cstdint>

namespace threadmill {

// Since some moment in the past; never goes back. Any thread.
[[nodiscard]] std::uint64_t steady_nanoseconds() noexcept;

}  // namespace threadmill
