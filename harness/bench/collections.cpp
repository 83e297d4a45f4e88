// SPDX-License-Identifier: Apache-2.0
//
// A full collection, per object of the heap. In the graph node i refers to node i - 1 and
// to a random earlier one, as in a heap that has grown for long: half of its edges lead to
// the neighbour, the others anywhere.
//
//   live/one_handle     the last node is held from outside, all others by the graph
//   live/every_handle   every node is held from outside
//   live/root           the last node is in the collector's list of roots
//   garbage             the first node refers to the last, and nothing is held
//   young               10,000 nodes in a heap of so many old ones: what the whole
//                       collection takes, which is more than its pause
//   subtraction         what one thread needs for the counting alone, on this machine: the
//                       same graph in a plain array, its counts copied into bytes beside it,
//                       and each reference subtracted there, prefetching
//   speedup             live/one_handle on one thread and on all, and beside it so many
//                       random accesses to as much memory, each thread in a part of its own
//
// But for live/root the collector knows no roots: who is held from outside, it learns from
// the counts.
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <thread>
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

enum class Held { every_node, last_node, root };

void live(State& state, Held what) {
  const Attached here(scene().runtime());
  Gc gc = scene().runtime().gc();
  gc.disable();
  std::vector<Ref<Node>> held = new_graph(nodes_of(state));
  if (held.empty()) return expect(state, false, "out of memory");
  if (what != Held::every_node) held.erase(held.begin(), held.end() - 1);
  if (what == Held::root) {
    const Ref<List> roots = gc.roots();
    if (!roots || !roots->append(held.back()))
      return expect(state, false, "out of memory");
    held.clear();
  }
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

void one_handle(State& state) { live(state, Held::last_node); }
void every_handle(State& state) { live(state, Held::every_node); }
void root(State& state) { live(state, Held::root); }

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

void young(State& state) {
  constexpr std::uint64_t kNew = 10'000;
  const Attached here(scene().runtime());
  Gc gc = scene().runtime().gc();
  gc.disable();
  const std::vector<Ref<Node>> old = new_graph(nodes_of(state));
  if (old.empty()) return expect(state, false, "out of memory");
  for (unsigned i = 0; i < kGenerations; ++i) (void)gc.collect();
  Histogram nanoseconds;
  bool right = true;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Ref<Node>> made = new_graph(kNew);
    if (made.empty()) return expect(state, false, "out of memory");
    state.ResumeTiming();
    const std::uint64_t began = steady_nanoseconds();
    const CollectResult result = gc.collect(0);
    nanoseconds.record(steady_nanoseconds() - began);
    right &= result.completed && result.collected == 0;
  }
  state.counters["us_p50"] = static_cast<double>(nanoseconds.percentile(50)) / 1e3;
  state.counters["us_max"] = static_cast<double>(nanoseconds.max()) / 1e3;
  expect(state, right, "not all is alive, or memory ran out");
}

// --- what the machine allows ---

// Null: out of memory.
template <class T>
class LargeArray {
 public:
  explicit LargeArray(std::size_t size) : bytes_(size * sizeof(T)) {
    void* const memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    (void)::madvise(memory, bytes_, MADV_HUGEPAGE);  // as the runtime does
    data_ = static_cast<T*>(memory);
  }
  ~LargeArray() {
    if (data_ != nullptr) ::munmap(data_, bytes_);
  }
  LargeArray(const LargeArray&) = delete;
  LargeArray& operator=(const LargeArray&) = delete;

  [[nodiscard]] T* data() const { return data_; }

 private:
  const std::size_t bytes_;
  T* data_ = nullptr;
};

// As long as a Node, and as far from its neighbour.
struct PlainNode {
  std::uint64_t count;
  std::uint64_t type;
  PlainNode* previous;
  PlainNode* earlier;
};

// The nodes are followed by one that the first refers to.
void make_graph(PlainNode* nodes, std::uint64_t size) {
  Random random(kSeed);
  for (std::uint64_t i = 0; i < size; ++i) {
    nodes[i].previous = nodes + (i > 0 ? i - 1 : size);
    nodes[i].earlier = nodes + (i > 0 ? random.below(i) : size);
    ++nodes[i].previous->count;
    ++nodes[i].earlier->count;
  }
}

void subtraction(State& state) {
  constexpr std::size_t kAhead = 256;
  const std::uint64_t size = nodes_of(state);
  const LargeArray<PlainNode> graph(size + 1);
  const LargeArray<std::uint8_t> counts(2 * (size + 2));  // one for each 16 bytes
  PlainNode* const nodes = graph.data();
  std::uint8_t* const count_of = counts.data();
  if (nodes == nullptr || count_of == nullptr)
    return expect(state, false, "out of memory");
  make_graph(nodes, size);
  const auto granule_of = [nodes](const PlainNode& node) {
    return static_cast<std::uint32_t>(
        (reinterpret_cast<const char*>(&node) - reinterpret_cast<const char*>(nodes)) /
        16);
  };
  const auto nobody = static_cast<std::uint32_t>(2 * (size + 1));
  double seconds = 0;
  for (auto _ : state) {
    const std::uint64_t began = steady_nanoseconds();
    for (std::uint64_t i = 0; i <= size; ++i)
      count_of[2 * i] = static_cast<std::uint8_t>(nodes[i].count);
    std::array<std::uint32_t, kAhead> pending;
    pending.fill(nobody);
    std::size_t next = 0;
    const auto subtract = [&](const PlainNode& target) {
      const std::uint32_t granule = granule_of(target);
      __builtin_prefetch(count_of + granule, 1);
      --count_of[std::exchange(pending[next++ % kAhead], granule)];
    };
    for (std::uint64_t i = 0; i < size; ++i) {
      subtract(*nodes[i].previous);
      subtract(*nodes[i].earlier);
    }
    for (const std::uint32_t granule : pending) --count_of[granule];
    seconds += static_cast<double>(steady_nanoseconds() - began) * 1e-9;
  }
  state.counters["ns_per_object"] =
      seconds * 1e9 / static_cast<double>(size * state.iterations());
  expect(state, std::all_of(count_of, count_of + nobody, [](auto n) { return n == 0; }),
         "a count is not that of the references");
}

// --- how much a second thread helps ---

// Accesses to random words of `memory`, in parts of their own for so many threads. Returns
// the seconds that it took.
double random_pass(std::vector<std::uint64_t>& memory,
                   std::uint64_t accesses,
                   unsigned threads) {
  const std::size_t part = memory.size() / threads;
  const std::uint64_t began = steady_nanoseconds();
  const auto pass = [&memory, part, accesses, threads](unsigned which) {
    Random random(kSeed + which);
    std::uint64_t* const words = memory.data() + which * part;
    for (std::uint64_t i = 0; i < accesses / threads; ++i) ++words[random.below(part)];
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back(pass, i);
  pass(0);
  others.clear();
  return static_cast<double>(steady_nanoseconds() - began) / 1e9;
}

// Sums of both, over iterations that alternate.
struct Times {
  double one = 0;
  double all = 0;
  [[nodiscard]] double speedup() const { return one / all; }
};

void speedup(State& state) {
  const Attached here(scene().runtime());
  Gc gc = scene().runtime().gc();
  gc.disable();
  const std::uint64_t nodes = nodes_of(state);
  std::vector<Ref<Node>> held = new_graph(nodes);
  if (held.empty()) return expect(state, false, "out of memory");
  held.erase(held.begin(), held.end() - 1);
  // Each node, and each of its two references.
  const std::uint64_t accesses = 3 * nodes;
  std::vector<std::uint64_t> memory(scene().runtime().page_bytes() / 8, 1);
  const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  Times collection;
  Times pass;
  bool right = true;
  const auto time_collection = [&](unsigned count) {
    right &= gc.set_threads(count);
    right &= gc.collect().completed;  // so that both find the caches as they leave them
    const std::uint64_t began = steady_nanoseconds();
    right &= gc.collect().completed;
    return static_cast<double>(steady_nanoseconds() - began) / 1e9;
  };
  for (auto _ : state) {
    collection.one += time_collection(1);
    collection.all += time_collection(threads);
    pass.one += random_pass(memory, accesses, 1);
    pass.all += random_pass(memory, accesses, threads);
  }
  state.counters["team"] = threads;
  state.counters["collection"] = collection.speedup();
  state.counters["random_pass"] = pass.speedup();
  state.counters["share"] = collection.speedup() / pass.speedup();
  expect(state, right, "memory ran out");
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
  sized(add("collect/live/root", root));
  sized(add("collect/garbage", garbage));
  sized(add("collect/young", young));
  sized(add("collect/subtraction", subtraction));
  sized(add("collect/speedup", speedup));
}

}  // namespace threadmill::bench
