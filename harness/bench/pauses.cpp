// SPDX-License-Identifier: Apache-2.0
//
// How long a thread that stops the world waits until all others have stopped (stop latency,
// runtime/thread/latency.hpp), with so many of them: half run and pass safepoints, half
// block often, for 50 microseconds at a time. An iteration is one pause, and one measurement
// of the system beside it, under the same load: from a futex call that wakes a thread until
// that thread runs.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "harness/bench/families.hpp"
#include "harness/bench/scene.hpp"

namespace threadmill::bench {
namespace {

constexpr std::chrono::microseconds kBlocked{50};
constexpr std::chrono::microseconds kBetween{500};

// A thread that sleeps on a word, and says when it ran again.
class Sleeper {
 public:
  Sleeper() : thread_([this] { sleep_and_tell(); }) {}
  ~Sleeper() {
    over_.store(true);
    wake();
    thread_.join();
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  // Nanoseconds until it ran.
  std::uint64_t wake() {
    const std::uint32_t turn = ++turn_;
    const std::uint64_t called = steady_nanoseconds();
    word_.store(turn);
    futex(FUTEX_WAKE_PRIVATE, 1);
    if (over_.load()) return 0;
    while (ran_.load() != turn) std::this_thread::sleep_for(kBlocked);
    return ran_at_.load() - called;
  }

 private:
  void sleep_and_tell() {
    std::uint32_t seen = 0;
    while (!over_.load()) {
      while (word_.load() == seen) futex(FUTEX_WAIT_PRIVATE, seen);
      ran_at_.store(steady_nanoseconds());
      seen = word_.load();
      ran_.store(seen);
    }
  }

  void futex(int operation, std::uint32_t value) {
    ::syscall(SYS_futex, &word_, operation, value, nullptr, nullptr, 0);
  }

  std::atomic<std::uint32_t> word_{0};
  std::uint32_t turn_ = 0;
  std::atomic<std::uint32_t> ran_{0};
  std::atomic<std::uint64_t> ran_at_{0};
  std::atomic<bool> over_{false};
  std::thread thread_;
};

// Threads that run or block until the end of their scope.
class Crowd {
 public:
  Crowd(Runtime& runtime, std::int64_t threads) {
    for (std::int64_t i = 0; i < threads; ++i)
      threads_.emplace_back([&runtime, blocks = i % 2 == 0](std::stop_token over) {
        const Attached here(runtime);
        while (here && !over.stop_requested()) {
          if (blocks) {
            const Detached blocked;
            std::this_thread::sleep_for(kBlocked);
          }
          safepoint();
        }
      });
  }

 private:
  std::vector<std::jthread> threads_;
};

void report(State& state, const char* name, const Histogram& nanoseconds) {
  const auto put = [&state, name](const char* what, std::uint64_t value) {
    state.counters[std::string(name) + what] = static_cast<double>(value) / 1e3;
  };
  put("_us_p50", nanoseconds.percentile(50));
  put("_us_p99", nanoseconds.percentile(99));
  put("_us_max", nanoseconds.max());
}

void stop_the_world(State& state) {
  Runtime& runtime = scene().runtime();
  Sleeper sleeper;
  Crowd crowd(runtime, state.range(0));
  const Attached here(runtime);
  Histogram woken;
  for (auto _ : state) {
    (void)runtime.live_objects();
    const Detached between;
    std::this_thread::sleep_for(kBetween);
    woken.record(sleeper.wake());
    std::this_thread::sleep_for(kBetween);
  }
  const Latencies found = runtime.latencies();
  report(state, "stop", found.stop);
  report(state, "futex", woken);
  expect(state, found.stop.count() >= static_cast<std::uint64_t>(state.iterations()),
         "pauses are missing");
}

void add_row(std::int64_t others, std::int64_t pauses) {
  add("stop_the_world", stop_the_world)
      ->ArgName("others")
      ->Arg(others)
      ->Iterations(pauses)
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace

// Not under a global lock, where the others have stopped already: what takes long there is
// to get the lock. Among 64 threads that share two processors an iteration takes 65 ms.
void add_pauses(bool quick) {
  if constexpr (kRefcount == Refcount::locked) return;
  add_row(2, quick ? 200 : 2000);
  if (quick) return;
  add_row(8, 1000);
  add_row(64, 100);
}

}  // namespace threadmill::bench
