// SPDX-License-Identifier: Apache-2.0
//
// Campaign: searches of many scenarios within one time, in worker processes.
//
//   parts    a scenario is one piece of work, or as many as there are processes to spare.
//            The first part has the seed of the command line, the others sample with
//            seeds mixed from it; an exhaustive search cannot be shared, so that the
//            others help it by sampling, or, where only "dfs" was asked for, not at all
//   time     what is left, shared out among what has not begun
//   enough   one part has a finding, or has seen everything: the others stop
#pragma once

#include <functional>
#include <vector>

#include "harness/explore/explorer.hpp"
#include "harness/explore/options.hpp"

namespace threadmill::explore {

// One result per scenario, in their order; those that did not begin before an interrupt
// are missing. `done` sees each as soon as it is complete, in no order. Throws
// std::system_error if no worker can be started.
std::vector<SearchResult> search_all(
    const std::vector<const ScenarioInfo*>& scenarios,
    const ExploreOptions& options,
    const std::function<void(const SearchResult&)>& done);

}  // namespace threadmill::explore
