// SPDX-License-Identifier: Apache-2.0
//
// The portable rows as benchmarks over a model. Each has the counters
//
//   ns_per_op          what an operation took in the slowest thread, on the wall
//   ops_per_second     of all threads, until the slowest was done
//   efficiency         ns_per_op of one thread by that of several: 1 is ideal. Only if the
//                      row ran before with one thread in this process
//   ns_per_object      where an operation makes or visits many
//   pauses, pause_p50_ns, pause_p99_ns, pause_max_ns      where the model tells
//
// A wrong answer is the row's error, and no number.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "harness/bench/bytes.hpp"
#include "harness/bench/program.hpp"
#include "workloads/portable/rows.hpp"
#include "workloads/portable/stage.hpp"

namespace threadmill::bench {

// Counts the threads that are still to come somewhere. std::latch could not be used again.
class Countdown {
 public:
  void begin(unsigned threads) { left_ = threads; }
  void arrive() {
    left_.fetch_sub(1);
    left_.notify_all();
  }
  void wait() const {
    for (unsigned left; (left = left_.load()) > 0;) left_.wait(left);
  }

 private:
  std::atomic<unsigned> left_{0};
};

// A thread's turn at a row, as Google Benchmark wants it. As the threads of the library
// wait for each other before and after, they do so blocked. The time of all ends with the
// slowest: with a lock that all need, such as CPython's, the first to be done has had it
// for itself.
template <portable::ObjectModel M>
class Turn {
 public:
  Turn(benchmark::State& state, portable::Verdict& verdict, Countdown& working)
      : state_(state), verdict_(verdict), working_(working) {}

  [[nodiscard]] unsigned index() const {
    return static_cast<unsigned>(state_.thread_index());
  }
  [[nodiscard]] unsigned threads() const {
    return static_cast<unsigned>(state_.threads());
  }
  [[nodiscard]] std::uint64_t iterations() const {
    return static_cast<std::uint64_t>(state_.max_iterations);
  }

  template <class Operation>
  void timed(Operation operation) {
    std::chrono::steady_clock::time_point began;
    {
      const typename M::Blocked while_waiting;
      if (!barrier()) return;
      began = std::chrono::steady_clock::now();  // what Blocked waits for to end counts
    }
    try {
      constexpr std::uint64_t kPoll = 256;  // CPython's poll is 21 ns: 0.1 ns each
      for (std::uint64_t left = iterations(); left > 0;) {
        const std::uint64_t batch = left < kPoll ? left : kPoll;
        for (std::uint64_t i = 0; i < batch; ++i) operation();
        left -= batch;
        M::poll();
      }
    } catch (const std::exception& error) {
      expect(false, error.what());  // the others wait in the barrier
    }
    const typename M::Blocked while_waiting;
    took_ = std::chrono::steady_clock::now() - began;
    working_.arrive();
    working_.wait();
    (void)barrier();
  }

  void expect(bool right, const char* what) { verdict_.expect(right, what); }

  // How long all operations took; 0: it never came to them.
  [[nodiscard]] std::chrono::nanoseconds took() const { return took_; }

 private:
  bool barrier() { return state_.KeepRunningBatch(state_.max_iterations); }

  benchmark::State& state_;
  portable::Verdict& verdict_;
  Countdown& working_;
  std::chrono::nanoseconds took_{0};
};

// A row over a model: its stage, from Google Benchmark's Setup to its Teardown.
template <portable::ObjectModel M, class Row>
class PortableRow {
 public:
  using Stage = portable::Stage<M, Row>;
  static constexpr const portable::RowInfo& kInfo = Row::kInfo;

  static void add(const RowSettings& settings) {
    auto* const row =
        benchmark::RegisterBenchmark(kInfo.name, run)->Setup(open)->Teardown(close);
    const unsigned most =
        kInfo.threads == portable::Threads::kOne ? 1 : settings.threads;
    unsigned threads = kInfo.threads == portable::Threads::kPairs ? 2 : 1;
    for (; threads <= most; threads *= 2) row->Threads(static_cast<int>(threads));
    if (threads / 2 < most && kInfo.threads == portable::Threads::kAny)
      row->Threads(static_cast<int>(most));
  }

 private:
  static void open(const benchmark::State& state) {
    const auto threads = static_cast<unsigned>(state.threads());
    working.begin(threads);
    running.begin(threads);
    slowest.store({});
    stage = Stage::open(threads);
  }
  static void close(const benchmark::State& /*state*/) { stage.reset(); }

  static void run(benchmark::State& state) {
    Turn<M> turn(state, stage->verdict(), working);
    stage->run(turn);
    if (turn.took().count() == 0) {  // each thread has to say so that did not begin
      working.arrive();
      state.SkipWithError("it could not begin");
    }
    for (auto most = slowest.load();
         most < turn.took() && !slowest.compare_exchange_weak(most, turn.took());) {
    }
    running.arrive();
    // The first thread has the last word: the library has no later time for it.
    if (state.thread_index() == 0) judge(state);
  }

  static void judge(benchmark::State& state) {
    running.wait();
    const std::string wrong = stage->finish();
    if (*kInfo.note != '\0') state.SetLabel(kInfo.note);
    if (wrong.empty()) return count(state);
    note_wrong_row();
    state.SkipWithError(wrong.c_str());
  }

  static void count(benchmark::State& state) {
    const double ns_per_op = static_cast<double>(slowest.load().count()) /
                             static_cast<double>(state.max_iterations);
    if (state.threads() == 1) alone_ns = ns_per_op;
    state.counters["ns_per_op"] = ns_per_op;
    state.counters["ops_per_second"] = state.threads() * 1e9 / ns_per_op;
    if (alone_ns > 0) state.counters["efficiency"] = alone_ns / ns_per_op;
    if (kInfo.objects > 1)
      state.counters["ns_per_object"] = ns_per_op / static_cast<double>(kInfo.objects);
    if constexpr (portable::HasPauses<M>) {
      const portable::Pauses& pauses = stage->pauses();
      state.counters["pauses"] = static_cast<double>(pauses.count);
      if (pauses.count == 0) return;
      state.counters["pause_p50_ns"] = static_cast<double>(pauses.p50_ns);
      state.counters["pause_p99_ns"] = static_cast<double>(pauses.p99_ns);
      state.counters["pause_max_ns"] = static_cast<double>(pauses.max_ns);
    }
  }

  static inline std::shared_ptr<Stage> stage;
  static inline Countdown working;  // threads at operations
  static inline Countdown running;  // threads at the row
  static inline std::atomic<std::chrono::nanoseconds> slowest{};
  static inline double alone_ns = 0;  // 0: not known yet
};

template <portable::ObjectModel M>
void add_portable(const RowSettings& settings) {
  portable::for_each_row<M>(
      [&settings]<class Row>() { PortableRow<M, Row>::add(settings); });
  add_bytes();
}

}  // namespace threadmill::bench
