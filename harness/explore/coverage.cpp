// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/coverage.hpp"

#include <algorithm>
#include <array>

#include "harness/explore/trace_text.hpp"

namespace threadmill::explore {
namespace {

constexpr std::uint32_t kNoPlace = ~std::uint32_t{0};

bool writes(Op op) { return op == Op::store || op == Op::rmw; }
bool uses_memory(Op op) { return op == Op::load || writes(op); }

}  // namespace

SitePairs::SitePairs(const std::vector<SitePair>& rows) {
  for (const SitePair& row : rows) pairs_[{row.first, row.second}] = row;
}

void SitePairs::see(const std::string& earlier,
                    const std::string& later,
                    std::uint64_t times) {
  const bool in_order = earlier < later;
  const std::string& first = in_order ? earlier : later;
  const std::string& second = in_order ? later : earlier;
  SitePair& pair = pairs_[{first, second}];
  pair.first = first;
  pair.second = second;
  (in_order ? pair.forward : pair.backward) += times;
}

void SitePairs::add(const SitePairs& other) {
  for (const auto& [names, pair] : other.pairs_) {
    if (pair.forward != 0) see(pair.first, pair.second, pair.forward);
    if (pair.backward != 0) see(pair.second, pair.first, pair.backward);
  }
}

std::vector<SitePair> SitePairs::rows() const {
  std::vector<SitePair> rows;
  for (const auto& [names, pair] : pairs_) rows.push_back(pair);
  return rows;
}

std::size_t SitePairs::both() const {
  return static_cast<std::size_t>(
      std::count_if(pairs_.begin(), pairs_.end(),
                    [](const auto& entry) { return entry.second.both(); }));
}

CoverageWatch::Place CoverageWatch::index_of(const Operation& operation) {
  const auto [entry, is_new] = places_.try_emplace(
      {operation.site.file, operation.site.line}, std::array{kNoPlace, kNoPlace});
  Place& place = entry->second[writes(operation.op) ? 1 : 0];
  if (place == kNoPlace) {
    place = static_cast<Place>(names_.size());
    names_.push_back(place_of(operation.site) +
                     (writes(operation.op) ? " writes" : " reads"));
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
