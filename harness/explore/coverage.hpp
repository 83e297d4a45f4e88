// SPDX-License-Identifier: Apache-2.0
//
// CoverageWatch: a strategy that lets another one decide, and sees which of two places came
// first (site_pairs.hpp): any two in an execution, not only neighbours.
//
// Addresses count within one execution, so that memory which was used again there makes
// pairs, too. Two threads at one place are no pair: its orders look the same.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "harness/explore/strategy.hpp"
#include "harness/site_pairs.hpp"

namespace threadmill::explore {

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
