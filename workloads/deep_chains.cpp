// SPDX-License-Identifier: Apache-2.0
//
// deep-chains: chains of up to 200,000 links die from their heads, some with a tail that
// other chains share.
//
// Imitates   linked data that is dropped at its head: stacks and lists of functional
//            programs, whose tails many heads share, undo histories, chained promises.
// Draws      an offer (3 in 4) puts up to 1024 links (with more than 8 workers accordingly
//            fewer), short chains more often, before nothing or before a link of a chain in
//            hand; it keeps its head in one of 4 places or swaps it with one of a board of
//            16 cells, and drops what was there, made by itself or by another thread. A
//            fork (1 in 4) is a trunk and two branches that nobody else sees, dropped in
//            any order. 1 operation in 256 makes one of these up to 200,000 links long
//            (50,000 in builds with checks), unless 4 such chains are alive.
// Checks     each drop at a fork ends at once exactly the links that only it held; links
//            that are met are sound and in their order; at the end exactly the links that
//            the heads in hand lead to are alive, all others have died exactly once.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/config.hpp"
#include "workloads/board.hpp"
#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kHeads = 4;
constexpr std::size_t kCells = 16;
constexpr std::uint64_t kShort = 1024;  // with more than 8 workers fewer
constexpr std::uint64_t kShortestShort = 128;
constexpr std::uint64_t kShortestDraws = 64;  // the longest chain of the shortest kind
constexpr std::uint64_t kDeepestTail = 2048;  // a deeper chain is not prolonged
// Sanitizers are slow, and nobody may wait for seconds until a cascade is over.
constexpr std::uint64_t kLong = kChecks == 0 ? 200'000 : 50'000;
constexpr std::uint64_t kOperationsPerLong = 256;
constexpr std::int64_t kMostLong =
    4;  // bounds memory: a long chain waits for its maker
constexpr std::size_t kLongCells = 2;
constexpr std::uint64_t kLinksPerPoll = 1024;
constexpr int kLookedAt = 32;  // links of a chain that is met

// key: the next link's identity, 0 at the end; stamp: how many links from here to the end.
struct Link : Token {
  static constexpr const char* kTypeName = "chain link";
  static void traverse(Link& link, const FieldVisitor& visitor) { visitor(link.next); }

  // `alive`, if there is one, outlives the link and counts it until it dies.
  Link(Census& census,
       std::uint64_t id,
       Ref<Link> follower,
       std::atomic<std::int64_t>* alive)
      : Token(census, id, follower ? follower->id() : 0, depth_of(follower) + 1),
        next(std::move(follower)),
        alive_(alive) {}
  ~Link() {
    // relaxed: read by the thread in which the links die, or as a bound
    if (alive_ != nullptr) alive_->fetch_sub(1, std::memory_order_relaxed);
  }

  [[nodiscard]] static std::uint64_t depth_of(const Ref<Link>& link) {
    return link ? link->stamp() : 0;
  }

  Field<Link> next;

 private:
  std::atomic<std::int64_t>* const alive_;
};

// One of the chains of a fork.
struct Strand {
  Ref<Link> head;
  std::uint64_t own = 0;    // links that belong to no other strand
  std::uint64_t trunk = 0;  // links of the trunk that it leads to
};

struct Share {
  std::array<Ref<Link>, kHeads> heads;
  std::atomic<std::int64_t> alive{0};  // links of this worker's fork
  std::uint64_t made = 0;
  std::uint64_t met = 0;    // links looked at
  std::uint64_t drops = 0;  // of strands, whose deaths were compared
  std::uint64_t deepest = 0;
};

class DeepChains final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    short_ = share_of(kShort, settings.threads, kShortestShort);
    board_.resize(kCells);
    long_board_.resize(kLongCells);
  }

  void run(Worker& worker) override {
    Random& random = worker.random();
    while (worker.keep_going()) {
      const bool is_long = random.below(kOperationsPerLong) == 0 && may_be_long();
      const std::uint64_t length = draw_length(random, is_long ? kLong : short_);
      if (random.below(4) == 0) {
        fork(worker, length);
        // relaxed: a bound
        if (is_long) long_alive_.fetch_sub(1, std::memory_order_relaxed);
      } else if (is_long) {
        offer_long(worker, length);
      } else {
        offer(worker, length);
      }
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    Census::Living living;
    std::unordered_set<const Object*> seen;
    for_each_head([&](Link& head) { add_chain(head, living, seen); });
    std::uint64_t met = 0;
    std::uint64_t drops = 0;
    shares_.for_each([&](const Share& share) {
      met += share.met;
      drops += share.drops;
    });
    held_back_.report(checks, "a drop ends what only it held, at once", drops);
    violations_.report(checks, "chains stay whole", met + living.count());
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    for_each_head([&](Link& head) { handles.push_back(&head); });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    shares_.for_each([](Share& share) { share.heads = {}; });
    board_.clear();
    long_board_.clear();
    spoiler_.reset();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    std::uint64_t deepest = 0;
    shares_.for_each(
        [&](const Share& share) { deepest = std::max(deepest, share.deepest); });
    return {{"deepest chain", std::to_string(deepest)}};
  }

  void spoil_for_test() override { spoiler_ = stray_token(census_); }

 private:
  // True: one more long chain is alive, or about to be.
  [[nodiscard]] bool may_be_long() {
    // relaxed, both: a bound
    if (long_alive_.fetch_add(1, std::memory_order_relaxed) < kMostLong) return true;
    long_alive_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }

  // Each halving of `most` down to kShortestDraws is equally likely to be the limit.
  [[nodiscard]] static std::uint64_t draw_length(Random& random, std::uint64_t most) {
    std::uint64_t halvings = 1;
    while ((most >> halvings) >= kShortestDraws) ++halvings;
    return 1 + random.below(most >> random.below(halvings));
  }

  void offer(Worker& worker, std::uint64_t length) {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    Ref<Link> tail;
    if (random.below(2) == 0) tail = draw_tail(share, random);
    Ref<Link> head = grow(worker, std::move(tail), length, nullptr);
    if (random.below(4) != 0) {
      head = board_.swap(random.below(kCells), std::move(head));
      look_along(share, head);
    }
    share.heads[random.below(kHeads)] = std::move(head);
  }

  // A link near the head of a chain in hand; null: there is none, or it is deep enough.
  [[nodiscard]] static Ref<Link> draw_tail(const Share& share, Random& random) {
    Ref<Link> link = share.heads[random.below(kHeads)];
    for (std::uint64_t steps = random.below(64); link && steps != 0; --steps) {
      link = link->next.load();
    }
    return Link::depth_of(link) <= kDeepestTail ? link : nullptr;
  }

  // A long chain, and a short one that shares a tail of it.
  void offer_long(Worker& worker, std::uint64_t length) {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    // the end dies last, and with it the chain stops to count as a long one
    Ref<Link> trunk = new_link(worker, nullptr, &long_alive_);
    const std::uint64_t shared = random.below(length);
    trunk = grow(worker, std::move(trunk), shared, nullptr);
    Ref<Link> branch = grow(worker, trunk, draw_length(random, short_), nullptr);
    trunk = grow(worker, std::move(trunk), length - shared, nullptr);
    share.deepest = std::max(share.deepest, Link::depth_of(trunk));
    branch = board_.swap(random.below(kCells), std::move(branch));
    look_along(share, branch);
    trunk = long_board_.swap(random.below(kLongCells), std::move(trunk));
    look_along(share, trunk);
  }

  void fork(Worker& worker, std::uint64_t length) {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    std::array<Strand, 3> strands;
    Ref<Link> trunk;
    for (Strand& strand : strands) {
      trunk = grow(worker, std::move(trunk), 1 + length / strands.size(), &share.alive);
      strand.trunk = Link::depth_of(trunk);
      strand.own = random.below(kShortestDraws);
      strand.head = grow(worker, trunk, strand.own, &share.alive);
    }
    share.deepest = std::max(share.deepest, Link::depth_of(trunk));
    trunk.reset();
    for (std::size_t left = strands.size(); left != 0; --left) {
      std::swap(strands[random.below(left)], strands[left - 1]);
      look_along(share, strands[left - 1].head);
      strands[left - 1] = {};
      compare_alive(share, strands);
    }
  }

  void compare_alive(Share& share, const std::array<Strand, 3>& strands) {
    std::uint64_t expected = 0;
    std::uint64_t trunk = 0;
    for (const Strand& strand : strands) {
      expected += strand.own;
      trunk = std::max(trunk, strand.trunk);
    }
    expected += trunk;
    // relaxed: they die in this thread
    const std::int64_t alive = share.alive.load(std::memory_order_relaxed);
    if (alive != static_cast<std::int64_t>(expected)) {
      held_back_.add(fmt::format("{} links are alive, should be {}", alive, expected));
    }
    ++share.drops;
  }

  // Puts `count` links before `tail`; fewer once time is up. More than kLinksPerPoll are
  // several operations.
  [[nodiscard]] Ref<Link> grow(Worker& worker,
                               Ref<Link> tail,
                               std::uint64_t count,
                               std::atomic<std::int64_t>* alive) {
    for (std::uint64_t i = 1; i <= count; ++i) {
      tail = new_link(worker, std::move(tail), alive);
      if (i % kLinksPerPoll != 0) continue;
      worker.did();
      if (!worker.keep_going()) break;
    }
    return tail;
  }

  [[nodiscard]] Ref<Link> new_link(Worker& worker,
                                   Ref<Link> next,
                                   std::atomic<std::int64_t>* alive) {
    Share& share = shares_[worker.index()];
    // relaxed: as in ~Link(); long chains are counted by may_be_long()
    if (alive == &share.alive) alive->fetch_add(1, std::memory_order_relaxed);
    const std::uint64_t id = identity(worker.index(), ++share.made);
    return must(make<Link>(census_, id, std::move(next), alive));
  }

  void look_along(Share& share, const Ref<Link>& head) {
    Ref<Link> link = head;
    for (int i = 0; link && i < kLookedAt; ++i) {
      ++share.met;
      link = follow(*link);
    }
  }

  // The next link, after a look at both.
  [[nodiscard]] Ref<Link> follow(const Link& link) {
    Ref<Link> next = link.next.load();
    if (!link.sound()) {
      violations_.add(link.describe());
    } else if (Link::depth_of(next) + 1 != link.stamp() ||
               (next ? next->id() : 0) != link.key()) {
      violations_.add(fmt::format("{} was followed by {}", link.describe(),
                                  next ? next->describe() : "nothing"));
    }
    return next;
  }

  void add_chain(Link& head,
                 Census::Living& living,
                 std::unordered_set<const Object*>& seen) {
    for (Ref<Link> link = Ref<Link>::share(&head);
         link && seen.insert(link.get()).second;) {
      living.add(*link);
      link = follow(*link);
    }
  }

  template <class Use>
  void for_each_head(Use&& use) const {
    shares_.for_each([&](const Share& share) {
      for (const Ref<Link>& head : share.heads) {
        if (head) use(*head);
      }
    });
    board_.for_each(use);
    long_board_.for_each(use);
  }

  std::uint64_t short_ = kShort;
  Census census_;
  PerWorker<Share> shares_;
  Board<Link> board_;
  Board<Link> long_board_;
  std::atomic<std::int64_t> long_alive_{0};
  Violations held_back_;
  Violations violations_;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_deep_chains() { return std::make_unique<DeepChains>(); }

}  // namespace threadmill
