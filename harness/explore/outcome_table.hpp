// SPDX-License-Identifier: Apache-2.0
//
// OutcomeTable: how often each outcome of a litmus test was seen, graded by what the
// memory model allows.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace threadmill::explore {

struct OutcomeCount {
  std::string outcome;
  bool allowed = true;
  std::uint64_t count = 0;
};

class OutcomeTable {
 public:
  OutcomeTable() = default;
  explicit OutcomeTable(std::vector<std::string> allowed);
  explicit OutcomeTable(std::vector<OutcomeCount> rows) : rows_(std::move(rows)) {}

  // False: the outcome is forbidden.
  bool count(const std::string& outcome);
  // What another search over the same test has seen.
  void add(const OutcomeTable& other);

  // In the order in which they were given, what is forbidden last.
  [[nodiscard]] const std::vector<OutcomeCount>& rows() const noexcept { return rows_; }

 private:
  OutcomeCount& row_of(const std::string& outcome);

  std::vector<OutcomeCount> rows_;
};

// "allowed", "allowed, not seen", "forbidden"
[[nodiscard]] const char* grade_of(const OutcomeCount& row) noexcept;

}  // namespace threadmill::explore
