// SPDX-License-Identifier: Apache-2.0
//
// Members of a Rendezvous begin rounds together, and one is alone between them.
#include "workloads/rendezvous.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

// Runs `work(worker)` on so many threads, each with a limit of operations.
template <class Work>
void run_on(const std::vector<std::uint64_t>& limits,
            const std::atomic<bool>& stop,
            Work work) {
  const std::unique_ptr<Runtime> runtime = Runtime::create();
  ASSERT_NE(runtime, nullptr);
  const auto threads = static_cast<unsigned>(limits.size());
  std::deque<Worker> workers;
  for (unsigned i = 0; i < threads; ++i)
    workers.emplace_back(*runtime, i, threads, 1, limits[i], stop);
  std::vector<std::jthread> running;
  for (Worker& worker : workers) {
    running.emplace_back([&] {
      const Attached attached(*runtime);
      if (attached) work(worker);
    });
  }
}

struct Team {
  void play(Worker& worker) {
    for (std::uint64_t round = 1; worker.keep_going(); ++round) {
      if (meeting.arrive()) {
        alone(round);
        meeting.open();
      } else if (!meeting.await(worker, round)) {
        break;
      }
      inside.fetch_add(1);
      seen += unguarded;  // nobody writes it within a round
      inside.fetch_sub(1);
      worker.did();
    }
    if (meeting.leave()) {
      alone(0);
      meeting.open();
    }
  }

  void alone(std::uint64_t round) {
    if (inside.load() != 0) ++crowded;
    ++unguarded;
    last_round = round == 0 ? last_round : round;
  }

  Rendezvous meeting;
  std::atomic<int> inside{0};
  std::atomic<std::uint64_t> seen{0};
  std::uint64_t unguarded = 0;
  std::uint64_t crowded = 0;
  std::uint64_t last_round = 0;
};

TEST(Rendezvous, has_one_alone_between_the_rounds_of_all) {
  const std::atomic<bool> stop{false};
  Team team;
  team.meeting.expect(3);
  run_on({500, 500, 500}, stop, [&](Worker& worker) { team.play(worker); });
  EXPECT_EQ(team.crowded, 0U);
  EXPECT_EQ(team.last_round, 500U);
  EXPECT_EQ(team.unguarded, 500U);
  EXPECT_EQ(team.seen.load(),
            3 * 500U * 501U / 2);  // each has seen each round's number
}

TEST(Rendezvous, goes_on_without_those_who_have_left) {
  const std::atomic<bool> stop{false};
  Team team;
  team.meeting.expect(4);
  run_on({10, 300, 0, 40}, stop, [&](Worker& worker) { team.play(worker); });
  EXPECT_EQ(team.crowded, 0U);
  EXPECT_EQ(team.last_round, 300U);
}

TEST(Rendezvous, ends_for_all_when_it_is_given_up) {
  const std::atomic<bool> stop{false};
  Rendezvous meeting;
  meeting.expect(3);
  std::atomic<int> refused{0};
  run_on({100, 100, 100}, stop, [&](Worker& worker) {
    if (worker.index() == 0) {
      meeting.give_up();
    } else if (!meeting.arrive() && !meeting.await(worker, 1)) {
      ++refused;
    }
  });
  EXPECT_EQ(refused.load(), 2);
}

TEST(Rendezvous, lets_go_of_who_waits_when_time_is_up) {
  std::atomic<bool> stop{false};
  Rendezvous meeting;
  meeting.expect(3);
  std::atomic<int> waiting{0};
  std::atomic<int> refused{0};
  run_on({100, 100, 100}, stop, [&](Worker& worker) {
    if (worker.index() == 0) {
      const Detached detached;
      while (waiting.load() != 2) std::this_thread::yield();
      stop = true;
      return;
    }
    const bool is_last = meeting.arrive();
    ++waiting;
    if (!is_last && !meeting.await(worker, 1)) ++refused;
  });
  EXPECT_EQ(refused.load(), 2);
}

}  // namespace
}  // namespace threadmill
