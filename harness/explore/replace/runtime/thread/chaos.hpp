// SPDX-License-Identifier: Apache-2.0
//
// Takes the place of runtime/thread/chaos.hpp in explored builds, where the scheduler
// comes between any two steps.
#pragma once

namespace threadmill {

inline void chaos_point() noexcept {}

}  // namespace threadmill
