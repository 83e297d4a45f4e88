// SPDX-License-Identifier: Apache-2.0
//
// The object models that can be measured here: each is an executable beside this one, over
// Google Benchmark, whose rows have the names that ours have for the same work. Any
// PROGRAM-bench-NAME that lies there is the model NAME, known here or not.
#pragma once

#include <string>
#include <vector>

namespace threadmill {

struct BenchModel {
  std::string name;
  std::string executable;  // its path; empty: it is not there
  std::string how_to_get;  // for one that is not there
};

// Biased first, then those that this project has, then whatever else lies there.
[[nodiscard]] std::vector<BenchModel> bench_models();

// Those of a list with commas, or "all". Throws UsageError for a name that nobody knows.
[[nodiscard]] std::vector<BenchModel> selected_models(const std::string& list);

}  // namespace threadmill
