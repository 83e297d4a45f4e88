// SPDX-License-Identifier: Apache-2.0
//
// resurrection: objects whose finalizers bring them back, taken up by other threads.
//
// Imitates   programs whose `__del__` stores the object somewhere: pools, undo lists.
// Draws      each operation makes a phoenix, which replaces one of the worker's 8, or (1 in
//            4) a ring of 2 to 5 that is dropped at once and left to the collector. Half
//            of the phoenixes, by their identity, put themselves on a board as they are
//            finalized. Every operation takes one phoenix from the board and drops it, and
//            (1 in 2) exchanges a weak reference with the board of weak references and
//            follows the one it got. About 1 operation in 64 collects.
// Checks     a phoenix on the board is sound, was finalized once, and its ring is whole; a
//            weak reference gives the sound object it was made for, or nothing; a
//            finalizer of a ring finds the ring whole and the next one's weak reference
//            dead; at the end everything that was born was finalized once and has died once.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "workloads/board.hpp"
#include "workloads/census.hpp"
#include "workloads/collections.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"
#include "workloads/tally.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kLive = 8;
constexpr std::uint64_t kLongestRing = 5;
constexpr std::uint64_t kOperationsPerCollection = 64;

struct Phoenix;

// What all phoenixes of a run share.
struct Flock {
  Census census;
  Tally born;
  Tally finalized;
  Board<Phoenix> board;
  Violations violations;
};

// key: the number of objects in its ring, 0 if it is in none; stamp: its place there.
struct Phoenix : Token {
  static constexpr const char* kTypeName = "phoenix";
  static void traverse(Phoenix& self, const FieldVisitor& visitor) {
    visitor(self.next);
    visitor(self.weak_next);
  }

  Phoenix(Flock& its_flock, std::uint64_t id, std::uint64_t ring, std::uint64_t place)
      : Token(its_flock.census, id, ring, place), flock(its_flock) {
    flock.born.note(id);
  }

  static void finalize(Phoenix& self) {
    self.flock.finalized.note(self.id());
    // relaxed: whoever finds the object elsewhere has got it by an ordered exchange
    if (self.finalizations.fetch_add(1, std::memory_order_relaxed) != 0) {
      self.complain("was finalized again:");
      return;  // or it would never die
    }
    if (!self.is_whole()) self.complain("was finalized, but not whole:");
    if (const Ref<WeakReference> weak = self.weak_next.load(); weak && weak->get())
      self.complain("sees the next one in the trash:");
    if (mix_seed(self.id(), 3) % 2 == 0) {
      const std::size_t cell = mix_seed(self.id(), 4) % self.flock.board.size();
      self.flock.board.swap(cell, Ref<Phoenix>::share(&self)).reset();
    }
  }

  // Sound, and so is its ring.
  [[nodiscard]] bool is_whole() const {
    if (!sound()) return false;
    if (key() == 0) return true;
    Ref<Phoenix> at = next.load();
    for (std::uint64_t step = 1; step < key(); ++step) {
      if (!at || !at->sound() || at->key() != key() ||
          at->stamp() != (stamp() + step) % key())
        return false;
      at = at->next.load();
    }
    return at.get() == this;
  }

  void complain(const char* what) const {
    flock.violations.add(fmt::format("a phoenix {} {}", what, describe()));
  }

  Flock& flock;
  std::atomic<std::uint32_t> finalizations{0};
  Field<Phoenix> next;
  Field<WeakReference> weak_next;
};

struct Share {
  std::array<Ref<Phoenix>, kLive> live;
  std::uint64_t made = 0;
  std::uint64_t looked_at = 0;
  std::uint64_t followed = 0;
  std::uint64_t dead = 0;  // of those followed
};

class Resurrection final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    collections_.prepare(runtime);
    shares_.resize(settings.threads);
    flock_.board.resize(std::size_t{4} * settings.threads);
    weak_board_.resize(std::size_t{2} * settings.threads);
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    while (worker.keep_going()) {
      if (random.below(4) == 0 && !collections_.is_overdue()) {
        make_ring(share, worker.index(), 2 + random.below(kLongestRing - 1));
      } else {
        Ref<Phoenix> made = new_phoenix(share, worker.index(), 0, 0);
        if (random.below(2) == 0) exchange_weak(share, made, random);
        share.live[random.below(kLive)] = std::move(made);
      }
      take_one(share, random);
      collections_.collect_now_and_then(random, kOperationsPerCollection);
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    let_go();
    std::uint64_t looked_at = 0;
    shares_.for_each(
        [&](const Share& share) { looked_at += share.looked_at + share.followed; });
    flock_.violations.report(checks, "what is resurrected is whole", looked_at);
    flock_.finalized.check(checks, "every finalizer runs exactly once", flock_.born);
    flock_.census.check(checks, {});
  }

  void roots(std::vector<Object*>& handles) const override {
    shares_.for_each([&](const Share& share) {
      for (const Ref<Phoenix>& phoenix : share.live) handles.push_back(phoenix.get());
    });
    flock_.board.for_each([&](Phoenix& phoenix) { handles.push_back(&phoenix); });
    weak_board_.for_each([&](WeakReference& weak) { handles.push_back(&weak); });
    handles.push_back(spoiler_.get());
  }

  void drop() override {
    spoiler_.reset();
    let_go();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    std::uint64_t looked_at = 0;
    std::uint64_t followed = 0;
    std::uint64_t dead = 0;
    shares_.for_each([&](const Share& share) {
      looked_at += share.looked_at;
      followed += share.followed;
      dead += share.dead;
    });
    return {{"resurrected objects taken up", std::to_string(looked_at)},
            {"weak references followed", fmt::format("{}, {} dead", followed, dead)}};
  }

  void spoil_for_test() override { spoiler_ = new_phoenix(shares_[0], 0, 0, 0); }

 private:
  [[nodiscard]] Ref<Phoenix> new_phoenix(Share& share,
                                         unsigned worker,
                                         std::uint64_t ring,
                                         std::uint64_t place) {
    return must(make<Phoenix>(flock_, identity(worker, share.made++), ring, place));
  }

  // Each also knows the next one weakly.
  void make_ring(Share& share, unsigned worker, std::uint64_t size) {
    collections_.made_garbage(size);
    const Ref<Phoenix> first = new_phoenix(share, worker, size, 0);
    Ref<Phoenix> last = first;
    for (std::uint64_t place = 1; place <= size; ++place) {
      Ref<Phoenix> next =
          place < size ? new_phoenix(share, worker, size, place) : first;
      last->next.store(next);
      last->weak_next.store(must(WeakReference::create(*next)));
      last = std::move(next);
    }
  }

  void take_one(Share& share, Random& random) {
    const Ref<Phoenix> taken = flock_.board.take(random.below(flock_.board.size()));
    if (!taken) return;
    ++share.looked_at;
    if (!taken->is_whole()) taken->complain("was resurrected, but not whole:");
    // relaxed: the exchange ordered it
    if (taken->finalizations.load(std::memory_order_relaxed) != 1)
      taken->complain("was finalized more than once:");
  }

  void exchange_weak(Share& share, const Ref<Phoenix>& made, Random& random) {
    const Ref<WeakReference> weak = weak_board_.swap(
        random.below(weak_board_.size()), must(WeakReference::create(*made)));
    if (!weak) return;
    ++share.followed;
    const Ref<Phoenix> found = cast<Phoenix>(weak->get());
    if (!found)
      ++share.dead;
    else if (!found->is_whole())
      found->complain("was found by a weak reference, but not whole:");
  }

  // What finalizers put on the board meanwhile is finalized already.
  void let_go() {
    shares_.for_each([](Share& share) { share.live = {}; });
    weak_board_.clear();
    for (int turn = 0; turn < 2; ++turn) {
      collections_.collect();
      flock_.board.clear();
    }
    collections_.collect();
  }

  Collections collections_;
  Flock flock_;
  PerWorker<Share> shares_;
  Board<WeakReference> weak_board_;
  Ref<Phoenix> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_resurrection() {
  return std::make_unique<Resurrection>();
}

}  // namespace threadmill
