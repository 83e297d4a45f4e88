// SPDX-License-Identifier: Apache-2.0
//
// random-graph: a graph that all threads change while others collect.
//
// Imitates   the heap of a program in the middle of its work: no ownership, no shape.
// Draws      a table of 64 roots per worker, shared by all. Each operation takes a random
//            walk of up to 7 steps from two random roots, and then: makes a node that
//            refers to where the first walk ended and stores it in a root (1 in 4), empties
//            a root (1 in 16), or stores where the second walk ended, or nothing, in a field
//            of where the first one did. About 1 operation in 256 collects. A walk seldom
//            gets deep, so what lies deep would pile up: while more than 65,536 nodes are
//            alive (8,192 where every access is checked), an operation empties all fields of
//            where its first walk ended instead.
// Checks     every node that a walk meets is sound; after a last collection the living nodes
//            are exactly those that a search from the roots finds, each once, and all
//            others have died exactly once.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "runtime/base/config.hpp"
#include "workloads/census.hpp"
#include "workloads/collections.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kRootsPerWorker = 64;
constexpr std::size_t kEdges = 3;
constexpr std::uint64_t kLongestWalk = 8;
constexpr std::uint64_t kOperationsPerCollection = 256;
constexpr std::uint64_t kMostAlive = kChecks == 0 ? 65'536 : 8'192;
constexpr std::uint64_t kOperationsPerCount = 64;

struct Vertex : Token {
  static constexpr const char* kTypeName = "vertex";
  static void traverse(Vertex& self, const FieldVisitor& visitor) {
    for (Field<Vertex>& edge : self.edges) visitor(edge);
  }
  using Token::Token;

  std::array<Field<Vertex>, kEdges> edges;
};

struct Share {
  std::uint64_t made = 0;
  std::uint64_t met = 0;
  std::uint64_t operations = 0;
  bool is_large = false;  // the graph, when it was last counted
};

class RandomGraph final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    collections_.prepare(runtime);
    shares_.resize(settings.threads);
    roots_ = std::vector<Field<Vertex>>(kRootsPerWorker * settings.threads);
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    while (worker.keep_going()) {
      change(share, worker.index(), random);
      collections_.collect_now_and_then(random, kOperationsPerCollection);
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    collections_.collect();
    std::uint64_t met = 0;
    shares_.for_each([&](const Share& share) { met += share.met; });
    violations_.report(checks, "nodes on the way are sound", met);
    census_.check(checks, reachable());
  }

  void roots(std::vector<Object*>& handles) const override {
    for (const Field<Vertex>& root : roots_) handles.push_back(root.peek());
    handles.push_back(spoiler_.get());
  }

  void drop() override {
    for (Field<Vertex>& root : roots_) root.store(nullptr);
    spoiler_.reset();
    collections_.collect();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    std::uint64_t made = 0;
    shares_.for_each([&](const Share& share) { made += share.made; });
    return {{"nodes made", std::to_string(made)}};
  }

  void spoil_for_test() override { spoiler_ = new_vertex(shares_[0], 0); }

 private:
  [[nodiscard]] Ref<Vertex> new_vertex(Share& share, unsigned worker) {
    return must(make<Vertex>(census_, identity(worker, share.made++), 0U, 0U));
  }

  // Null: the root is empty.
  [[nodiscard]] Ref<Vertex> walk(Share& share, Random& random) {
    Ref<Vertex> at = roots_[random.below(roots_.size())].load();
    for (std::uint64_t step = random.below(kLongestWalk); at && step > 0; --step) {
      ++share.met;
      if (!at->sound()) violations_.add("a walk met " + at->describe());
      Ref<Vertex> next = at->edges[random.below(kEdges)].load();
      if (!next) break;
      at = std::move(next);
    }
    return at;
  }

  // Seldom counted: it adds up what all workers have.
  [[nodiscard]] bool is_large(Share& share) const {
    if (share.operations++ % kOperationsPerCount == 0) {
      const std::uint64_t died = census_.deaths();  // first: births may only be more
      share.is_large = census_.births() - died > kMostAlive;
    }
    return share.is_large;
  }

  void change(Share& share, unsigned worker, Random& random) {
    Field<Vertex>& root = roots_[random.below(roots_.size())];
    const Ref<Vertex> first = walk(share, random);
    if (is_large(share)) {
      if (!first) return;
      for (Field<Vertex>& edge : first->edges) edge.store(nullptr);
      return;
    }
    if (random.below(4) == 0 && !collections_.is_overdue()) {
      collections_.made_garbage(1);  // sooner or later
      Ref<Vertex> made = new_vertex(share, worker);
      made->edges[0].store(first);
      root.store(std::move(made));
    } else if (random.below(16) == 0) {
      root.store(nullptr);
    } else if (first) {
      Ref<Vertex> second = random.below(4) == 0 ? nullptr : walk(share, random);
      first->edges[random.below(kEdges)].store(std::move(second));
    }
  }

  // By a search that shares nothing with the collector. At quiescence.
  [[nodiscard]] Census::Living reachable() const {
    Census::Living living;
    std::unordered_set<const Vertex*> seen;
    std::vector<Ref<Vertex>> pending;
    const auto reach = [&](Ref<Vertex> vertex) {
      if (!vertex || !seen.insert(vertex.get()).second) return;
      living.add(*vertex);
      pending.push_back(std::move(vertex));
    };
    for (const Field<Vertex>& root : roots_) reach(root.load());
    while (!pending.empty()) {
      const Ref<Vertex> vertex = std::move(pending.back());
      pending.pop_back();
      for (const Field<Vertex>& edge : vertex->edges) reach(edge.load());
    }
    return living;
  }

  Census census_;
  Collections collections_;
  PerWorker<Share> shares_;
  std::vector<Field<Vertex>> roots_;
  Violations violations_;
  Ref<Vertex> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_random_graph() {
  return std::make_unique<RandomGraph>();
}

}  // namespace threadmill
