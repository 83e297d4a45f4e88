// SPDX-License-Identifier: Apache-2.0
//
// binary-trees: GCBench (Ellis, Kovac, Boehm) by many threads, with trees that are cycles.
//
// Imitates   programs that build and drop trees of many sizes at a steady rate while a
//            large tree and a large array live on.
// Draws      a tree has depth 4, 6, 8, 10 or 12 (10 at most in builds with checks), each
//            depth taking an equal share of the nodes; it is built from the root down or
//            from the leaves up. Every second one is cyclic, unless a collection is overdue:
//            one leaf refers to the root and 1 node in 8 to its parent. 1 tree in 4 is
//            swapped with one on a board of 4 cells, the others are dropped by their maker.
//            All look up a part of a tree of depth 13 and some items of a list of 20,000
//            numbers, which stay for the whole run; about 1 operation in 64 collects,
//            unless a worker is collecting already.
// Checks     each tree that is met has exactly the nodes of its depth, each sound and in its
//            place, with the back-pointers it was born with; the long-lived tree and list
//            stay what they were; after a last collection exactly the nodes of the trees
//            in hand are alive, and all others have died exactly once.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/config.hpp"
#include "workloads/board.hpp"
#include "workloads/census.hpp"
#include "workloads/collections.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr unsigned kLeastDepth = 4;
constexpr unsigned kMostDepth = kChecks == 0 ? 12 : 10;  // sanitizers are slow
constexpr unsigned kDepthStep = 2;
constexpr unsigned kLongLivedDepth = 13;
constexpr unsigned kLookedAtDepth = 4;   // of the long-lived tree, at a time
constexpr std::int64_t kItems = 20'000;  // of the long-lived list
constexpr int kItemsLookedAt = 16;       // at a time
constexpr std::size_t kCells = 4;
constexpr std::uint64_t kOperationsPerCollection = 64;

[[nodiscard]] constexpr std::uint64_t nodes_of_depth(unsigned depth) {
  return (std::uint64_t{2} << depth) - 1;
}

// A tree's shape, and what it says of each node. Places are numbered as in a heap: the
// root has 1, the children of p have 2p and 2p + 1.
class Plan {
 public:
  Plan() = default;
  Plan(unsigned depth, bool cyclic, std::uint64_t seed)
      : word_(seed << 8 | (cyclic ? std::uint64_t{0x80} : 0) | depth) {}
  explicit Plan(const Token& node) : word_(node.key()) {}

  [[nodiscard]] std::uint64_t word() const { return word_; }
  [[nodiscard]] unsigned depth() const { return word_ & 0x7f; }
  [[nodiscard]] bool is_cyclic() const { return (word_ & 0x80) != 0; }
  [[nodiscard]] bool is_leaf(std::uint64_t place) const {
    return place >> depth() != 0;
  }

  // The place that the node in `place` refers back to; 0: none.
  [[nodiscard]] std::uint64_t back_from(std::uint64_t place) const {
    if (!is_cyclic() || place == 1) return 0;
    const std::uint64_t leaves = std::uint64_t{1} << depth();
    if (place == leaves + word_ % leaves) return 1;
    return mix_seed(word_, place) % 8 == 0 ? place / 2 : 0;
  }

 private:
  std::uint64_t word_ = 0;
};

// key: the plan of its tree; stamp: its place.
struct TreeNode : Token {
  static constexpr const char* kTypeName = "tree node";
  static void traverse(TreeNode& node, const FieldVisitor& visitor) {
    visitor(node.left);
    visitor(node.right);
    visitor(node.back);
  }

  using Token::Token;

  Field<TreeNode> left;
  Field<TreeNode> right;
  Field<TreeNode> back;
};

struct Share {
  std::uint64_t made = 0;
  std::uint64_t met = 0;  // nodes looked at
  std::uint64_t items = 0;
};

class BinaryTrees final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    collections_.prepare(runtime);
    shares_.resize(settings.threads);
    board_.resize(kCells);
    const Plan plan(kLongLivedDepth, false, settings.seed >> 8);
    long_lived_ = grow_down(shares_[0], 0, plan);
    numbers_ = must(make<List>());
    for (std::int64_t i = 0; i < kItems; ++i) {
      must(numbers_->append(must(make<Int>(number(i)))));
    }
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    while (worker.keep_going()) {
      const Plan plan = draw_plan(random);
      Ref<TreeNode> tree = random.below(2) == 0 ? grow_down(share, worker.index(), plan)
                                                : grow_up(share, worker.index(), plan);
      worker.did();
      if (!worker.keep_going()) break;
      if (random.below(4) == 0) {
        tree = board_.swap(random.below(kCells), std::move(tree));
      }
      if (tree) look_over(share, tree, Plan(*tree).depth());
      tree.reset();
      look_at_long_lived(share, random);
      if (random.below(kOperationsPerCollection) == 0)
        collections_.collect_unless_busy();
    }
  }

  void check(CheckList& checks) override {
    Share& share = shares_[0];
    collections_.collect();
    Census::Living living;
    const auto add = [&](const TreeNode& node) { living.add(node); };
    look_over(share, long_lived_, kLongLivedDepth, add);
    board_.for_each([&](TreeNode& tree) {
      look_over(share, Ref<TreeNode>::share(&tree), Plan(tree).depth(), add);
    });
    for (std::int64_t i = 0; i < kItems; ++i) look_at_item(share, i);
    std::uint64_t met = 0;
    std::uint64_t items = 0;
    shares_.for_each([&](const Share& one) {
      met += one.met;
      items += one.items;
    });
    wrong_trees_.report(checks, "trees have all their nodes", met);
    wrong_items_.report(checks, "the long-lived list stays as it was", items);
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    if (long_lived_) handles.push_back(long_lived_.get());
    if (numbers_) handles.push_back(numbers_.get());
    board_.for_each([&](TreeNode& tree) { handles.push_back(&tree); });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    long_lived_.reset();
    numbers_.reset();
    board_.clear();
    spoiler_.reset();
    // cyclic trees are garbage now, and nothing of a workload may be left alive
    collections_.collect();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    return collections_.facts();
  }

  void spoil_for_test() override {
    spoiler_ = grow_up(shares_[0], 0, Plan(kLeastDepth, true, 1));
  }

 private:
  [[nodiscard]] Plan draw_plan(Random& random) {
    const unsigned depth = draw_depth(random);
    const bool cyclic = random.below(2) == 0 && !collections_.is_overdue();
    if (cyclic) collections_.made_garbage(nodes_of_depth(depth));
    return {depth, cyclic, random.next() >> 8};
  }

  // The deeper by one step, the rarer by the step's factor.
  [[nodiscard]] static unsigned draw_depth(Random& random) {
    unsigned depth = kLeastDepth;
    while (depth < kMostDepth && random.below(1U << kDepthStep) == 0) {
      depth += kDepthStep;
    }
    return depth;
  }

  [[nodiscard]] Ref<TreeNode> new_node(Share& share,
                                       unsigned worker,
                                       const Plan& plan,
                                       std::uint64_t place) {
    const std::uint64_t id = identity(worker, share.made++);
    return must(make<TreeNode>(census_, id, plan.word(), place));
  }

  [[nodiscard]] Ref<TreeNode> grow_down(Share& share,
                                        unsigned worker,
                                        const Plan& plan) {
    Ref<TreeNode> root = new_node(share, worker, plan, 1);
    populate(share, worker, plan, root);
    link_back(plan, root, root);
    return root;
  }

  void populate(Share& share,
                unsigned worker,
                const Plan& plan,
                const Ref<TreeNode>& node) {
    const std::uint64_t place = node->stamp();
    if (plan.is_leaf(place)) return;
    node->left.store(new_node(share, worker, plan, 2 * place));
    node->right.store(new_node(share, worker, plan, 2 * place + 1));
    populate(share, worker, plan, node->left.load());
    populate(share, worker, plan, node->right.load());
  }

  [[nodiscard]] Ref<TreeNode> grow_up(Share& share, unsigned worker, const Plan& plan) {
    Ref<TreeNode> root = make_subtree(share, worker, plan, 1);
    link_back(plan, root, root);
    return root;
  }

  [[nodiscard]] Ref<TreeNode> make_subtree(Share& share,
                                           unsigned worker,
                                           const Plan& plan,
                                           std::uint64_t place) {
    if (plan.is_leaf(place)) return new_node(share, worker, plan, place);
    Ref<TreeNode> left = make_subtree(share, worker, plan, 2 * place);
    Ref<TreeNode> right = make_subtree(share, worker, plan, 2 * place + 1);
    Ref<TreeNode> node = new_node(share, worker, plan, place);
    node->left.store(std::move(left));
    node->right.store(std::move(right));
    return node;
  }

  static void link_back(const Plan& plan,
                        const Ref<TreeNode>& root,
                        const Ref<TreeNode>& parent) {
    if (!plan.is_cyclic() || plan.is_leaf(parent->stamp())) return;
    for (const Field<TreeNode>* field : {&parent->left, &parent->right}) {
      const Ref<TreeNode> child = field->load();
      const std::uint64_t back = plan.back_from(child->stamp());
      if (back != 0) child->back.store(back == 1 ? root : parent);
      link_back(plan, root, child);
    }
  }

  void look_at_long_lived(Share& share, Random& random) {
    Ref<TreeNode> node = long_lived_;
    for (unsigned depth = kLongLivedDepth; depth > kLookedAtDepth; --depth) {
      node = random.below(2) == 0 ? node->left.load() : node->right.load();
    }
    look_over(share, node, kLookedAtDepth);
    for (int i = 0; i < kItemsLookedAt; ++i) {
      look_at_item(share, static_cast<std::int64_t>(random.below(kItems)));
    }
  }

  [[nodiscard]] static std::int64_t number(std::int64_t place) {
    return place * place - kItems;
  }

  void look_at_item(Share& share, std::int64_t place) {
    ++share.items;
    const Ref<Int> item = cast<Int>(numbers_->get(static_cast<std::size_t>(place)));
    if (item && item->value() == number(place)) return;
    wrong_items_.add(fmt::format("item {} held {}", place,
                                 item ? std::to_string(item->value()) : "no number"));
  }

  void look_over(Share& share, const Ref<TreeNode>& top, unsigned depth) {
    look_over(share, top, depth, [](const TreeNode&) {});
  }

  // A subtree of that depth; calls `use` with each of its nodes.
  template <class Use>
  void look_over(Share& share,
                 const Ref<TreeNode>& top,
                 unsigned depth,
                 const Use& use) {
    const Plan plan(*top);
    std::uint64_t met = 0;
    const auto count = [&](const TreeNode& node) {
      ++met;
      use(node);
    };
    look_below(plan, nullptr, top, top->stamp(), count);
    share.met += met;
    if (met != nodes_of_depth(depth)) {
      wrong_trees_.add(fmt::format("a tree of depth {} had {} nodes", depth, met));
    }
  }

  template <class Use>
  void look_below(const Plan& plan,
                  const TreeNode* parent,
                  const Ref<TreeNode>& node,
                  std::uint64_t place,
                  const Use& use) {
    if (!node) return;
    if (!node->sound() || node->stamp() != place || node->key() != plan.word()) {
      wrong_trees_.add(fmt::format("place {} held {}", place, node->describe()));
      return;
    }
    use(*node);
    verify_back(plan, parent, *node);
    look_below(plan, node.get(), node->left.load(), 2 * place, use);
    look_below(plan, node.get(), node->right.load(), 2 * place + 1, use);
  }

  void verify_back(const Plan& plan, const TreeNode* parent, const TreeNode& node) {
    const std::uint64_t expected = plan.back_from(node.stamp());
    const Ref<TreeNode> back = node.back.load();
    const bool named = back && back->sound() && back->stamp() == expected &&
                       back->key() == plan.word();
    const bool right = expected == 0 ? !back
                                     : named && (expected == 1 || parent == nullptr ||
                                                 back.get() == parent);
    if (!right) {
      wrong_trees_.add(fmt::format("{} refers back to {}", node.describe(),
                                   back ? back->describe() : "nothing"));
    }
  }

  Census census_;
  PerWorker<Share> shares_;
  Collections collections_;
  Board<TreeNode> board_;
  Ref<TreeNode> long_lived_;
  Ref<List> numbers_;
  Violations wrong_trees_;
  Violations wrong_items_;
  Ref<TreeNode> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_binary_trees() {
  return std::make_unique<BinaryTrees>();
}

}  // namespace threadmill
