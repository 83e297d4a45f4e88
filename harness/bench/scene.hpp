// SPDX-License-Identifier: Apache-2.0
//
// What the threads of one benchmark share: a fresh runtime, and an object that belongs to
// none of them, but to an owner that made it and is detached. It exists from the
// benchmark's Setup to its Teardown.
//
// Google Benchmark's threads wait for each other before the first iteration and after the
// last, in a barrier that knows no safepoint. A thread that waited there attached would
// stop a pause that another one asks for on its way there, for ever: so timed() detaches
// around the barriers, and benchmarks call no other loop of the library's if they may have
// several threads.
#pragma once

#include <functional>
#include <latch>
#include <memory>
#include <thread>

#include <benchmark/benchmark.h>

#include "runtime/runtime.hpp"

namespace threadmill::bench {

using benchmark::State;

// Null: out of memory.
using Maker = Ref<Object> (*)();

class Scene {
 public:
  // `make` runs on the owner's thread; null: nothing is shared. Throws if memory runs out.
  explicit Scene(Maker make);
  ~Scene();

  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  [[nodiscard]] Runtime& runtime() { return *runtime_; }
  [[nodiscard]] Object& shared() { return *shared_; }

 private:
  void own(Maker make);

  std::unique_ptr<Runtime> runtime_;
  Object* shared_ = nullptr;  // by the owner before `made_`
  std::latch made_{1};
  std::latch over_{1};
  std::thread owner_;
};

// That of the benchmark that is running.
[[nodiscard]] Scene& scene();

template <Maker make>
void open(const State& state);
void close(const State& state);

// `body` once per iteration; the caller is attached.
template <class Body>
void timed(State& state, Body body) {
  const auto barrier = [&state] {
    const Detached while_waiting;
    return state.KeepRunningBatch(state.max_iterations);
  };
  if (!barrier()) return;
  for (auto left = state.max_iterations; left > 0; --left) body();
  (void)barrier();
}

// What was measured is wrong: the result is an error, and so is the run.
void expect(State& state, bool right, const char* what);

// A benchmark with a scene of its own.
template <Maker make = nullptr>
benchmark::internal::Benchmark* add(const char* name, void (*body)(State&)) {
  return benchmark::RegisterBenchmark(name, body)->Setup(open<make>)->Teardown(close);
}

namespace detail {
void open(Maker make);
}

template <Maker make>
void open(const State& /*state*/) {
  detail::open(make);
}

}  // namespace threadmill::bench
