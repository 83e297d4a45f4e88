// SPDX-License-Identifier: Apache-2.0
//
// The checker's answer found in another way: all orders of all operations that have
// responded and of any of the pending ones, one after the other, each judged by containers
// of its own made of the standard library's.
#pragma once

#include "workloads/linearizability/history.hpp"

namespace threadmill {

// As a whole. For up to 7 operations or so.
[[nodiscard]] bool some_order_fits(const History& history);

}  // namespace threadmill
