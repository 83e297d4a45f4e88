// SPDX-License-Identifier: Apache-2.0
//
// The random strategies, asked about programs that are only lists of operations: no
// engine, no memory, nobody blocks. What an execution did is a string of thread numbers.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/explore/pct.hpp"
#include "harness/explore/pos.hpp"
#include "harness/explore/random_walk.hpp"
#include "harness/explore/urw.hpp"

namespace threadmill::explore {
namespace {

constexpr std::size_t kMostSteps = 1000;

std::array<int, 8> shared_variables;
std::array<int, 8> private_variables;  // of thread t: t

Operation store_to(const int& variable) {
  return {Op::store, std::memory_order_relaxed, 4, &variable, {}};
}
Operation load_of(const int& variable) {
  return {Op::load, std::memory_order_relaxed, 4, &variable, {}};
}
Operation yield() { return {Op::yield, std::memory_order_relaxed, 0, nullptr, {}}; }

struct Program {
  std::vector<std::vector<Operation>> threads;
  // These threads repeat their operations until thread 0 has ended.
  ThreadSet spinning = 0;
};

Program independent(const std::vector<std::size_t>& events) {
  Program program;
  for (const std::size_t count : events)
    program.threads.emplace_back(count,
                                 store_to(private_variables[program.threads.size()]));
  return program;
}

std::string execute(Strategy& strategy, const Program& program) {
  std::string schedule;
  std::array<std::size_t, kMaxThreads> next{};
  State state;
  state.threads = static_cast<unsigned>(program.threads.size());
  const auto find_runnable = [&] {
    state.runnable = 0;
    for (unsigned t = 0; t < state.threads; ++t) {
      const auto& operations = program.threads[t];
      const bool spins = (program.spinning >> t & 1) != 0 && (state.runnable & 1) != 0;
      if (spins) next[t] %= operations.size();
      const bool ended = next[t] >= operations.size();
      state.pending[t] = ended ? Operation{} : operations[next[t]];
      if (!ended) state.runnable = static_cast<ThreadSet>(state.runnable | 1u << t);
    }
  };
  EXPECT_TRUE(strategy.begin());
  for (find_runnable(); state.runnable != 0; find_runnable()) {
    const unsigned thread = strategy.pick_thread(state);
    if (thread >= state.threads || (state.runnable >> thread & 1) == 0) {
      ADD_FAILURE() << "thread " << thread << " cannot run";
      return schedule;
    }
    schedule += static_cast<char>('0' + thread);
    ++state.step;
    strategy.executed(thread, state.pending[thread]);
    ++next[thread];
    if (schedule.size() == kMostSteps) {
      ADD_FAILURE() << "does not end: " << schedule.substr(0, 50);
      break;
    }
  }
  strategy.end();
  return schedule;
}

using Counts = std::map<std::string, std::uint64_t>;

Counts execute_often(Strategy& strategy, const Program& program, int executions) {
  Counts counts;
  for (int i = 0; i < executions; ++i) ++counts[execute(strategy, program)];
  return counts;
}

// Position of the event `index` (from 0) of `thread`.
std::size_t position(const std::string& schedule, unsigned thread, std::size_t index) {
  const char name = static_cast<char>('0' + thread);
  std::size_t at = schedule.find(name);
  for (; index > 0; --index) at = schedule.find(name, at + 1);
  return at;
}

// --- PCT, all its random numbers enumerated ---

// n threads of e events each, which depend on nothing.
struct Shape {
  unsigned threads;
  unsigned events;
  unsigned depth;
  // Satisfiable sets of `depth` order constraints: they were counted by another program.
  std::uint64_t sets;
};

std::string name_of(const testing::TestParamInfo<Shape>& shape) {
  const Shape& s = shape.param;
  return fmt::format("{}x{}_depth_{}", s.threads, s.events, s.depth);
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << name_of({shape, 0});
}

// Bit c: order constraint c, "event i of thread t is before event j of thread u", holds.
using Constraints = std::uint64_t;

Constraints constraints_of(const std::string& schedule, const Shape& shape) {
  Constraints result = 0;
  unsigned bit = 0;
  for (unsigned t = 0; t < shape.threads; ++t)
    for (unsigned u = t + 1; u < shape.threads; ++u)
      for (unsigned i = 0; i < shape.events; ++i)
        for (unsigned j = 0; j < shape.events; ++j, bit += 2) {
          const bool first = position(schedule, t, i) < position(schedule, u, j);
          result |= Constraints{1} << (first ? bit : bit + 1);
        }
  return result;
}

std::vector<Constraints> all_schedules(const Shape& shape) {
  std::string schedule;
  for (unsigned t = 0; t < shape.threads; ++t)
    schedule.append(shape.events, static_cast<char>('0' + t));
  std::vector<Constraints> result;
  do {
    result.push_back(constraints_of(schedule, shape));
  } while (std::next_permutation(schedule.begin(), schedule.end()));
  return result;
}

// The steps at which there is a choice: at the last event there is none.
unsigned most_steps(const Shape& shape) { return shape.threads * shape.events - 1; }

using Pcts = std::function<std::unique_ptr<Strategy>(const Pct::Assignment&)>;

// Schedules, and the number of assignments that lead to each.
Counts enumerate(const Shape& shape, const Pcts& make) {
  Counts counts;
  const Program program =
      independent(std::vector<std::size_t>(shape.threads, shape.events));
  std::vector<unsigned> priorities(shape.threads);
  std::iota(priorities.begin(), priorities.end(), shape.depth);
  do {
    Pct::Assignment assignment;
    std::copy(priorities.begin(), priorities.end(), assignment.priorities.begin());
    assignment.change_points.assign(shape.depth - 1, 1);
    for (;;) {
      ++counts[execute(*make(assignment), program)];
      auto digit = assignment.change_points.begin();
      while (digit != assignment.change_points.end() && *digit == most_steps(shape))
        *digit++ = 1;
      if (digit == assignment.change_points.end()) break;
      ++*digit;
    }
  } while (std::next_permutation(priorities.begin(), priorities.end()));
  return counts;
}

struct Reach {
  std::size_t schedules = 0;
  std::uint64_t sets = 0;         // of `depth` constraints that can hold together
  std::uint64_t unreachable = 0;  // of those, with probability zero
  double least = 1;               // probability of the others
};

Reach reach_of(const Shape& shape, const Pcts& make) {
  const Counts counts = enumerate(shape, make);
  std::vector<std::pair<Constraints, std::uint64_t>> reachable;
  std::uint64_t assignments = 0;
  for (const auto& [schedule, count] : counts) {
    reachable.emplace_back(constraints_of(schedule, shape), count);
    assignments += count;
  }
  const std::vector<Constraints> schedules = all_schedules(shape);

  Reach reach;
  reach.schedules = counts.size();
  std::uint64_t least = assignments;
  const unsigned bits =
      shape.threads * (shape.threads - 1) * shape.events * shape.events;
  // All sets of `depth` bits, in increasing order.
  for (Constraints set = (Constraints{1} << shape.depth) - 1; set >> bits == 0;) {
    const auto holds = [set](Constraints schedule) { return (schedule & set) == set; };
    std::uint64_t count = 0;
    for (const auto& [schedule, weight] : reachable)
      if (holds(schedule)) count += weight;
    if (count != 0) {
      ++reach.sets;
      least = std::min(least, count);
    } else if (std::any_of(schedules.begin(), schedules.end(), holds)) {
      ++reach.sets;
      ++reach.unreachable;
    }
    const Constraints lowest = set & (~set + 1);
    const Constraints carried = set + lowest;
    set = carried | (set ^ carried) >> (std::countr_zero(lowest) + 2);
  }
  reach.least = static_cast<double>(least) / static_cast<double>(assignments);
  return reach;
}

double bound(const Shape& shape) {
  return 1 / (shape.threads * std::pow(most_steps(shape), shape.depth - 1));
}

std::unique_ptr<Strategy> make_pct(const Pct::Assignment& assignment) {
  return std::make_unique<Pct>(assignment);
}

class PctReach : public testing::TestWithParam<Shape> {};

TEST_P(PctReach, every_set_of_d_orders_is_found_at_the_rate_of_the_bound) {
  const Shape shape = GetParam();
  const Reach reach = reach_of(shape, make_pct);
  EXPECT_EQ(reach.sets, shape.sets);
  EXPECT_EQ(reach.unreachable, 0u);
  EXPECT_GE(reach.least, bound(shape) * (1 - 1e-9));
  RecordProperty("schedules", static_cast<int>(reach.schedules));
  RecordProperty("least", std::to_string(reach.least));
  RecordProperty("bound", std::to_string(bound(shape)));
}

constexpr Shape kShapes[] = {{3, 2, 1, 24},     {3, 2, 2, 249},     {3, 2, 3, 1'424},
                             {3, 2, 4, 5'073},  {3, 3, 1, 54},      {3, 3, 2, 1'323},
                             {3, 3, 3, 19'236}, {3, 3, 4, 188'370}, {4, 2, 3, 14'692},
                             {4, 2, 4, 136'341}};

INSTANTIATE_TEST_SUITE_P(Shapes, PctReach, testing::ValuesIn(kShapes), name_of);

// What is easily got wrong: P1 and P2 of pct.hpp.
class WrongPct final : public Strategy {
 public:
  enum class Mistake : std::uint8_t { newest_lowest, after_the_step };

  WrongPct(Mistake mistake, Pct::Assignment assignment)
      : mistake_(mistake), assignment_(std::move(assignment)) {}

  bool begin() override { return true; }

  unsigned pick_thread(const State& state) override {
    ++step_;
    if (mistake_ == Mistake::newest_lowest) demote(highest_of(state));
    return highest_of(state);
  }

  void executed(unsigned thread, const Operation&) override {
    if (mistake_ == Mistake::after_the_step) demote(thread);
  }

  unsigned pick(unsigned, Choice) override { return 0; }
  std::string claim(std::uint64_t) const override { return {}; }

 private:
  [[nodiscard]] unsigned highest_of(const State& state) const {
    unsigned highest = kNobody;
    for (unsigned t = 0; t < state.threads; ++t) {
      if ((state.runnable >> t & 1) == 0) continue;
      if (highest == kNobody ||
          assignment_.priorities[t] > assignment_.priorities[highest])
        highest = t;
    }
    return highest;
  }

  void demote(unsigned thread) {
    const auto& points = assignment_.change_points;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (points[i] != step_) continue;
      const std::size_t place = mistake_ == Mistake::newest_lowest ? demotions_++ : i;
      assignment_.priorities[thread] = static_cast<unsigned>(points.size() - place);
    }
  }

  const Mistake mistake_;
  Pct::Assignment assignment_;
  std::uint32_t step_ = 0;
  std::size_t demotions_ = 0;
};

Reach reach_with(WrongPct::Mistake mistake, const Shape& shape) {
  return reach_of(shape, [mistake](const Pct::Assignment& assignment) {
    return std::make_unique<WrongPct>(mistake, assignment);
  });
}

TEST(WrongPct, priorities_in_order_of_time_lose_orders_of_depth_four) {
  EXPECT_EQ(reach_with(WrongPct::Mistake::newest_lowest, {3, 2, 3, 0}).unreachable, 0u);
  EXPECT_EQ(reach_with(WrongPct::Mistake::newest_lowest, {3, 2, 4, 0}).unreachable,
            24u);
}

TEST(WrongPct, demotion_after_the_step_loses_orders_of_depth_three) {
  EXPECT_EQ(reach_with(WrongPct::Mistake::after_the_step, {3, 2, 3, 0}).unreachable,
            18u);
}

// --- PCT, drawing ---

// Event i of a thread, then event j of the other, then event i + 1: 40 orders of depth
// two, for which the bound is exact. A rate below it is noise: 4 standard deviations are
// let pass, which a given order exceeds with one seed in 30,000.
TEST(Pct, finds_each_order_of_depth_two_at_the_rate_of_the_bound) {
  constexpr int kExecutions = 20'000;
  constexpr unsigned kEvents = 5;
  Pct pct(1, 2);
  const Counts counts =
      execute_often(pct, independent({kEvents, kEvents}), kExecutions);
  EXPECT_EQ(pct.most_steps(), 2 * kEvents - 1);
  const double rate = 1.0 / (2 * (2 * kEvents - 1));
  const double deviation = std::sqrt(rate * (1 - rate) / kExecutions);
  double least = 1;
  for (unsigned t = 0; t < 2; ++t)
    for (std::size_t i = 0; i + 1 < kEvents; ++i)
      for (std::size_t j = 0; j < kEvents; ++j) {
        std::uint64_t found = 0;
        for (const auto& [schedule, count] : counts) {
          const std::size_t between = position(schedule, 1 - t, j);
          if (position(schedule, t, i) < between &&
              between < position(schedule, t, i + 1))
            found += count;
        }
        least = std::min(least, static_cast<double>(found) / kExecutions);
      }
  EXPECT_GE(least, rate - 4 * deviation);
  RecordProperty("least", std::to_string(least));
  RecordProperty("bound", std::to_string(rate));
}

TEST(Pct, first_execution_measures_with_default_priorities) {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u}) {
    Pct pct(seed, 3);
    EXPECT_EQ(execute(pct, independent({2, 3, 1})), "001112");
    EXPECT_EQ(pct.most_steps(), 5u);
  }
}

TEST(Pct, steps_without_a_choice_are_not_counted) {
  Pct pct(1, 3);
  EXPECT_EQ(execute(pct, independent({2, 7})), "001111111");
  EXPECT_EQ(pct.most_steps(), 2u);
}

TEST(Pct, change_points_at_one_step_demote_one_thread_after_the_other) {
  Pct pct(Pct::Assignment{{5, 4, 3}, {2, 2}});
  EXPECT_EQ(execute(pct, independent({2, 2, 2})), "022011");
}

TEST(Pct, claims_the_bound) {
  Pct pct(1, 1);
  EXPECT_NE(pct.claim(0).find("probability 1 at most"), std::string::npos);
  for (int i = 0; i < 3; ++i) execute(pct, independent({5, 5}));
  const std::string claim = pct.claim(3);
  EXPECT_NE(claim.find("probability 0.25 at most"), std::string::npos) << claim;
  // N: the first execution drew nothing.
  EXPECT_NE(claim.find("n = 2 threads, k = 5 steps, d = 1, N = 2"), std::string::npos)
      << claim;
}

// The waiting thread goes behind the thread it waits for, and a change point lets it
// look again before that thread has ended.
TEST(Pct, yield_lets_others_go_first_but_not_for_ever) {
  Program program = independent({5, 0});
  program.threads[1] = {load_of(private_variables[0]), yield()};
  program.spinning = 2;
  Pct without_change_point(Pct::Assignment{{1, 2}, {}});
  EXPECT_EQ(execute(without_change_point, program), "1000001");
  Pct with_change_point(Pct::Assignment{{2, 3}, {4}});
  EXPECT_EQ(execute(with_change_point, program), "100110001");
}

// --- POS ---

// Thread 2 does something of its own five times before all three write to one variable.
Program late_conflict() {
  Program program = independent({0, 0, 5});
  for (auto& thread : program.threads) thread.push_back(store_to(shared_variables[0]));
  return program;
}

// Threads in the order of their last operations, which are the conflicting ones.
std::string order_of_conflict(const std::string& schedule) {
  std::string order = "012";
  std::sort(order.begin(), order.end(), [&schedule](char a, char b) {
    return schedule.rfind(a) < schedule.rfind(b);
  });
  return order;
}

Counts orders_of_conflict(Strategy& strategy, int executions) {
  Counts counts;
  for (int i = 0; i < executions; ++i)
    ++counts[order_of_conflict(execute(strategy, late_conflict()))];
  return counts;
}

double least_rate(const Counts& counts, int executions) {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [name, count] : counts) least = std::min(least, count);
  return static_cast<double>(least) / executions;
}

// Thread 2 is first if six draws exceed two others: 2 B(2, 7) = 1/28, half of it for each
// order of the other two. A random walk has to choose it six times in a row: 1/729.
TEST(Pos, finds_every_partial_order_of_a_late_conflict) {
  constexpr int kExecutions = 40'000;
  Pos pos(1);
  const Counts counts = orders_of_conflict(pos, kExecutions);
  EXPECT_EQ(counts.size(), 6u);
  EXPECT_GE(least_rate(counts, kExecutions), 0.015);  // of 1/56 = 0.0179
  RandomWalk random_walk(1);
  const Counts of_random_walk = orders_of_conflict(random_walk, kExecutions);
  EXPECT_LE(least_rate(of_random_walk, kExecutions), 0.0015);  // of 1/1458 = 0.0007
  RecordProperty("least", std::to_string(least_rate(counts, kExecutions)));
}

// Thread 1 runs all its ten operations before thread 0 gets to its only one. If thread
// 0's priority stays, ten draws exceed it: 1/11. If it is drawn each time: 1/1024.
double rate_of_losing(const Operation& operation) {
  constexpr int kExecutions = 20'000;
  Program program;
  program.threads = {{store_to(shared_variables[0])}, {10, operation}};
  Pos pos(1);
  const Counts counts = execute_often(pos, program, kExecutions);
  const auto found = counts.find("11111111110");
  return found == counts.end() ? 0 : static_cast<double>(found->second) / kExecutions;
}

TEST(Pos, independent_operations_leave_priorities_alone) {
  EXPECT_NEAR(rate_of_losing(store_to(shared_variables[1])), 1.0 / 11, 0.01);
}

TEST(Pos, dependent_operations_draw_again) {
  EXPECT_NEAR(rate_of_losing(load_of(shared_variables[0])), 1.0 / 1024, 0.001);
}

TEST(Pos, yields_draw_again) {
  EXPECT_NEAR(rate_of_losing(yield()), 1.0 / 1024, 0.001);
}

// --- URW ---

// Pearson's statistic of the 351 interleavings of 25 and 2 events, after the execution
// that learns.
double chi_square(Strategy& strategy, double per_interleaving) {
  constexpr double kInterleavings = 351;
  const Program program = independent({25, 2});
  execute(strategy, program);
  const Counts counts = execute_often(
      strategy, program, static_cast<int>(kInterleavings * per_interleaving));
  double sum = (kInterleavings - static_cast<double>(counts.size())) * per_interleaving;
  for (const auto& [schedule, count] : counts) {
    const double difference = static_cast<double>(count) - per_interleaving;
    sum += difference * difference / per_interleaving;
  }
  return sum;
}

// 350 degrees of freedom: mean 350, standard deviation 26.5; five of them are let pass.
TEST(Urw, interleavings_are_equally_likely) {
  Urw urw(1);
  const double statistic = chi_square(urw, 100);
  EXPECT_LE(statistic, 350 + 5 * 26.5);
  EXPECT_EQ(urw.error(), 0);
  RecordProperty("chi_square", std::to_string(statistic));
}

TEST(Urw, interleavings_of_a_random_walk_are_not) {
  RandomWalk random_walk(1);
  const double statistic = chi_square(random_walk, 100);
  EXPECT_GE(statistic, 100 * 350);
  RecordProperty("chi_square", std::to_string(statistic));
}

TEST(Urw, counts_are_a_mean_over_all_executions) {
  Urw urw(1);
  execute(urw, independent({2}));
  execute(urw, independent({4}));  // taken for 2
  EXPECT_DOUBLE_EQ(urw.error(), 0.5);
  execute(urw, independent({6}));  // taken for 3
  EXPECT_DOUBLE_EQ(urw.error(), 0.5);
  execute(urw, independent({4}));  // taken for 4
  EXPECT_DOUBLE_EQ(urw.error(), 1.0 / 3);
  EXPECT_NE(urw.claim(4).find("off by 33 %"), std::string::npos) << urw.claim(4);
}

// Thread 0 was never seen to do anything, and is chosen once in three nevertheless.
TEST(Urw, thread_that_can_run_has_something_left) {
  constexpr int kSeeds = 5'000;
  int first = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    Urw urw(seed);
    for (int i = 0; i < 10; ++i) execute(urw, independent({0, 2}));
    if (execute(urw, independent({1, 2})).front() == '0') ++first;
  }
  EXPECT_NEAR(static_cast<double>(first) / kSeeds, 1.0 / 3, 0.03);
}

// --- all ---

struct Kind {
  const char* name;
  std::unique_ptr<Strategy> (*make)(std::uint64_t seed);
};

std::ostream& operator<<(std::ostream& out, const Kind& kind) {
  return out << kind.name;
}

constexpr Kind kKinds[] = {{"random",
                            [](std::uint64_t seed) -> std::unique_ptr<Strategy> {
                              return std::make_unique<RandomWalk>(seed);
                            }},
                           {"pct",
                            [](std::uint64_t seed) -> std::unique_ptr<Strategy> {
                              return std::make_unique<Pct>(seed, 3);
                            }},
                           {"pos",
                            [](std::uint64_t seed) -> std::unique_ptr<Strategy> {
                              return std::make_unique<Pos>(seed);
                            }},
                           {"urw", [](std::uint64_t seed) -> std::unique_ptr<Strategy> {
                              return std::make_unique<Urw>(seed);
                            }}};

class Seeded : public testing::TestWithParam<Kind> {};

struct Choices {
  std::string threads;
  std::string others;
};

Choices choices(Strategy& strategy) {
  Choices result;
  for (int i = 0; i < 20; ++i) {
    result.threads += execute(strategy, independent({5, 5, 5}));
    for (int p = 0; p < 20; ++p)
      result.others += static_cast<char>('0' + strategy.pick(5, Choice::value));
  }
  return result;
}

TEST_P(Seeded, same_seed_makes_the_same_choices_and_another_does_not) {
  const Choices made = choices(*GetParam().make(7));
  const Choices again = choices(*GetParam().make(7));
  const Choices other = choices(*GetParam().make(8));
  EXPECT_EQ(made.threads, again.threads);
  EXPECT_EQ(made.others, again.others);
  EXPECT_NE(made.threads, other.threads);
  EXPECT_NE(made.others, other.others);
}

// Four threads wait for the first, by looking and yielding. What they look at has nothing
// to do with what it does next.
TEST_P(Seeded, spinning_threads_do_not_keep_others_from_going_on) {
  Program program = independent({5, 0, 0, 0, 0});
  for (unsigned t = 1; t < 5; ++t)
    program.threads[t] = {load_of(shared_variables[0]), yield()};
  program.spinning = 0b11110;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto strategy = GetParam().make(seed);
    execute_often(*strategy, program, 200);
  }
}

INSTANTIATE_TEST_SUITE_P(Strategies,
                         Seeded,
                         testing::ValuesIn(kKinds),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace threadmill::explore
