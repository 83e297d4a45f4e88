// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/urw.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/explore/random_walk.hpp"

namespace threadmill::explore {

bool Urw::begin() {
  random_ = Random(mix_seed(seed_, execution_++));
  done_ = {};
  return true;
}

unsigned Urw::pick_thread(const State& state) {
  if (learned_ == 0) return draw_thread(random_, state.runnable);
  std::uint64_t sum = 0;
  for (unsigned t = 0; t < state.threads; ++t)
    if ((state.runnable >> t & 1) != 0) sum += weight(t);
  std::uint64_t left = random_.below(sum);
  for (unsigned t = 0;; ++t) {
    if ((state.runnable >> t & 1) == 0) continue;
    if (left < weight(t)) return t;
    left -= weight(t);
  }
}

// Operations that `thread` still has to do, times `learned_`.
std::uint64_t Urw::weight(unsigned thread) const noexcept {
  const std::uint64_t done = done_[thread] * learned_;
  const std::uint64_t total = totals_[thread];
  return std::max(learned_, total > done ? total - done : 0);
}

unsigned Urw::pick(unsigned count, Choice choice) {
  return draw(random_, count, choice);
}

void Urw::executed(unsigned thread, const Operation&) { ++done_[thread]; }

void Urw::end() {
  for (unsigned t = 0; t < kMaxThreads; ++t) {
    if (learned_ != 0 && done_[t] != 0) {
      const auto count = static_cast<double>(done_[t]);
      const double mean =
          static_cast<double>(totals_[t]) / static_cast<double>(learned_);
      errors_ += std::abs(mean - count) / count;
      ++estimates_;
    }
    totals_[t] += done_[t];
  }
  ++learned_;
}

double Urw::error() const noexcept {
  return estimates_ == 0 ? 0 : errors_ / static_cast<double>(estimates_);
}

std::string Urw::claim(std::uint64_t executions) const {
  return fmt::format(
      "{}; the estimates of the threads' operations were off by {:.2g} % "
      "in the mean",
      rule_of_three(executions), 100 * error());
}

}  // namespace threadmill::explore
