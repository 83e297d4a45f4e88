// SPDX-License-Identifier: Apache-2.0
//
// parents-and-children: trees with strong children and weak parents die by counts alone.
//
// Imitates   scene graphs, syntax trees, widgets: a parent owns its children, a child knows
//            its parent by a weak reference, so that no cycle comes to be and no collector
//            is needed.
// Draws      8 roots stand in a grove that all threads read. A branch has a level for life,
//            0 to 7, and up to 3 children of higher levels, so that no subtree can come to
//            hang under itself. An operation descends from a root at random and then grows
//            a new subtree of up to 3 branches there (half of them), moves the subtree
//            found to a place in another tree (1 in 4), gives it a new parent that only
//            this worker keeps, or keeps it too; a worker keeps up to 4 branches. What is
//            displaced is dropped. Then it asks children for their parents. 1 in 256
//            operations replaces a root, 1 in 4096 collects, unless a worker is collecting
//            already; there are no automatic collections.
// Checks     a child that stands under a parent names it; one that was kept names the
//            parent it had, or nobody, and then that parent is not alive at the end; no
//            collection finds anything; at the end exactly what hangs on the grove and on
//            kept branches is alive, and after it is let go, nothing is.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/collections.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kRoots = 8;
constexpr std::size_t kChildren = 3;
constexpr std::uint64_t kLevels = 8;
constexpr std::size_t kKept = 4;
constexpr std::size_t kMostGone = 1024;  // parents found dead that are remembered
constexpr std::uint64_t kOperationsPerRoot = 256;
constexpr std::uint64_t kOperationsPerCollection = 4096;

struct Branch;

// What a child knows of its parent, from one attachment to the next; never changed.
// key: the parent's identity.
struct Bond : Token {
  static constexpr const char* kTypeName = "bond";
  static void traverse(Bond& bond, const FieldVisitor& visitor) {
    visitor(bond.parent_);
  }

  Bond(Census& census, std::uint64_t id, const Token& parent, Ref<WeakReference> weak)
      : Token(census, id, parent.id(), 0), parent_(std::move(weak)) {}

  // Null: it is dead, or dying.
  [[nodiscard]] Ref<Branch> parent() const;

 private:
  Field<WeakReference> parent_;
};

// key: the level.
//
// A branch is in at most one place, and whoever takes it out of there, by an exchange, is
// the only one to give it another bond and another place. So as long as a branch is in a
// place, its bond is with the parent whose place that is.
struct Branch : Token {
  static constexpr const char* kTypeName = "branch";
  static void traverse(Branch& branch, const FieldVisitor& visitor) {
    for (Field<Branch>& child : branch.children) visitor(child);
    visitor(branch.bond);
  }

  using Token::Token;

  std::array<Field<Branch>, kChildren> children;
  Field<Bond> bond;
};

Ref<Branch> Bond::parent() const {
  const Ref<WeakReference> weak = parent_.load();
  return cast<Branch>(weak->get());
}

struct Grove : Object {
  static constexpr const char* kTypeName = "grove";
  static void traverse(Grove& grove, const FieldVisitor& visitor) {
    for (Field<Branch>& root : grove.roots) visitor(root);
  }

  std::array<Field<Branch>, kRoots> roots;
};

// A place for a child that a descent has come to.
struct Place {
  Ref<Branch> parent;
  std::size_t index = 0;

  [[nodiscard]] Field<Branch>& field() const { return parent->children[index]; }
};

struct Share {
  std::array<Ref<Branch>, kKept> kept;
  std::vector<std::uint64_t> gone;  // identities of parents that were found dead
  std::uint64_t made = 0;
  std::uint64_t asked = 0;  // children that gave an answer that was compared
  std::uint64_t found_dead = 0;
};

class ParentsAndChildren final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    collections_.prepare(runtime);
    runtime.gc().disable();  // every collection is one whose result is looked at
    shares_.resize(settings.threads);
    grove_ = must(make<Grove>());
    for (Field<Branch>& root : grove_->roots) root.store(new_branch(0, 0));
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    while (worker.keep_going()) {
      change(worker, descend(random));
      ask_in_place(share, descend(random));
      ask(share, share.kept[random.below(kKept)]);
      if (random.below(kOperationsPerRoot) == 0) {
        grove_->roots[random.below(kRoots)].store(new_branch(worker.index(), 0));
      }
      if (random.below(kOperationsPerCollection) == 0)
        collections_.collect_unless_busy();
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    check_living(checks);
    drop();
    checks.equal("everything ends without a collection", census_.births(),
                 census_.births(), census_.deaths());
    collections_.collect();
    checks.equal("collections find nothing", collections_.count(), 0,
                 collections_.collected());
  }

  void roots(std::vector<Object*>& handles) const override {
    if (grove_) handles.push_back(grove_.get());
    shares_.for_each([&](const Share& share) {
      for (const Ref<Branch>& branch : share.kept) {
        if (branch) handles.push_back(branch.get());
      }
    });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    grove_.reset();
    shares_.for_each([](Share& share) { share.kept = {}; });
    spoiler_.reset();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    std::uint64_t found_dead = 0;
    shares_.for_each([&](const Share& share) { found_dead += share.found_dead; });
    return {{"parents found dead", std::to_string(found_dead)},
            {"collections", std::to_string(collections_.count())}};
  }

  void spoil_for_test() override { spoiler_ = new_branch(0, 0); }

 private:
  void check_living(CheckList& checks) {
    Census::Living living;
    std::unordered_set<std::uint64_t> alive;
    std::uint64_t asked = 0;
    const auto add = [&](const Token& token) {
      if (alive.insert(token.id()).second) living.add(token);
    };
    const auto add_tree = [&](const Ref<Branch>& root) { this->add_tree(root, add); };
    for (const Field<Branch>& root : grove_->roots) add_tree(root.load());
    shares_.for_each([&](const Share& share) {
      for (const Ref<Branch>& branch : share.kept) add_tree(branch);
    });
    shares_.for_each([&](const Share& share) {
      asked += share.asked;
      for (const std::uint64_t id : share.gone) {
        if (alive.contains(id)) {
          violations_.add(fmt::format("parent {:#x} is alive, but was found dead", id));
        }
      }
    });
    violations_.report(checks, "children know their parents", asked);
    census_.check(checks, living);
  }

  // Every branch below `root`, with its bond, in levels: so recursion is not deep.
  template <class Add>
  void add_tree(const Ref<Branch>& root, const Add& add) {
    if (!root) return;
    add(*root);
    if (const Ref<Bond> bond = root->bond.load()) add(*bond);
    ask(shares_[0], root);
    for (std::size_t i = 0; i < kChildren; ++i) {
      ask_in_place(shares_[0], {root, i});
      add_tree(root->children[i].load(), add);
    }
  }

  [[nodiscard]] std::uint64_t new_id(unsigned worker) {
    return identity(worker, shares_[worker].made++);
  }

  [[nodiscard]] Ref<Branch> new_branch(unsigned worker, std::uint64_t level) {
    const std::uint64_t id = new_id(worker);
    return must(make<Branch>(census_, id, level, id));
  }

  // A random place below a random root.
  [[nodiscard]] Place descend(Random& random) const {
    Place place;
    place.parent = grove_->roots[random.below(kRoots)].load();
    for (;;) {
      place.index = random.below(kChildren);
      if (random.below(kLevels) == 0) return place;
      Ref<Branch> child = place.field().load();
      if (!child) return place;
      if (child->key() + 1 == kLevels) return place;  // it has no children
      place.parent = std::move(child);
    }
  }

  void change(Worker& worker, const Place& place) {
    Random& random = worker.random();
    Ref<Branch>& kept = shares_[worker.index()].kept[random.below(kKept)];
    switch (random.below(8)) {
      case 0:
        if (Ref<Branch> child = take_off(place))
          kept = foster(worker, std::move(child));
        break;
      case 1:
        kept = place.field().load();
        break;
      case 2:
      case 3: {
        const Place target = descend(random);
        Ref<Branch> moved = take_off(place);
        if (moved && target.parent->key() < moved->key()) {
          hang(worker.index(), target, std::move(moved));
        }
        break;
      }
      default:
        if (place.parent->key() + 1 < kLevels) {
          hang(worker.index(), place, grow(worker, place.parent->key() + 1));
        }
    }
  }

  // A new parent for `child`. It is in no place: others find it by the weak reference only.
  [[nodiscard]] Ref<Branch> foster(Worker& worker, Ref<Branch> child) {
    const Ref<Branch> parent = new_branch(worker.index(), child->key() - 1);
    hang(worker.index(), {parent, 0}, std::move(child));
    return parent;
  }

  // A new subtree, which nobody else knows.
  [[nodiscard]] Ref<Branch> grow(Worker& worker, std::uint64_t level) {
    Ref<Branch> root = new_branch(worker.index(), level);
    for (std::size_t i = 0; i < 2; ++i) {
      if (level + 1 == kLevels || worker.random().below(2) == 0) continue;
      hang(worker.index(), {root, i}, new_branch(worker.index(), level + 1));
    }
    return root;
  }

  // Takes out what is in the place; null: nothing is. It still names its parent.
  [[nodiscard]] static Ref<Branch> take_off(const Place& place) {
    return place.field().exchange(nullptr);
  }

  // `branch` is in no place. What was in this one is dropped.
  void hang(unsigned worker, const Place& place, Ref<Branch> branch) {
    const Weak<Branch> weak(place.parent);
    if (!weak.reference()) throw OutOfMemory();
    branch->bond.store(
        must(make<Bond>(census_, new_id(worker), *place.parent, weak.reference())));
    place.field().store(std::move(branch));
  }

  // A child whose place does not change meanwhile has exactly this parent. It may be moved
  // at any time, but not to this place again without another bond.
  void ask_in_place(Share& share, const Place& place) {
    const Ref<Branch> child = place.field().load();
    if (!child) return;
    const Ref<Bond> bond = child->bond.load();
    const bool in_place = place.field().load() == child;
    if (!in_place || !bond || child->bond.load() != bond) return;
    ++share.asked;
    const Ref<Branch> parent = bond->parent();
    if (parent != place.parent || bond->key() != place.parent->id()) {
      violations_.add(fmt::format("{} hangs under {}, but names {:#x} and finds {}",
                                  child->describe(), place.parent->describe(),
                                  bond->key(), parent ? parent->describe() : "nobody"));
    }
  }

  // The parent may have died by now, or the child hang elsewhere.
  void ask(Share& share, const Ref<Branch>& child) {
    const Ref<Bond> bond = child ? child->bond.load() : nullptr;
    if (!bond) return;
    ++share.asked;
    const Ref<Branch> parent = bond->parent();
    if (!parent) {
      remember_gone(share, bond->key());
    } else if (!parent->sound() || parent->id() != bond->key() ||
               parent->key() >= child->key()) {
      violations_.add(fmt::format("{} has {:#x} for a parent, and found {}",
                                  child->describe(), bond->key(), parent->describe()));
    }
  }

  static void remember_gone(Share& share, std::uint64_t id) {
    if (share.gone.size() < kMostGone) {
      share.gone.push_back(id);
    } else {
      share.gone[share.found_dead % kMostGone] = id;
    }
    ++share.found_dead;
  }

  Census census_;
  PerWorker<Share> shares_;
  Collections collections_;
  Ref<Grove> grove_;
  Violations violations_;
  Ref<Branch> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_parents_and_children() {
  return std::make_unique<ParentsAndChildren>();
}

}  // namespace threadmill
