// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/pct.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/explore/random_walk.hpp"

namespace threadmill::explore {
namespace {

constexpr bool has(ThreadSet set, unsigned thread) { return (set >> thread & 1) != 0; }
constexpr ThreadSet with(ThreadSet set, unsigned thread) {
  return static_cast<ThreadSet>(set | 1u << thread);
}
constexpr ThreadSet without(ThreadSet set, unsigned thread) {
  return static_cast<ThreadSet>(set & ~(1u << thread));
}

}  // namespace

bool Pct::begin() {
  random_ = Random(mix_seed(seed_, execution_++));
  started_ = false;
  step_ = 0;
  yielded_ = 0;
  return true;
}

// The number of threads is known with the first choice.
void Pct::start(unsigned threads) {
  started_ = true;
  threads_ = threads;
  if (fixed_) {
    now_ = *fixed_;
  } else {
    now_ = execution_ == 1 ? default_assignment() : draw_assignment();
  }
}

Pct::Assignment Pct::default_assignment() const {
  Assignment result;
  for (unsigned t = 0; t < threads_; ++t)
    result.priorities[t] = depth_ + threads_ - 1 - t;
  return result;
}

Pct::Assignment Pct::draw_assignment() {
  Assignment result = default_assignment();
  for (unsigned t = threads_; t > 1; --t)
    std::swap(result.priorities[t - 1], result.priorities[random_.below(t)]);
  for (unsigned i = 1; i < depth_; ++i)
    result.change_points.push_back(
        static_cast<std::uint32_t>(1 + random_.below(most_steps_)));
  return result;
}

unsigned Pct::pick_thread(const State& state) {
  if (!started_) start(state.threads);
  const unsigned first = about_to_run(state);
  if (state.runnable == with(0, first)) return first;
  ++step_;
  unsigned next = first;
  for (unsigned i = 1; i <= now_.change_points.size(); ++i) {
    if (now_.change_points[i - 1] != step_) continue;
    now_.priorities[next] = depth_ - i;
    next = about_to_run(state);
  }
  return next;
}

unsigned Pct::about_to_run(const State& state) {
  for (;;) {
    unsigned highest = kNobody;
    for (unsigned t = 0; t < state.threads; ++t) {
      if (!has(state.runnable, t)) continue;
      if (highest == kNobody || now_.priorities[t] > now_.priorities[highest])
        highest = t;
    }
    if (state.pending[highest].op != Op::yield || has(yielded_, highest))
      return highest;
    yielded_ = with(yielded_, highest);
    move_behind(state.runnable, highest);
  }
}

void Pct::move_behind(ThreadSet threads, unsigned thread) {
  auto& priorities = now_.priorities;
  unsigned lowest = priorities[thread];
  for (unsigned t = 0; t < threads_; ++t)
    if (has(threads, t)) lowest = std::min(lowest, priorities[t]);
  while (priorities[thread] != lowest) {
    unsigned next = kNobody;
    for (unsigned t = 0; t < threads_; ++t) {
      if (priorities[t] >= priorities[thread]) continue;
      if (next == kNobody || priorities[t] > priorities[next]) next = t;
    }
    std::swap(priorities[thread], priorities[next]);
  }
}

unsigned Pct::pick(unsigned count, Choice choice) {
  return draw(random_, count, choice);
}

void Pct::executed(unsigned thread, const Operation&) {
  yielded_ = without(yielded_, thread);
}

void Pct::end() {
  if (step_ > most_steps_) {
    most_steps_ = step_;
    covered_ = 0;
  } else if (execution_ > 1) {
    ++covered_;
  }
}

std::string Pct::claim(std::uint64_t executions) const {
  const double n = std::max(threads_, 1u);
  const double k = std::max(most_steps_, 1u);
  const double found = 1 / (n * std::pow(k, depth_ - 1));
  const double missed =
      covered_ == 0 ? 1 : std::exp(static_cast<double>(covered_) * std::log1p(-found));
  return fmt::format(
      "a bug of depth {} was missed with probability {:.2g} at most: "
      "(1 - 1/(n k^(d-1)))^N with n = {} threads, k = {} steps, d = {}, N = {} "
      "executions since k is known, of {}",
      depth_, missed, n, k, depth_, covered_, executions);
}

}  // namespace threadmill::explore
