// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/dfs.hpp"

#include <bit>

#include <fmt/format.h>

namespace threadmill::explore {
namespace {

constexpr ThreadSet only(unsigned thread) {
  return static_cast<ThreadSet>(1u << thread);
}
constexpr bool has(ThreadSet set, unsigned thread) { return (set >> thread & 1) != 0; }
unsigned first_of(ThreadSet set) {
  return static_cast<unsigned>(std::countr_zero(static_cast<unsigned>(set)));
}

// Who can do what, but for addresses: whether an execution follows the path.
std::uint64_t signature_of(const State& state) {
  std::uint64_t signature = state.runnable;
  for (unsigned t = 0; t < state.threads; ++t) {
    if (!has(state.runnable, t)) continue;
    const Operation& next = state.pending[t];
    const auto word = static_cast<std::uint64_t>(next.site.line) << 16 |
                      static_cast<std::uint64_t>(next.op) << 8 | next.bytes;
    signature = (signature ^ word) * 0x9e3779b97f4a7c15u;
  }
  return signature;
}

}  // namespace

bool Dfs::begin() {
  if (exhausted_) return false;
  depth_ = 0;
  steps_.clear();
  histories_.clear();
  clocks_ = {};
  runnable_ = 0;
  has_step_ = false;
  return true;
}

unsigned Dfs::pick_thread(const State& state) {
  if (!bound_) note_woken(state);
  runnable_ = state.runnable;
  if (depth_ == path_.size()) {
    const Node node = new_node(state);
    if ((node.enabled & ~node.sleep) == 0) {
      ++given_up_;
      return kNobody;
    }
    path_.push_back(node);
  }
  const Node& node = path_[depth_];
  if (!node.is_thread || node.signature != signature_of(state)) {
    complain();
    return kNobody;
  }
  last_node_ = depth_++;
  return node.chosen;
}

Dfs::Node Dfs::new_node(const State& state) const {
  Node node;
  node.enabled = state.runnable;
  node.signature = signature_of(state);
  node.current = static_cast<std::uint8_t>(state.current);
  if (depth_ != 0) {
    const Node& before = path_[last_node_];
    const bool preempted = before.current != kNobody && before.chosen != before.current;
    node.preemptions = static_cast<std::uint16_t>(before.preemptions + preempted);
  }
  node.sleep = bound_ ? ThreadSet{0} : sleep_at(state);
  const auto awake = static_cast<ThreadSet>(node.enabled & ~node.sleep);
  if (awake == 0) return node;
  const bool goes_on = state.current != kNobody && has(awake, state.current);
  node.chosen = static_cast<std::uint8_t>(goes_on ? state.current : first_of(awake));
  node.backtrack = bound_ ? allowed_at(node) : only(node.chosen);
  return node;
}

// Within the bound on preemptions.
ThreadSet Dfs::allowed_at(const Node& node) const {
  const bool may_preempt = node.current == kNobody || node.preemptions < *bound_;
  return may_preempt ? node.enabled : only(node.current);
}

// Who slept or was done with before the last step, and does not mind it.
ThreadSet Dfs::sleep_at(const State& state) const {
  if (depth_ == 0 || steps_.empty()) return 0;
  const Node& before = path_[last_node_];
  const Operation& last = steps_.back().operation;
  ThreadSet sleep = 0;
  auto candidates =
      static_cast<ThreadSet>((before.sleep | before.done) & ~only(before.chosen));
  for (unsigned t = 0; t < state.threads; ++t) {
    if (has(candidates, t) && !are_dependent(state.pending[t], last))
      sleep = static_cast<ThreadSet>(sleep | only(t));
  }
  return sleep;
}

// What a wake-up did happens before what the woken threads do.
void Dfs::note_woken(const State& state) {
  if (!has_step_) return;
  has_step_ = false;
  const unsigned waker = steps_.back().thread;
  const auto woken = static_cast<ThreadSet>(state.runnable & ~runnable_ & ~only(waker));
  for (unsigned t = 0; t < state.threads; ++t) {
    if (has(woken, t)) clocks_[t].join(clocks_[waker]);
  }
}

// `thread` is about to do `operation`.
void Dfs::find_races(unsigned thread, const Operation& operation) {
  if (operation.address == nullptr) return;
  const auto found = histories_.find(operation.address);
  if (found == histories_.end()) return;
  const std::vector<std::size_t>& steps = found->second.steps;
  Clock ordered = clocks_[thread];
  for (std::size_t i = steps.size(); i > 0; --i) {
    const std::size_t earlier = steps[i - 1];
    const Step& step = steps_[earlier];
    if (!are_dependent(step.operation, operation)) continue;
    if (ordered[step.thread] < step.time) reverse(earlier, thread, operation);
    ordered.join(step.clock);
  }
}

// Sees to it that an execution is made in which `operation` comes before step `earlier`.
void Dfs::reverse(std::size_t earlier, unsigned thread, const Operation& operation) {
  const Step& first = steps_[earlier];
  ThreadSet seen = 0;
  ThreadSet initials = 0;
  std::vector<std::size_t> passed;
  for (std::size_t i = earlier + 1; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    if (step.clock[first.thread] >= first.time) continue;  // only after `first`
    if (!has(seen, step.thread)) {
      seen = static_cast<ThreadSet>(seen | only(step.thread));
      bool is_initial = true;
      for (const std::size_t k : passed) {
        const Step& other = steps_[k];
        if (step.clock[other.thread] >= other.time) is_initial = false;
      }
      if (is_initial) initials = static_cast<ThreadSet>(initials | only(step.thread));
    }
    passed.push_back(i);
  }
  if (!has(seen, thread)) {
    bool is_initial = true;
    for (const std::size_t k : passed) {
      const Step& other = steps_[k];
      if (clocks_[thread][other.thread] >= other.time ||
          are_dependent(other.operation, operation))
        is_initial = false;
    }
    if (is_initial) initials = static_cast<ThreadSet>(initials | only(thread));
  }
  Node& node = path_[first.node];
  if ((initials & (node.backtrack | node.sleep)) != 0) return;
  const auto possible = static_cast<ThreadSet>(initials & node.enabled);
  node.backtrack = static_cast<ThreadSet>(
      node.backtrack | (possible != 0 ? only(first_of(possible)) : node.enabled));
}

void Dfs::executed(unsigned thread, const Operation& operation) {
  if (bound_) return;
  find_races(thread, operation);
  has_step_ = true;
  Clock& clock = clocks_[thread];
  History* history =
      operation.address == nullptr ? nullptr : &histories_[operation.address];
  const Op op = operation.op;
  const bool writes = op == Op::store || op == Op::rmw;
  const bool reads = op == Op::load || op == Op::wait;
  // As are_dependent() says.
  if (history != nullptr) {
    if (writes || reads) clock.join(history->writes);
    if (writes) clock.join(history->reads);
    if (op == Op::wait || op == Op::wake) clock.join(history->wakes);
    if (op == Op::wake) clock.join(history->waits);
  }
  const auto time = static_cast<Timestamp>(clock[thread] + 1);
  clock.set(thread, time);
  if (history != nullptr) {
    if (writes) history->writes.join(clock);
    if (reads) history->reads.join(clock);
    if (op == Op::wait) history->waits.join(clock);
    if (op == Op::wake) history->wakes.join(clock);
    history->steps.push_back(steps_.size());
  }
  steps_.push_back({thread, operation, last_node_, time, clock});
}

unsigned Dfs::pick(unsigned count, Choice) {
  if (depth_ == path_.size()) {
    Node node;
    node.is_thread = false;
    node.count = static_cast<std::uint8_t>(count);
    path_.push_back(node);
  }
  const Node& node = path_[depth_];
  if (node.is_thread || node.count != count) {
    complain();
    return 0;
  }
  ++depth_;
  return node.index;
}

// Advances the last choice that has something left.
void Dfs::end() {
  for (; !path_.empty(); path_.pop_back()) {
    Node& node = path_.back();
    if (!node.is_thread) {
      if (++node.index < node.count) return;
      continue;
    }
    node.done = static_cast<ThreadSet>(node.done | only(node.chosen));
    const auto left = static_cast<ThreadSet>(node.backtrack & ~node.done & ~node.sleep);
    if (left == 0) continue;
    node.chosen = static_cast<std::uint8_t>(first_of(left));
    return;
  }
  exhausted_ = true;
}

void Dfs::complain() {
  if (complaint_.empty())
    complaint_ = fmt::format(
        "after {} choices the same choices led elsewhere than before", depth_);
}

std::string Dfs::claim(std::uint64_t executions) const {
  if (!exhausted_) return fmt::format("not exhausted after {} executions", executions);
  if (bound_)
    return fmt::format("exhaustive with at most {} preemptions: {} executions", *bound_,
                       executions);
  return fmt::format("exhaustive: {} executions, {} more cut off as equivalent",
                     executions - given_up_, given_up_);
}

}  // namespace threadmill::explore
