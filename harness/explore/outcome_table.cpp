// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/outcome_table.hpp"

#include <algorithm>
#include <utility>

namespace threadmill::explore {

OutcomeTable::OutcomeTable(std::vector<std::string> allowed) {
  for (std::string& outcome : allowed) rows_.push_back({std::move(outcome), true, 0});
}

bool OutcomeTable::count(const std::string& outcome) {
  OutcomeCount& row = row_of(outcome);
  ++row.count;
  return row.allowed;
}

void OutcomeTable::add(const OutcomeTable& other) {
  for (const OutcomeCount& row : other.rows_) row_of(row.outcome).count += row.count;
}

OutcomeCount& OutcomeTable::row_of(const std::string& outcome) {
  const auto found =
      std::find_if(rows_.begin(), rows_.end(),
                   [&](const OutcomeCount& row) { return row.outcome == outcome; });
  if (found != rows_.end()) return *found;
  return rows_.emplace_back(OutcomeCount{outcome, false, 0});
}

const char* grade_of(const OutcomeCount& row) noexcept {
  if (!row.allowed) return "forbidden";
  return row.count == 0 ? "allowed, not seen" : "allowed";
}

}  // namespace threadmill::explore
