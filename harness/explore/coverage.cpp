// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/coverage.hpp"

#include <array>

namespace threadmill::explore {
namespace {

constexpr std::uint32_t kNoPlace = ~std::uint32_t{0};

bool writes(Op op) { return op == Op::store || op == Op::rmw; }
bool uses_memory(Op op) { return op == Op::load || writes(op); }

}  // namespace

CoverageWatch::Place CoverageWatch::index_of(const Operation& operation) {
  const auto [entry, is_new] = places_.try_emplace(
      {operation.site.file, operation.site.line}, std::array{kNoPlace, kNoPlace});
  Place& place = entry->second[writes(operation.op) ? 1 : 0];
  if (place == kNoPlace) {
    place = static_cast<Place>(names_.size());
    names_.push_back(
        site_text(operation.site.file, operation.site.line, writes(operation.op)));
  }
  return place;
}

void CoverageWatch::executed(unsigned thread, const Operation& operation) {
  inner_.executed(thread, operation);
  if (!uses_memory(operation.op) || operation.site.file == nullptr) return;
  const Use use{thread, index_of(operation), writes(operation.op)};
  std::vector<Use>& uses = uses_[operation.address];
  bool is_known = false;
  for (const Use& earlier : uses) {
    if (earlier.thread == thread) {
      is_known |= earlier.place == use.place;
    } else if (earlier.place != use.place && (earlier.writes || use.writes)) {
      ++seen_[std::uint64_t{earlier.place} << 32 | use.place];
    }
  }
  if (!is_known) uses.push_back(use);
}

SitePairs CoverageWatch::pairs() const {
  SitePairs pairs;
  for (const auto& [key, times] : seen_)
    pairs.see(names_[key >> 32], names_[key & 0xffff'ffff], times);
  return pairs;
}

}  // namespace threadmill::explore
