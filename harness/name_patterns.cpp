// SPDX-License-Identifier: Apache-2.0
#include "harness/name_patterns.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fnmatch.h>

#include "harness/numbers.hpp"
#include "harness/options.hpp"

namespace threadmill {
namespace {

bool matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

}  // namespace

bool is_selected(const std::vector<std::string>& patterns, const std::string& name) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
           return matches(pattern, name);
         });
}

void require_matches(const std::vector<std::string>& patterns,
                     const std::vector<std::string>& names,
                     const char* what,
                     const std::string& program) {
  for (const std::string& pattern : patterns) {
    if (std::any_of(names.begin(), names.end(),
                    [&](const std::string& name) { return matches(pattern, name); }))
      continue;
    throw UsageError(fmt::format("no {} is called '{}'; '{} list' shows them", what,
                                 printable(pattern), program));
  }
}

}  // namespace threadmill
