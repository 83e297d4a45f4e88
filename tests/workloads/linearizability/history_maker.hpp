// SPDX-License-Identifier: Apache-2.0
//
// Small random histories. Each is made by a run of the sequential container in which
// intervals are drawn around the moments of the steps, so that it has an order, and then
// one answer in some histories is changed: many of these have none.
#pragma once

#include <cstdint>

#include "workloads/linearizability/history.hpp"

namespace threadmill {

// Of at most `operations` operations by up to 3 threads. The same seed, the same history.
[[nodiscard]] History random_history(Subject subject,
                                     std::size_t operations,
                                     std::uint64_t seed);

}  // namespace threadmill
