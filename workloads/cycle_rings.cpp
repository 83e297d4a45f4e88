// SPDX-License-Identifier: Apache-2.0
//
// cycle-rings: threads build cycles, drop them, and collect, all at the same time.
//
// Imitates   programs whose objects refer to each other: rings of user-defined nodes, and
//            lists, dicts and tuples that contain each other.
// Draws      each operation builds a ring of 2 to 64 nodes, or (1 in 4) a tangle of
//            containers that is dropped at once. A ring replaces one of the worker's 8 live
//            rings, or (1 in 4) is swapped with one on a board, so that threads hold and
//            drop rings whose nodes others own. Every operation walks one live ring; about
//            1 operation in 64 collects, unless a worker is collecting already.
// Checks     a live ring is whole: every node sound, in its place, and linked to the next;
//            after a last collection exactly the nodes of live rings are alive, and all
//            others have died exactly once.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/board.hpp"
#include "workloads/census.hpp"
#include "workloads/collections.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kLiveRings = 8;
constexpr std::uint64_t kLongestRing = 64;
constexpr std::uint64_t kOperationsPerCollection = 64;

// key: the ring; stamp: place << 32 | size of the ring.
struct Link : Token {
  static constexpr const char* kTypeName = "link";
  static void traverse(Link& link, const FieldVisitor& visitor) {
    visitor(link.next);
    visitor(link.load);
  }

  using Token::Token;

  [[nodiscard]] std::uint64_t place() const { return stamp() >> 32; }
  [[nodiscard]] std::uint64_t ring_size() const { return stamp() & 0xffffffff; }

  Field<Link> next;
  Field<Object> load;  // some nodes carry a list that refers back to the node
};

struct Share {
  std::array<Ref<Link>, kLiveRings> live;
  std::uint64_t made = 0;
  std::uint64_t walked = 0;
};

class CycleRings final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    collections_.prepare(runtime);
    shares_.resize(settings.threads);
    board_.resize(std::size_t{settings.threads} + 3);
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    while (worker.keep_going()) {
      if (!collections_.is_overdue()) make_garbage(share, worker.index(), random);
      if (const Ref<Link> ring = share.live[random.below(kLiveRings)])
        walk(share, *ring);
      collections_.collect_now_and_then(random, kOperationsPerCollection);
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    collections_.collect();
    Census::Living living;
    std::uint64_t walked = 0;
    std::unordered_set<const Object*> seen;
    for_each_ring([&](const Link& ring) {
      if (!seen.insert(&ring).second) return;
      walk(shares_[0], ring);
      add_ring(ring, living, seen);
    });
    shares_.for_each([&](const Share& share) { walked += share.walked; });
    violations_.report(checks, "live rings stay whole", walked);
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    for_each_ring([&](Link& ring) { handles.push_back(&ring); });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    shares_.for_each([](Share& share) { share.live = {}; });
    board_.clear();
    spoiler_.reset();
    // the rings are garbage now, and nothing of a workload may be left alive
    collections_.collect();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    return collections_.facts();
  }

  void spoil_for_test() override { spoiler_ = build_ring(shares_[0], 0, 2); }

 private:
  void make_garbage(Share& share, unsigned worker, Random& random) {
    if (random.below(4) == 0)
      build_tangle(share, worker);
    else
      replace_ring(share, worker, random);
  }

  void replace_ring(Share& share, unsigned worker, Random& random) {
    const std::uint64_t size = 2 + random.below(kLongestRing - 1);
    Ref<Link> ring = build_ring(share, worker, size);
    collections_.made_garbage(size);  // or soon will have
    if (random.below(4) == 0) {
      ring = board_.swap(random.below(board_.size()), std::move(ring));
    }
    share.live[random.below(kLiveRings)] = std::move(ring);
  }

  // Any of its nodes is a handle on the whole ring.
  [[nodiscard]] Ref<Link> build_ring(Share& share,
                                     unsigned worker,
                                     std::uint64_t size) {
    const std::uint64_t ring = identity(worker, share.made);
    const Ref<Link> first = new_link(share, worker, ring, 0, size);
    Ref<Link> last = first;
    for (std::uint64_t place = 1; place < size; ++place) {
      Ref<Link> link = new_link(share, worker, ring, place, size);
      last->next.store(link);
      if (place % 8 == 0) {
        const Ref<List> load = must(make<List>());
        must(load->append(link));
        link->load.store(load);
      }
      last = std::move(link);
    }
    last->next.store(first);
    return last;
  }

  [[nodiscard]] Ref<Link> new_link(Share& share,
                                   unsigned worker,
                                   std::uint64_t ring,
                                   std::uint64_t place,
                                   std::uint64_t size) {
    const std::uint64_t id = identity(worker, share.made++);
    return must(make<Link>(census_, id, ring, place << 32 | size));
  }

  // Containers that contain each other, with tokens among them, and nothing outside.
  void build_tangle(Share& share, unsigned worker) {
    const auto new_token = [&] {
      const std::uint64_t id = identity(worker, share.made++);
      return must(make<Token>(census_, id, 0U, 0U));
    };
    collections_.made_garbage(6);
    const Ref<List> left = must(make<List>());
    const Ref<List> right = must(make<List>());
    const Ref<Dict> dict = must(make<Dict>());
    must(left->append(right));
    must(right->append(left));
    must(right->append(new_token()));
    must(dict->set(must(make<Str>("self")), dict));
    must(dict->set(must(make<Str>("left")), left));
    must(dict->set(must(make<Int>(1)), new_token()));
    const std::array<Ref<Object>, 3> members = {left, new_token(), dict};
    must(left->append(must(make<Tuple>(std::span<const Ref<Object>>(members)))));
  }

  void walk(Share& share, const Link& start) {
    const std::uint64_t size = start.ring_size();
    Ref<Link> link = start.next.load();
    for (std::uint64_t step = 1; step <= size; ++step) {
      ++share.walked;
      const std::uint64_t place = (start.place() + step) % size;
      if (!link || !link->sound() || link->key() != start.key() ||
          link->stamp() != (place << 32 | size)) {
        violations_.add(fmt::format("place {} of a ring of {} held {}", place, size,
                                    link ? link->describe() : "nothing"));
        return;
      }
      if (step < size) link = link->next.load();
    }
    if (link.get() != &start) violations_.add("a ring did not return to its start");
  }

  static void add_ring(const Link& start,
                       Census::Living& living,
                       std::unordered_set<const Object*>& seen) {
    living.add(start);
    for (Ref<Link> link = start.next.load(); link && seen.insert(link.get()).second;
         link = link->next.load()) {
      living.add(*link);
    }
  }

  template <class Use>
  void for_each_ring(Use&& use) const {
    shares_.for_each([&](const Share& share) {
      for (const Ref<Link>& ring : share.live) {
        if (ring) use(*ring);
      }
    });
    board_.for_each(use);
  }

  Census census_;
  Collections collections_;
  PerWorker<Share> shares_;
  Board<Link> board_;
  Violations violations_;
  Ref<Link> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_cycle_rings() { return std::make_unique<CycleRings>(); }

}  // namespace threadmill
