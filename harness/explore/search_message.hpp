// SPDX-License-Identifier: Apache-2.0
//
// A SearchResult on its way from a worker's process to the one that reports it: JSON, of
// this build for this build, so it is trusted.
#pragma once

#include <string>

#include "harness/explore/explorer.hpp"

namespace threadmill::explore {

[[nodiscard]] std::string to_message(const SearchResult& result);
[[nodiscard]] SearchResult from_message(const std::string& text);

}  // namespace threadmill::explore
