// SPDX-License-Identifier: Apache-2.0
//
// PCT: probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi and Nagarakatte,
// ASPLOS 2010). The thread of the highest priority runs; at d - 1 random steps, the one
// that is about to run loses its priority. A bug that takes d things to happen in a
// certain order is found by an execution with probability 1/(n k^(d-1)) at least.
//
//   n              threads
//   d              depth
//   step           a choice between two threads or more
//   k              steps of an execution: the most that were seen. The first execution
//                  only measures it: thread 0 has the highest priority, no change points
//   change point   a step, any of 1..k. Before that step, change point i gives the thread
//                  that would make it the priority d - i
//
// Invariants
//   P1  threads begin with the priorities d..d+n-1, in random order, and the priorities
//       1..d-1 belong to one change point each before anything runs. If each demotion
//       took the next lower one instead, some orders would be out of reach from d = 4 on.
//   P2  a thread is demoted before its step, not after it. Otherwise nobody could be
//       held up before the first step, and orders are out of reach from d = 3 on.
//   P3  no two threads have the same priority.
//
// A thread that is about to yield goes behind all that could run instead, once for each
// yield: whoever waits in a loop would never end otherwise. It takes the lowest of their
// priorities, those in between move up one place, so that change points still reach below
// it. The bound holds for programs that do not yield.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "harness/explore/strategy.hpp"
#include "runtime/base/random.hpp"

namespace threadmill::explore {

class Pct final : public Strategy {
 public:
  // What is random about the threads' order in an execution.
  struct Assignment {
    std::array<unsigned, kMaxThreads> priorities{};
    std::vector<std::uint32_t> change_points;  // d - 1 of them
  };

  explicit Pct(std::uint64_t seed, unsigned depth)
      : seed_(seed), depth_(depth == 0 ? 1 : depth) {}
  // Every execution has this assignment.
  explicit Pct(Assignment assignment)
      : seed_(0),
        depth_(static_cast<unsigned>(assignment.change_points.size()) + 1),
        fixed_(std::move(assignment)) {}

  bool begin() override;
  unsigned pick_thread(const State& state) override;
  unsigned pick(unsigned count, Choice choice) override;
  void executed(unsigned thread, const Operation& operation) override;
  void end() override;
  std::string claim(std::uint64_t executions) const override;

  // k
  [[nodiscard]] std::uint32_t most_steps() const noexcept { return most_steps_; }

 private:
  [[nodiscard]] Assignment default_assignment() const;
  [[nodiscard]] Assignment draw_assignment();
  void start(unsigned threads);
  [[nodiscard]] unsigned about_to_run(const State& state);
  void move_behind(ThreadSet threads, unsigned thread);

  const std::uint64_t seed_;
  const unsigned depth_;
  const std::optional<Assignment> fixed_;
  std::uint64_t execution_ = 0;
  Random random_{0};

  unsigned threads_ = 0;
  std::uint32_t most_steps_ = 0;
  std::uint64_t covered_ = 0;  // executions with change points in 1..most_steps_

  // Of the present execution.
  bool started_ = false;
  Assignment now_;
  std::uint32_t step_ = 0;
  ThreadSet yielded_ = 0;  // have gone behind the others for their pending yield
};

}  // namespace threadmill::explore
