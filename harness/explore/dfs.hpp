// SPDX-License-Identifier: Apache-2.0
//
// Depth-first search: every execution, once.
//
// Without a bound on preemptions it leaves out executions that are equivalent to one it
// makes: two that differ in the order of neighbouring independent operations lead to the
// same state. This is dynamic partial-order reduction with source sets and sleep sets
// (Abdulla, Aronis, Jonsson, Sagonas, POPL 2014, algorithm 1).
//
//   backtrack   of a scheduling point: the threads that have to be tried there
//   sleep       the threads that need not be tried: whatever they could do now was
//               explored when they did it earlier, and nothing since depends on it
//   race        an operation and an earlier one that depends on it, of threads that
//               nothing else orders. The reversed order begins, where the earlier one was
//               made, with one of its initials: a thread whose next operation there comes
//               before nothing else of what leads to the later one. One of them has to be
//               tried; which one does not matter.
//
// With a bound, every schedule of at most so many preemptions is tried; a reduction
// would have to add preemptions that the bound forbids.
//
// It remembers the path that it is on, nothing else.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "harness/explore/strategy.hpp"

namespace threadmill::explore {

class Dfs final : public Strategy {
 public:
  explicit Dfs(std::optional<unsigned> preemptions = std::nullopt)
      : bound_(preemptions) {}

  bool begin() override;
  unsigned pick_thread(const State& state) override;
  unsigned pick(unsigned count, Choice choice) override;
  void executed(unsigned thread, const Operation& operation) override;
  void end() override;
  std::string claim(std::uint64_t executions) const override;
  const char* complaint() const override { return complaint_.c_str(); }

 private:
  struct Node {
    bool is_thread = true;
    // A choice of a thread.
    ThreadSet enabled = 0;
    ThreadSet backtrack = 0;
    ThreadSet done = 0;
    ThreadSet sleep = 0;
    std::uint8_t chosen = 0;
    std::uint8_t current = kNobody;  // who would go on
    std::uint16_t preemptions = 0;   // on the way here
    std::uint64_t signature = 0;     // of what the threads were about to do
    // A choice of something else.
    std::uint8_t count = 0;
    std::uint8_t index = 0;
  };

  // An operation that was executed.
  struct Step {
    unsigned thread;
    Operation operation;
    std::size_t node;  // at which the thread was chosen
    Timestamp time;    // on the thread's clock
    Clock clock;       // what it depends on, itself included
  };

  // Per location, for the order of dependent operations.
  struct History {
    std::vector<std::size_t> steps;
    Clock reads;
    Clock writes;
    Clock waits;
    Clock wakes;
  };

  [[nodiscard]] ThreadSet sleep_at(const State& state) const;
  [[nodiscard]] Node new_node(const State& state) const;
  [[nodiscard]] ThreadSet allowed_at(const Node& node) const;
  void note_woken(const State& state);
  void find_races(unsigned thread, const Operation& operation);
  void reverse(std::size_t earlier, unsigned thread, const Operation& operation);
  void complain();

  const std::optional<unsigned> bound_;
  std::vector<Node> path_;
  std::size_t depth_ = 0;  // nodes of the path that this execution has passed
  bool exhausted_ = false;
  std::uint64_t given_up_ = 0;
  std::string complaint_;

  // Of the present execution.
  std::vector<Step> steps_;
  std::unordered_map<const void*, History> histories_;
  std::array<Clock, kMaxThreads> clocks_{};
  ThreadSet runnable_ = 0;
  std::size_t last_node_ = 0;
  bool has_step_ = false;  // since the last choice of a thread
};

}  // namespace threadmill::explore
