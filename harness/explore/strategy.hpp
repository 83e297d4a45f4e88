// SPDX-License-Identifier: Apache-2.0
//
// Strategy: who decides. The engine asks one for every choice of an execution: which
// thread runs its pending operation, which of several values a load reads, whether a
// sleeper wakes without cause. One interface makes the same engine random, exhaustive
// and replayable.
//
// A strategy is used by one thread. `State` is valid during the call.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "harness/explore/clock.hpp"
#include "harness/explore/operation.hpp"

namespace threadmill::explore {

using ThreadSet = std::uint8_t;  // bit t: thread t
static_assert(kMaxThreads <= 8);

inline constexpr unsigned kNobody = 0xff;

struct State {
  ThreadSet runnable = 0;      // threads with a pending operation that may run
  unsigned current = kNobody;  // who ran last, while it is runnable
  unsigned threads = 0;        // of the scenario
  std::uint32_t step = 0;      // operations executed so far
  std::array<Operation, kMaxThreads> pending{};
};

enum class Choice : std::uint8_t {
  value,     // which of the messages a load reads; 0 is the newest
  place,     // where in modification order a store goes; 0 is at the end
  spurious,  // 1: a weak compare-and-swap fails, a sleeper wakes, without cause
  memory,    // 1: an allocation fails
  sleeper,   // which sleeper a wake-up reaches
};

class Strategy {
 public:
  virtual ~Strategy() = default;

  // False: nothing is left to explore.
  [[nodiscard]] virtual bool begin() = 0;

  // One of `state.runnable`, which is not empty; kNobody gives the execution up, as
  // equivalent to one that was explored.
  [[nodiscard]] virtual unsigned pick_thread(const State& state) = 0;

  // In [0, count), count >= 2.
  [[nodiscard]] virtual unsigned pick(unsigned count, Choice choice) = 0;

  // `thread` has run its pending operation `operation`.
  virtual void executed(unsigned /*thread*/, const Operation& /*operation*/) {}

  virtual void end() {}

  // Not empty: the execution did not follow what this strategy has seen of it before, so
  // the scenario depends on more than the choices.
  [[nodiscard]] virtual const char* complaint() const { return ""; }

  // What a finished search may claim, for people: a bound, or "exhaustive".
  [[nodiscard]] virtual std::string claim(std::uint64_t executions) const = 0;
};

}  // namespace threadmill::explore
