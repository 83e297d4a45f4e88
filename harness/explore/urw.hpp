// SPDX-License-Identifier: Apache-2.0
//
// URW: uniform random walk (Zhao et al., ASPLOS 2025). A thread is chosen with
// probability in proportion to the operations that it still has to do. Where their
// number is known and nobody blocks, all interleavings are equally likely, however
// different the threads' lengths are.
//
// The number is estimated: the mean over all executions before, less what the thread has
// done in this one, and never below 1. The first execution is a plain random walk. The
// claim says how far the estimates were off, so whether "uniform" is true.
#pragma once

#include "harness/explore/strategy.hpp"
#include "runtime/base/random.hpp"

namespace threadmill::explore {

class Urw final : public Strategy {
 public:
  explicit Urw(std::uint64_t seed) : seed_(seed) {}

  bool begin() override;
  unsigned pick_thread(const State& state) override;
  unsigned pick(unsigned count, Choice choice) override;
  void executed(unsigned thread, const Operation& operation) override;
  void end() override;
  std::string claim(std::uint64_t executions) const override;

  // Mean of |estimate - count| / count, over threads and executions but the first.
  [[nodiscard]] double error() const noexcept;

 private:
  using Counts = std::array<std::uint64_t, kMaxThreads>;

  [[nodiscard]] std::uint64_t weight(unsigned thread) const noexcept;

  const std::uint64_t seed_;
  std::uint64_t execution_ = 0;
  Random random_{0};

  Counts totals_{};            // operations per thread in all executions that ended
  std::uint64_t learned_ = 0;  // executions in `totals_`
  double errors_ = 0;          // sum of the estimates' relative errors
  std::uint64_t estimates_ = 0;

  Counts done_{};  // operations per thread in the present execution
};

}  // namespace threadmill::explore
