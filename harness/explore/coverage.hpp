// SPDX-License-Identifier: Apache-2.0
//
// Interleaving coverage: of two places in the sources at which different threads use the
// same memory, one of them writing, were both orders seen? A pair that was seen in one
// order only is either ordered by the protocol, or a schedule that nobody has tried.
//
//   SitePairs      what was seen, of one search or of several
//   CoverageWatch  a strategy that lets another one decide, and looks on
//
// Addresses count within one execution, so that memory which was used again there makes
// pairs, too. Two threads at one place are no pair: its orders look the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "harness/explore/strategy.hpp"

namespace threadmill::explore {

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

class CoverageWatch final : public Strategy {
 public:
  explicit CoverageWatch(Strategy& inner) : inner_(inner) {}

  bool begin() override {
    uses_.clear();
    return inner_.begin();
  }
  unsigned pick_thread(const State& state) override {
    return inner_.pick_thread(state);
  }
  unsigned pick(unsigned count, Choice choice) override {
    return inner_.pick(count, choice);
  }
  void executed(unsigned thread, const Operation& operation) override;
  void end() override { inner_.end(); }
  const char* complaint() const override { return inner_.complaint(); }
  std::string claim(std::uint64_t executions) const override {
    return inner_.claim(executions);
  }

  [[nodiscard]] SitePairs pairs() const;

 private:
  using Place = std::uint32_t;  // index of its name

  struct Use {
    unsigned thread;
    Place place;
    bool writes;
  };

  [[nodiscard]] Place index_of(const Operation& operation);

  Strategy& inner_;
  std::map<std::pair<const char*, int>, std::array<Place, 2>> places_;  // of a line
  std::vector<std::string> names_;
  std::unordered_map<std::uint64_t, std::uint64_t> seen_;   // earlier << 32 | later
  std::unordered_map<const void*, std::vector<Use>> uses_;  // of this execution
};

}  // namespace threadmill::explore
