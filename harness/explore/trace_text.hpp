// SPDX-License-Identifier: Apache-2.0
//
// A trace for people: one column per thread, one line per operation.
#pragma once

#include <string>
#include <vector>

#include "harness/explore/engine.hpp"

namespace threadmill::explore {

// As in "mutex.hpp:61"; empty: it is not known.
[[nodiscard]] std::string place_of(const Site& site);

[[nodiscard]] std::string to_text(const std::vector<TraceStep>& trace,
                                  unsigned threads,
                                  const Failure& failure);

// "race: x is ... (T1, runtime/object/refcount.cpp:64)"
[[nodiscard]] std::string to_text(const Failure& failure);

}  // namespace threadmill::explore
