// SPDX-License-Identifier: Apache-2.0
//
// Interleaving coverage: of two places in the sources at which different threads use the
// same memory, one of them writing, were both orders seen? A pair that was seen in one
// order only is either ordered by the protocol, or an interleaving that nobody has tried.
// A pair that was seen in no order is not known here.
//
// SitePairs are what was seen; PairCoverage is what a report says of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace threadmill {

struct SitePair {
  std::string first;          // as in "refcount.hpp:35 writes"
  std::string second;         // `first` < `second`
  std::uint64_t forward = 0;  // times that `first` came first
  std::uint64_t backward = 0;

  [[nodiscard]] bool both() const noexcept { return forward != 0 && backward != 0; }
};

class SitePairs {
 public:
  SitePairs() = default;
  explicit SitePairs(const std::vector<SitePair>& rows);

  void see(const std::string& earlier, const std::string& later, std::uint64_t times);
  void add(const SitePairs& other);

  [[nodiscard]] std::vector<SitePair> rows() const;  // in order
  [[nodiscard]] std::size_t size() const noexcept { return pairs_.size(); }
  [[nodiscard]] std::size_t both() const;

 private:
  std::map<std::pair<std::string, std::string>, SitePair> pairs_;
};

// As in "mutex.hpp:61"; empty: it is not known.
[[nodiscard]] std::string place_text(const char* file, int line);
// As a SitePair names a place.
[[nodiscard]] std::string site_text(const char* file, int line, bool writes);

struct PairCoverage {
  struct OneOrder {
    std::string first;
    std::string second;
    std::uint64_t times = 0;  // that `first` came first; `second` never did
  };

  std::uint64_t pairs = 0;
  std::uint64_t both_orders = 0;
  std::vector<OneOrder> one_order;  // the others
};

[[nodiscard]] PairCoverage coverage_of(const SitePairs& pairs);

// "212 of 300 pairs of places in both orders"
[[nodiscard]] std::string text_of(const PairCoverage& coverage);
// A line for each order that was not seen: "B before A" with `before` between them.
[[nodiscard]] std::vector<std::string> never_seen(const PairCoverage& coverage,
                                                  std::string_view before);

// {"pairs", "both_orders", "one_order": [{"first", "second", "times"}]}
[[nodiscard]] nlohmann::ordered_json json_of(const PairCoverage& coverage);

// Found by the JSON library, for what processes tell each other.
void to_json(nlohmann::json& json, const SitePairs& pairs);
void from_json(const nlohmann::json& json, SitePairs& pairs);
void to_json(nlohmann::json& json, const PairCoverage& coverage);
void from_json(const nlohmann::json& json, PairCoverage& coverage);

}  // namespace threadmill
