// SPDX-License-Identifier: Apache-2.0
//
// task-trees: tasks build trees of objects by tasks of their own, nested, and take them
// apart again.
//
// Imitates   a parser or compiler on a pool of threads: a task makes the parts of a node by
//            more tasks, waits for them, detached, and puts the node together; whichever
//            thread comes first made the parts.
// Draws      trees of depth 3 to 6, of 1 to 3 children at each node, from a seed. Each is
//            summed by nested tasks and put on a board of T + 4 cells; the one that was there
//            is summed again and dropped, branch by branch, by tasks.
// Checks     a tree's sum over its nodes is the one that sequential code without objects has
//            for that seed; births equal deaths but for the trees on the board.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/board.hpp"
#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"
#include "workloads/task_pool.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kMostChildren = 3;
constexpr unsigned kLeastDepth = 3;
constexpr std::uint64_t kDepths = 4;
// Below it a branch is built by its task alone.
constexpr unsigned kSequentialDepth = 2;

// A node as it is known before it is made.
struct Plan {
  std::uint64_t seed;
  unsigned depth;

  [[nodiscard]] std::size_t children() const {
    return depth == 0 ? 0 : 1 + mix_seed(seed, 0) % kMostChildren;
  }
  [[nodiscard]] Plan child(std::size_t i) const {
    return {mix_seed(seed, i + 1), depth - 1};
  }
};

[[nodiscard]] std::uint64_t expected_sum(const Plan& plan) {
  std::uint64_t sum = plan.seed;
  for (std::size_t i = 0; i < plan.children(); ++i) sum += expected_sum(plan.child(i));
  return sum;
}

struct Node : Token {
  static constexpr const char* kTypeName = "node";
  static void traverse(Node& self, const FieldVisitor& visit) {
    for (Field<Node>& child : self.children) visit(child);
  }

  Node(Census& census, std::uint64_t id, const Plan& its_plan)
      : Token(census, id, its_plan.seed, its_plan.depth), plan(its_plan) {}

  const Plan plan;
  std::array<Field<Node>, kMostChildren> children;
};

struct Share {
  std::uint64_t trees = 0;
  std::uint64_t sums = 0;
};

class TaskTrees final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    board_.resize(std::size_t{settings.threads} + 4);
    pool_ = std::make_unique<TaskPool>(runtime, settings.threads);
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    while (worker.keep_going()) {
      const auto depth =
          kLeastDepth + static_cast<unsigned>(worker.random().below(kDepths));
      Ref<Node> tree = build({worker.random().next(), depth});
      verify(*tree, share);
      const std::size_t cell = worker.random().below(board_.size());
      Ref<Node> before = board_.swap(cell, std::move(tree));
      if (before) {
        verify(*before, share);
        take_apart(std::move(before));
      }
      ++share.trees;
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t sums = 0;
    shares_.for_each([&sums](const Share& share) { sums += share.sums; });
    Census::Living living;
    board_.for_each([&](const Node& tree) { add_all(living, tree); });
    wrong_.report(checks, "trees have the sums that they should have", sums);
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    board_.for_each([&](Node& tree) { handles.push_back(&tree); });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    pool_.reset();
    board_.clear();
    spoiler_.reset();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    return {{"tasks by", TaskPool::name()}};
  }

  void spoil_for_test() override { spoiler_ = stray_token(census_); }

 private:
  static void add_all(Census::Living& living, const Node& node) {
    living.add(node);
    for (const Field<Node>& child : node.children) {
      if (const Ref<Node> its = child.load()) add_all(living, *its);
    }
  }

  // Of any task's thread.
  [[nodiscard]] std::uint64_t next_id() {
    // relaxed: they need be different only
    return identity(0, ids_.fetch_add(1, std::memory_order_relaxed));
  }

  [[nodiscard]] Ref<Node> build(const Plan& plan) {
    std::array<Ref<Node>, kMostChildren> children;
    for_each_child(plan, [&](std::size_t i) { children[i] = build(plan.child(i)); });
    Ref<Node> node = must(make<Node>(census_, next_id(), plan));
    for (std::size_t i = 0; i < plan.children(); ++i)
      node->children[i].store(std::move(children[i]));
    return node;
  }

  [[nodiscard]] std::uint64_t sum(const Node& node) {
    if (!node.sound()) wrong_.add(node.describe());
    std::array<std::uint64_t, kMostChildren> parts{};
    for_each_child(node.plan, [&](std::size_t i) {
      if (const Ref<Node> child = node.children[i].load()) parts[i] = sum(*child);
    });
    return node.plan.seed + parts[0] + parts[1] + parts[2];
  }

  // Its branches go first, each in a task.
  void take_apart(Ref<Node> tree) {
    for_each_child(tree->plan, [&](std::size_t i) {
      if (Ref<Node> branch = tree->children[i].exchange(nullptr))
        take_apart(std::move(branch));
    });
  }

  template <class Body>
  void for_each_child(const Plan& plan, Body body) {
    if (plan.depth <= kSequentialDepth) {
      for (std::size_t i = 0; i < plan.children(); ++i) body(i);
      return;
    }
    std::vector<TaskPool::Task> tasks;
    for (std::size_t i = 0; i < plan.children(); ++i)
      tasks.emplace_back([&body, i] { body(i); });
    pool_->run_all(tasks);
  }

  void verify(const Node& tree, Share& share) {
    const std::uint64_t expected = expected_sum(tree.plan);
    const std::uint64_t found = sum(tree);
    ++share.sums;
    if (found != expected) wrong_.add(fmt::format("{} instead of {}", found, expected));
  }

  Census census_;
  Board<Node> board_;
  std::unique_ptr<TaskPool> pool_;
  std::atomic<std::uint64_t> ids_{0};
  PerWorker<Share> shares_;
  Violations wrong_;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_task_trees() { return std::make_unique<TaskTrees>(); }

}  // namespace threadmill
