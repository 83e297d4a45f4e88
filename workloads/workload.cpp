// SPDX-License-Identifier: Apache-2.0
//
// The out-of-line part of workload.hpp: building check results.
#include "workloads/workload.hpp"

#include <utility>

#include <fmt/format.h>

namespace threadmill {

void CheckList::equal(std::string name,
                      std::uint64_t verified,
                      std::uint64_t expected,
                      std::uint64_t actual) {
  std::string detail;
  if (expected != actual)
    detail = fmt::format("expected {}, found {}", expected, actual);
  results_.push_back(
      {std::move(name), verified, expected == actual, std::move(detail)});
}

void CheckList::that(std::string name,
                     std::uint64_t verified,
                     bool passed,
                     std::string detail) {
  results_.push_back({std::move(name), verified, passed, std::move(detail)});
}

}  // namespace threadmill
