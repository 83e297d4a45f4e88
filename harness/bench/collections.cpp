// SPDX-License-Identifier: Apache-2.0
//
// A full collection, per object of the heap. In the graph node i refers to node i - 1 and
// to a random earlier one, as in a heap that has grown for long: half of its edges lead to
// the neighbour, the others anywhere.
//
//   live/one_handle     the last node is held from outside, all others by the graph
//   live/every_handle   every node is held from outside
//   garbage             the first node refers to the last, and nothing is held
//
// The collector knows no roots: who is held from outside, it learns from the counts.
#include <cstdint>
#include <ctime>
#include <utility>
#include <vector>

#include "harness/bench/families.hpp"
#include "harness/bench/scene.hpp"
#include "runtime/base/random.hpp"

namespace threadmill::bench {
namespace {

constexpr std::uint64_t kSeed = 1;

struct Node : Object {
  static constexpr const char* kTypeName = "bench node";
  static void traverse(Node& self, const FieldVisitor& visit) {
    visit(self.previous);
    visit(self.earlier);
  }
  Field<Node> previous;
  Field<Node> earlier;
};

// A handle to every node, in order; empty: out of memory.
std::vector<Ref<Node>> new_graph(std::uint64_t nodes) {
  Random random(kSeed);
  std::vector<Ref<Node>> graph;
  graph.reserve(nodes);
  for (std::uint64_t i = 0; i < nodes; ++i) {
    Ref<Node> node = make<Node>();
    if (!node) return {};
    if (i > 0) {
      node->previous.store(graph.back());
      node->earlier.store(graph[random.below(i)]);
    }
    graph.push_back(std::move(node));
  }
  return graph;
}

// What the collections alone took: on the wall, and of the processors, since a collection
// may use several threads.
class Stopwatch {
 public:
  CollectResult collect() {
    const double began = seconds_of(CLOCK_MONOTONIC);
    const double used = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    const CollectResult result = scene().runtime().gc().collect();
    wall_ += seconds_of(CLOCK_MONOTONIC) - began;
    processors_ += seconds_of(CLOCK_PROCESS_CPUTIME_ID) - used;
    ++collections_;
    return result;
  }

  void report(State& state, std::uint64_t nodes) const {
    const double objects = static_cast<double>(nodes * collections_);
    state.counters["ns_per_object"] = wall_ * 1e9 / objects;
    state.counters["cpu_ns_per_object"] = processors_ * 1e9 / objects;
  }

 private:
  [[nodiscard]] static double seconds_of(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }

  double wall_ = 0;
  double processors_ = 0;
  std::uint64_t collections_ = 0;
};

std::uint64_t nodes_of(const State& state) {
  return static_cast<std::uint64_t>(state.range(0));
}

void live(State& state, bool every_handle) {
  const Attached here(scene().runtime());
  scene().runtime().gc().disable();
  std::vector<Ref<Node>> held = new_graph(nodes_of(state));
  if (held.empty()) return expect(state, false, "out of memory");
  if (!every_handle) held.erase(held.begin(), held.end() - 1);
  const std::uint64_t before = scene().runtime().live_objects();
  Stopwatch stopwatch;
  bool right = true;
  for (auto _ : state) {
    const CollectResult result = stopwatch.collect();
    right &= result.completed && result.collected == 0;
  }
  stopwatch.report(state, nodes_of(state));
  expect(state, right && scene().runtime().live_objects() == before,
         "not all is alive, or memory ran out");
}

void one_handle(State& state) { live(state, false); }
void every_handle(State& state) { live(state, true); }

void garbage(State& state) {
  const Attached here(scene().runtime());
  scene().runtime().gc().disable();
  const std::uint64_t nodes = nodes_of(state);
  Stopwatch stopwatch;
  bool right = true;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Ref<Node>> graph = new_graph(nodes);
    if (graph.empty()) return expect(state, false, "out of memory");
    graph.front()->earlier.store(graph.back());
    graph.clear();
    state.ResumeTiming();
    const CollectResult result = stopwatch.collect();
    right &= result.completed && result.collected == nodes;
  }
  stopwatch.report(state, nodes);
  expect(state, right, "not all was garbage, or memory ran out");
}

}  // namespace

void add_collections(std::uint64_t nodes, bool quick) {
  const auto sized = [nodes, quick](benchmark::internal::Benchmark* row) {
    row->ArgName("nodes")->Arg(100'000)->Unit(benchmark::kMillisecond);
    if (!quick) row->Arg(2'000'000);
    if (nodes > 0) row->Arg(static_cast<std::int64_t>(nodes));
  };
  sized(add("collect/live/one_handle", one_handle));
  sized(add("collect/live/every_handle", every_handle));
  sized(add("collect/garbage", garbage));
}

}  // namespace threadmill::bench
